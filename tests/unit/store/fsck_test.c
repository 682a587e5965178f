/* SPDX-License-Identifier: ISC */
/*
 * fsck: whether it finds that the index and the files differ, or that a message is in the delivery
 * log and in no mailbox. The log is written here by hand, as a server would.
 */
#include "base/crc32c.h"
#include "store/door_key.h"
#include "store/fsck.h"
#include "store/mailbox_private.h"
#include "store/redo_record.h"
#include "store_fixture.h"

#define LOG_NUMBER UINT64_C(0x0123456789abcdef)
#define SEGMENT    "segment-0123456789abcdef-"

#define TOKEN "0123456789abcdef"

static struct buf segment;
static uint64_t sequence;

/* Appends a record of a message whose file is empty. */
static void record(const struct mailbox *mb, const struct mail *m, uint64_t serial, uint64_t oldest)
{
    const struct redo_place place = {LOG_NUMBER, serial, sequence++, oldest};
    /* cppcheck-suppress variableScope ; content points to names */
    char header[REDO_HEADER_BYTES], names[REDO_NAMES_BYTES];
    struct span content = SPAN("");

    if (m)
        content = span_of(names, redo_record_names(mailbox_who(mb), m, names));
    redo_record_header(&place, content.n, crc32c(0, content), header);
    buf_add(&segment, span_of(header, sizeof header));
    buf_add(&segment, content);
    while (segment.n % REDO_ALIGN)
        buf_add_char(&segment, '\0');
}

static void write_segment(const struct fixture *f, const char *name)
{
    char path[400];
    snprintf(path, sizeof path, "%s/log", f->path);
    int dir = os_file_open_dir(path);

    ok(dir >= 0 && os_file_replace(dir, name, buf_span(&segment)), "a log: %s is written", name);
    os_file_close(dir);
    buf_clear(&segment);
}

static void remove_segments(const struct fixture *f)
{
    int dir = os_file_open_dir(f->path);

    os_file_remove_tree(dir, "log");
    ok(os_file_make_dir(dir, "log"), "a log: it is empty");
    os_file_close(dir);
}

struct findings {
    int n;
    char mailbox[NAME_BYTES + 1], file[MESSAGE_FILE_NAME_BYTES], what[200];
};

static void keep_finding(void *ctx, const char *mailbox, const char *file, const char *what,
                         bool set_aside)
{
    struct findings *found = ctx;

    (void)set_aside;
    found->n++;
    snprintf(found->mailbox, sizeof found->mailbox, "%s", mailbox);
    snprintf(found->file, sizeof found->file, "%s", file ? file : "");
    snprintf(found->what, sizeof found->what, "%s", what);
}

/* Checks the log for one account, or for all. */
static struct findings check(struct store *s, const char *name)
{
    struct findings found = {.n = 0};
    struct fsck fsck = {.store = s, .finding = keep_finding, .ctx = &found};
    char account[NAME_BYTES + 1], *names[] = {account};

    if (name)
        snprintf(account, sizeof account, "%s", name);
    fsck_log(&fsck, names, name ? 1 : 0);
    is_int(fsck.findings, found.n, "fsck_log: the findings are counted");
    return found;
}

/* The same for the mailbox of ann. */
static struct findings check_ann(struct store *s)
{
    struct findings found = {.n = 0};
    struct fsck fsck = {.store = s, .finding = keep_finding, .ctx = &found};

    is_int(fsck_mailbox(&fsck, "ann"), ST_OK, "fsck_mailbox: the mailbox can be checked");
    return found;
}

static struct mail message(uint32_t id, const char *token)
{
    struct mail m = {.id = id, .state = MAIL_UNREAD, .time = 1};

    strcpy(m.from, "bob");
    strcpy(m.token, token);
    return m;
}

static void test_index(struct fixture *f, struct store *s, struct mailbox *mb)
{
    int dir = fixture_directory(f, "ann");
    struct mail added = message(20, "");
    struct findings found;
    char name[MESSAGE_FILE_NAME_BYTES];

    added.state = MAIL_EXPUNGED;
    message_file_name(&added, name);
    is_int(check_ann(s).n, 0, "index: it equals the files");
    ok(os_file_replace(dir, name, SPAN("")), "index: a file is added behind its back");
    found = check_ann(s);
    is_int(found.n, 1, "index: that is found");
    is_str(found.what, "the index does not match", "index: ... as what it is");
    is_str(found.file, name, "index: ... with its name");
    atomic_store(&mb->doubtful, true);
    is_int(check_ann(s).n, 0, "index: it is read again");
    ok(os_file_remove(dir, name), "index: the file is removed behind its back");
    is_str(check_ann(s).file, name, "index: that is found, too");
    os_file_close(dir);
    atomic_store(&mb->doubtful, true);
}

/* A delivery whose file has no name yet is in the index already. */
static void test_pending(struct store *s, struct mailbox *mb)
{
    struct mail pending = message(21, "");

    pending.state = MAIL_PENDING;
    is_int(mailbox_lock(mb), ST_OK, "pending: the mailbox is locked");
    ok(index_add(mb->index, &pending), "pending: a message without a file");
    mailbox_unlock(mb);
    is_int(check_ann(s).n, 0, "pending: it is no finding");
    atomic_store(&mb->doubtful, true);
}

static void test_missing(struct fixture *f, struct store *s, struct mailbox *mb)
{
    struct mail there, gone = message(7, "");
    struct findings found;

    is_int(check(s, NULL).n, 0, "missing: there is no log");
    delivery_put(mb, "bob", SPAN("x"), SPAN(TOKEN), &there, NULL);
    record(mb, &there, 5, 5);
    write_segment(f, SEGMENT "0");
    is_int(check(s, NULL).n, 0, "missing: a message that is there is no finding");
    record(mb, &gone, 6, 5);
    write_segment(f, SEGMENT "1");
    found = check(s, NULL);
    is_int(found.n, 1, "missing: one that is nowhere is a finding");
    is_str(found.mailbox, "ann", "missing: ... of its mailbox");
    is_str(found.file, "0000000007-u,t=1,s=0,e=0,l=0+0,f=bob", "missing: ... with its file's name");
    ok(strstr(found.what, "the mailbox lacks it"), "missing: ... which says \"%s\"", found.what);
    is_int(check(s, "Ann").n, 1, "missing: it is found if its account is asked for");
    is_int(check(s, "bob").n, 0, "missing: it is not if another one is");
    remove_segments(f);
}

static void test_no_longer_needed(struct fixture *f, struct store *s, struct mailbox *mb)
{
    struct mail gone = message(7, ""), repeat = message(8, TOKEN);
    struct mailbox other = *mb;

    record(mb, &gone, 6, 5);
    write_segment(f, SEGMENT "0");
    record(mb, NULL, 8, 7);
    write_segment(f, SEGMENT "1");
    is_int(check(s, NULL).n, 0, "not needed: a checkpoint came after the message");
    record(mb, &gone, 7, 7);
    write_segment(f, SEGMENT "0");
    is_int(check(s, NULL).n, 1, "not needed: control: it came before");
    record(mb, &repeat, 7, 7);
    write_segment(f, SEGMENT "0");
    is_int(check(s, NULL).n, 0, "not needed: its sender and token are there under another id");
    strcpy(other.who.generation, "fedcba9876543210");
    record(&other, &gone, 7, 7);
    write_segment(f, SEGMENT "0");
    is_int(check(s, NULL).n, 0, "not needed: its account is gone, and another has its name");
    remove_segments(f);
}

static void test_tombstone(struct fixture *f, struct store *s, struct mailbox *mb)
{
    int dir = fixture_directory(f, "ann");
    struct mail purged = message(9, "");
    char name[MESSAGE_FILE_NAME_BYTES];

    record(mb, &purged, 7, 7);
    write_segment(f, SEGMENT "0");
    is_int(check(s, NULL).n, 1, "tombstone: control: there is none");
    purged.state = MAIL_EXPUNGED;
    message_file_name(&purged, name);
    ok(os_file_replace(dir, name, SPAN("")), "tombstone: there is one");
    atomic_store(&mb->doubtful, true);
    is_int(check(s, NULL).n, 0, "tombstone: a message that was purged is not missing");
    os_file_close(dir);
    remove_segments(f);
}

/* A tool that has read the mailbox does not know of a name that a server gave since then. */
static void test_named_meanwhile(struct fixture *f, struct store *s)
{
    struct store *tool = fixture_open(f, false);
    struct mailbox *mb = fixture_mailbox(tool, "ann");
    struct mail late = message(10, "");
    int dir = fixture_directory(f, "ann");
    char name[MESSAGE_FILE_NAME_BYTES];

    (void)s;
    is_int(check(tool, NULL).n, 0, "named meanwhile: the tool has read the mailbox");
    message_file_name(&late, name);
    ok(os_file_replace(dir, name, SPAN("")), "named meanwhile: a file gets its name");
    record(mb, &late, 7, 7);
    write_segment(f, SEGMENT "0");
    is_int(check(tool, NULL).n, 0, "named meanwhile: the tool looks again");
    ok(os_file_remove(dir, name), "named meanwhile: the file is removed");
    atomic_store(&mb->doubtful, true);
    is_int(check(tool, NULL).n, 1, "named meanwhile: control: then it is a finding");
    remove_segments(f);
    os_file_close(dir);
    mailbox_close(mb);
    store_close(tool);
}

static void test_old(struct fixture *f, struct store *s, struct mailbox *mb)
{
    struct mail gone = message(11, "");
    struct findings found;

    record(mb, &gone, 7, 7);
    write_segment(f, "old-" SEGMENT "0");
    write_segment(f, "old-" SEGMENT "1");
    found = check(s, "bob");
    is_int(found.n, 1, "old: segments that are left are one finding, whoever is asked for");
    is_str(found.mailbox, "log", "old: ... of the log");
    ok(strncmp(found.file, "old-" SEGMENT, strlen("old-" SEGMENT)) == 0, "old: ... such as %s",
       found.file);
    ok(strstr(found.what, "recovery could not finish"), "old: ... which says \"%s\"", found.what);
    remove_segments(f);
}

/* What cannot be read is told, and does not keep fsck from the rest. */
static void test_unreadable(struct fixture *f, struct store *s)
{
    struct fsck fsck = {.store = s, .finding = keep_finding};
    struct findings found = {.n = 0};
    int dir = os_file_open_dir(f->path);

    fsck.ctx = &found;
    ok(os_file_make_dir(dir, "log/" SEGMENT "0"),
       "unreadable: a directory is in a segment's place");
    ok(fsck_all(&fsck), "unreadable: fsck goes on");
    is_int(fsck.mailboxes, 1, "unreadable: ... to the mailboxes");
    is_int(found.n, 1, "unreadable: there is one finding");
    is_str(found.mailbox, "log", "unreadable: ... of the log");
    is_str(found.what, "it cannot be read: Is a directory", "unreadable: ... which says why");
    os_file_close(dir);
    remove_segments(f);
}

static void test_doors(struct store *s)
{
    struct findings found = {.n = 0};
    struct fsck fsck = {.store = s, .finding = keep_finding, .ctx = &found};
    struct door_key *k;

    is_int(door_key_open(s, "ship.example", &k), ST_OK, "doors: there is a key");
    door_key_free(k);
    ok(fsck_all(&fsck) && found.n == 0, "doors: it is sound");
    os_file_replace(s->dir, LAYOUT_DOORS, SPAN("pochta-doors 1\n"));
    ok(fsck_all(&fsck) && found.n == 1 && fsck.findings == 1, "doors: a damaged key is a finding");
    is_str(found.mailbox, "doors", "doors: ... of its file");
    is_str(found.what, "it is damaged; copy it from a backup", "doors: ... which says so");
    os_file_remove(s->dir, LAYOUT_DOORS);
}

int main(void)
{
    struct fixture f;

    buf_init(&segment, 65536);
    fixture_begin(&f);
    struct store *s = fixture_open(&f, true);
    struct mailbox *mb = fixture_account(s, "ann");
    test_index(&f, s, mb);
    test_pending(s, mb);
    test_missing(&f, s, mb);
    test_no_longer_needed(&f, s, mb);
    test_tombstone(&f, s, mb);
    test_named_meanwhile(&f, s);
    test_old(&f, s, mb);
    test_unreadable(&f, s);
    test_doors(s);
    mailbox_close(mb);
    store_close(s);
    is_int(f.troubles, 0, "no trouble was reported%s%s", f.troubles ? ": " : "", f.last);
    buf_free(&segment);
    fixture_end(&f);
    return done_testing();
}
