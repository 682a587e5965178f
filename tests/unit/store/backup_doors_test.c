/* SPDX-License-Identifier: ISC */
/* The key and the domains of a store's doors in backups, and how a store gets them back. */
#include "store_faults.h"

#include "backup_fixture.h"
#include "store/door_file.h"
#include "store/door_key.h"

static struct fixture g;
static struct store *to; /* a second store */

static void open_doors(struct store *at, const char *domain)
{
    struct door_key *k;
    is_int(door_key_open(at, domain, &k), ST_OK, "a server with the domain %s", domain);
    door_key_free(k);
}

/* The text of a file in an open directory; "" if there is none. */
static const char *load(int dir, const char *name)
{
    static char texts[4][2000];
    static unsigned n;
    char *text = texts[n++ % 4];
    struct buf file;
    buf_init(&file, sizeof texts[0] - 1);
    text[0] = '\0';
    if (os_file_load(dir, name, &file))
        snprintf(text, sizeof texts[0], "%.*s", SPAN_PRINTF(buf_span(&file)));
    buf_free(&file);
    return text;
}

/* What a backup has. */
static const char *in_backup(const struct backup *b)
{
    char name[100];
    snprintf(name, sizeof name, "%s.doors", b->date);
    return load(place, name);
}

static const char *in_store(const struct store *at)
{
    return load(at->dir, LAYOUT_DOORS);
}

static bool count_doors(void *ctx, const char *name)
{
    int *n = ctx;
    *n += span_ends(span_str(name), SPAN(".doors"));
    return true;
}

static int all_doors(void)
{
    int n = 0;
    os_file_each(place, count_doors, &n);
    return n;
}

static void expect_finding(const char *what, const char *text)
{
    ok(strstr(findings, what), "%s: it says \"%s\"", text, what);
    if (!strstr(findings, what))
        diag("%s", findings);
}

static void note_finding(void *ctx, const char *mailbox, const char *file, const char *what,
                         bool set_aside)
{
    (void)set_aside;
    backup_note(ctx, mailbox, file, what);
}

/* --- backups --- */

static void test_backups(void)
{
    struct backup none, first, second, third;
    char text[2000];
    backup_begin();
    is_int(backup_make(&none), ST_OK, "backups: a store without doors");
    is_int(all_doors(), 0, "... has none in its backup");
    open_doors(s, "ship.example");
    is_int(backup_make(&first), ST_OK, "backups: a store with doors");
    ok(*in_store(s) && strcmp(in_backup(&first), in_store(s)) == 0, "... has them in its backup");
    open_doors(s, "port.example");
    is_int(backup_make(&second), ST_OK, "backups: another domain");
    ok(strstr(in_backup(&second), "port.example"), "... is in the next backup");
    ok(!strstr(in_backup(&first), "port.example"), "... and not in the one before");
    snprintf(text, sizeof text, "%s", in_backup(&second));
    os_file_replace(s->dir, LAYOUT_DOORS, SPAN("pochta-doors 1\n"));
    is_int(backup_make(&third), ST_OK, "backups: the file is damaged");
    expect_finding("doors/: it cannot be read, or is damaged, and stays as it was", "damaged");
    is_str(in_backup(&third), text, "... so the backup has what the earlier one has");
    os_file_remove(s->dir, LAYOUT_DOORS);
    is_int(backup_make(&third), ST_OK, "backups: the file is missing");
    is_str(in_backup(&third), text, "... and the backup has what the earlier one has");
    is_str(findings, "", "... which is no finding");
    is_int(all_doors(), 4, "backups: each has its own");
    is_int(backup_keep(&third, 1), ST_OK, "backups: all but the last are removed");
    is_int(all_doors(), 1, "... with their doors");
    is_str(in_backup(&third), text, "... and the last one stays");
    backup_end();
}

static void test_first_damaged(void)
{
    struct backup b;
    backup_begin();
    os_file_replace(s->dir, LAYOUT_DOORS, SPAN("pochta-doors 1\n"));
    is_int(backup_make(&b), ST_OK, "damaged before the first backup");
    expect_finding("doors/: it cannot be read, or is damaged, and is not in this backup", "first");
    is_int(all_doors(), 0, "... which has none");
    backup_end();
}

/* A run that was cut short leaves nothing once another is complete. */
static void test_cut_short(void)
{
    struct backup b;
    backup_begin();
    open_doors(s, "ship.example");
    faults_meanwhile("os_file_rename_new", "2", 1, NULL, EIO);
    is_int(backup_make(&b), ST_IO, "cut short: the list does not get its name");
    ok(faults_happened() && all_doors() == 1, "... after the doors are there");
    is_int(backup_make(&b), ST_OK, "cut short: the next run");
    is_int(all_doors(), 1, "... removes those of the one that was cut short");
    ok(*in_backup(&b), "... and has its own");
    faults_meanwhile("os_file_replace", "2", 1, NULL, ENOSPC);
    is_int(backup_make(&b), ST_DISK_FULL, "cut short: there is no room for the doors");
    ok(faults_happened() && all_doors() == 1, "... so the backup is not complete");
    backup_end();
}

/* What fails for lack of files, or of memory, may be sound: no earlier copy stands in for it. */
static void test_shortage(void)
{
    struct backup first, b;
    char name[100];
    backup_begin();
    open_doors(s, "ship.example");
    is_int(backup_make(&first), ST_OK, "shortage: a backup");
    faults_meanwhile("os_file_load", LAYOUT_DOORS, 1, NULL, EMFILE);
    is_int(backup_make(&b), ST_NO_FILES, "shortage: the doors of the store cannot be opened");
    ok(faults_happened() && all_doors() == 1, "... so there is no other backup");
    os_file_replace(s->dir, LAYOUT_DOORS, SPAN("pochta-doors 1\n"));
    snprintf(name, sizeof name, "%s.doors", first.date);
    faults_meanwhile("os_file_load", name, 1, NULL, ENOMEM);
    is_int(backup_make(&b), ST_NO_MEMORY, "shortage: those of the earlier backup, neither");
    ok(faults_happened() && all_doors() == 1, "... so there is no other backup");
    is_str(findings, "", "... and nothing is said to be damaged");
    backup_end();
}

/* The doors of a complete backup are durable before its list has its name. */
static int there;

static void look_at_rename(void)
{
    there = all_doors();
}

static void test_order(void)
{
    struct backup b;
    backup_begin();
    open_doors(s, "ship.example");
    faults_meanwhile("os_file_rename_new", "2", 1, look_at_rename, 0);
    is_int(backup_make(&b), ST_OK, "order: a backup");
    ok(faults_happened() && there == 1, "... whose list gets its name after its doors");
    backup_end();
}

/* --- restores --- */

static void begin_restores(void)
{
    struct backup b;
    backup_begin();
    open_doors(s, "ship.example");
    is_int(backup_make(&b), ST_OK, "restore: a backup");
    fixture_begin(&g);
    to = fixture_open(&g, true);
}

static void end_restores(void)
{
    store_close(to);
    fixture_end(&g);
    backup_end();
}

static void bring_back(enum status want, const char *name)
{
    struct restore r = backup_restore(to, NULL);
    is_int(restore_all(&r), want, "restore: %s", name);
}

static void test_new_store(void)
{
    begin_restores();
    bring_back(ST_OK, "into a new store");
    is_str(in_store(to), in_store(s), "... which has the same key then");
    is_str(findings, "", "... which is no finding");
    end_restores();
    begin_restores();
    open_doors(to, "ship.example");
    ok(strcmp(in_store(to), in_store(s)) != 0, "a new server makes a key of its own");
    bring_back(ST_OK, "into a store without accounts");
    is_str(in_store(to), in_store(s), "... which has the key of the backup then");
    expect_finding("doors/: it was restored; restart the server, which still uses", "restart");
    bring_back(ST_OK, "once more");
    is_str(findings, "", "... finds nothing to do");
    end_restores();
    begin_restores();
    open_doors(to, "ship.example");
    store_close(to);
    to = fixture_open(&g, false);
    bring_back(ST_OK, "while no server runs");
    is_str(in_store(to), in_store(s), "... which has the key of the backup then");
    is_str(findings, "", "... and no server has to be restarted");
    end_restores();
}

static void test_other_store(void)
{
    char text[2000];
    begin_restores();
    account_register(to, "carl", "hash");
    open_doors(to, "port.example");
    snprintf(text, sizeof text, "%s", in_store(to));
    bring_back(ST_OK, "into a store with accounts and another key");
    is_str(in_store(to), text, "... which keeps its key");
    expect_finding("doors/: that of the store is damaged, or has another key, and is kept",
                   "other");
    end_restores();
    begin_restores();
    account_register(to, "carl", "hash");
    bring_back(ST_OK, "into a store with accounts and without doors");
    is_str(in_store(to), in_store(s), "... which has the key of the backup then");
    end_restores();
    begin_restores();
    struct restore r = backup_restore(to, NULL);
    is_int(restore_account(&r, "ann"), ST_OK, "restore: an account alone");
    is_str(in_store(to), "", "... does not bring doors with it");
    is_str(findings, "", "... which is no finding");
    end_restores();
}

/* Backups of before there were doors, and damaged ones. */
static void test_without(void)
{
    struct backup b;
    char name[100];
    begin_restores();
    backup_make(&b);
    snprintf(name, sizeof name, "%s.doors", b.date);
    os_file_replace(place, name, SPAN("pochta-doors 1\n"));
    bring_back(ST_OK, "the doors of the backup are damaged");
    expect_finding("doors/: it cannot be read, or is damaged, in the backup", "damaged");
    is_str(in_store(to), "", "... and are not restored");
    os_file_remove(place, name);
    os_file_make_dir(place, name);
    bring_back(ST_OK, "they cannot be read");
    expect_finding("doors/: it cannot be read, or is damaged, in the backup", "unread");
    os_file_remove_dir(place, name);
    bring_back(ST_OK, "the backup has none");
    is_str(findings, "", "... which is no finding");
    is_str(in_store(to), "", "... and the store has none");
    end_restores();
}

/* What cannot be read, rather than damaged, is also a finding. */
static void test_unreadable(void)
{
    struct fsck fsck = {.finding = note_finding};
    backup_begin();
    os_file_make_dir(s->dir, LAYOUT_DOORS);
    fsck.store = s;
    findings[0] = '\0';
    ok(fsck_all(&fsck) && fsck.findings == 1, "fsck: a directory in place of the file");
    expect_finding("doors/: it cannot be read", "fsck");
    backup_end();
}

int main(void)
{
    test_backups();
    test_first_damaged();
    test_cut_short();
    test_shortage();
    test_order();
    test_new_store();
    test_other_store();
    test_without();
    test_unreadable();
    return done_testing();
}
