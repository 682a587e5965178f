/* SPDX-License-Identifier: ISC */
/*
 * A copy of an account beside each state of an earlier copy, while its messages change, and where
 * one cannot be read or written. backup_test.c and backup_finding_test.c have the rest.
 */
#include "store_faults.h"

#include "backup_fixture.h"

static char name[MESSAGE_FILE_NAME_BYTES];

/* Changes the state of a message's file, in an account's directory or in a copy of it. */
static void rename_to(int dir, const char *start, enum mail_state state)
{
    char other[MESSAGE_FILE_NAME_BYTES];
    struct mail m;

    if (!fixture_file(dir, start, name) || !message_file_parse_name(name, &m))
        exit(1);
    if (m.state == state)
        return;
    m.state = state;
    message_file_name(&m, other);
    if (!os_file_rename_new(dir, name, dir, other))
        exit(1);
    if (state == MAIL_EXPUNGED)
        os_file_truncate(dir, other);
}

/* Replaces the content of the first message. */
static void damage_first(int dir)
{
    if (!fixture_file(dir, "0000000001-", name) || !os_file_remove(dir, name) ||
        !os_file_make(dir, name, SPAN("damage")))
        exit(1);
}

static void remove_first(void)
{
    if (!fixture_file(ann_dir, "0000000001-", name))
        exit(1);
    os_file_remove(ann_dir, name);
}

static void expunge_first(void)
{
    rename_to(ann_dir, "0000000001-", MAIL_EXPUNGED);
}

/* --- a copy --- */

static struct account_copy copy;
static struct account_copy_told told;

static int make_dir(const char *of)
{
    if (!os_file_make_dir(place, of))
        exit(1);
    return os_file_open_subdir(place, of);
}

static enum status copy_into(int to, int earlier)
{
    findings[0] = '\0';
    told = (struct account_copy_told){.finding = backup_note};
    enum status st = account_copy_begin(&copy, s, "ann");
    if (st == ST_OK)
        st = account_copy_into(&copy, to, "copies", earlier, &told);
    account_copy_end(&copy);
    return st;
}

/* The state and the first byte of ann's first message in a copy, such as "uP", or "". */
static const char *first_in(int dir)
{
    static char what[3];
    struct buf text;

    what[0] = '\0';
    if (!fixture_file(dir, "0000000001-", name))
        return what;
    buf_init(&text, 10000);
    os_file_load(dir, name, &text);
    snprintf(what, sizeof what, "%c%c", name[strlen("0000000001-")], text.n > 0 ? text.p[0] : '-');
    buf_free(&text);
    return what;
}

/* --- an earlier copy --- */

/* A whole file begins with P, and one that was set aside with d. */
static void test_earlier(void)
{
    static const struct {
        enum mail_state earlier, now;
        const char *copy; /* see first_in */
        int copied, linked;
    } rows[] = {
        {MAIL_UNREAD, MAIL_UNREAD, "uP", 0, 1},
        {MAIL_UNREAD, MAIL_NORMAL, "nP", 0, 1},
        {MAIL_UNREAD, MAIL_EXPUNGED, "x-", 0, 0},
        {MAIL_UNREAD, MAIL_BROKEN, "uP", 0, 1}, /* has been damaged since */
        {MAIL_BROKEN, MAIL_BROKEN, "bd", 0, 1},
        {MAIL_BROKEN, MAIL_UNREAD, "uP", 1, 0},   /* was brought back since */
        {MAIL_EXPUNGED, MAIL_UNREAD, "uP", 1, 0}, /* the same */
        {MAIL_EXPUNGED, MAIL_EXPUNGED, "x-", 0, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        backup_begin();
        int earlier = make_dir("earlier"), later = make_dir("later");
        copy_into(earlier, -1);
        rename_to(earlier, "0000000001-", rows[i].earlier);
        if (rows[i].earlier == MAIL_BROKEN)
            damage_first(earlier);
        rename_to(ann_dir, "0000000001-", rows[i].now);
        if (rows[i].now == MAIL_BROKEN)
            damage_first(ann_dir);
        atomic_store(&mb->doubtful, true);
        is_int(copy_into(later, earlier), ST_OK, "%c in an earlier copy, and %c now",
               rows[i].earlier, rows[i].now);
        is_str(first_in(later), rows[i].copy, "... the new copy has it like this");
        ok(told.copied == (uint64_t)rows[i].copied && told.linked == (uint64_t)rows[i].linked + 2,
           "... %d copied, %d linked", rows[i].copied, rows[i].linked);
        is_str(findings, "", "... which is no finding");
        os_file_close(earlier);
        os_file_close(later);
        backup_end();
    }
}

/* --- what happens to a message meanwhile --- */

static void test_gone(void)
{
    backup_begin();
    int to = make_dir("copy");
    faults_meanwhile("os_file_open", "0000000001-u", 1, remove_first, 0);
    is_int(copy_into(to, -1), ST_OK, "gone: a file that somebody removes");
    ok(faults_happened() && strstr(findings, "it is gone"), "gone: ... it is reported");
    is_str(first_in(to), "", "gone: ... the copy does not have it");
    is_int((int)told.copied, 2, "gone: ... it has the others");
    os_file_close(to);
    backup_end();
}

static void test_no_tombstone(void)
{
    backup_begin();
    int to = make_dir("copy");
    expunge_first();
    atomic_store(&mb->doubtful, true);
    faults_meanwhile("os_file_create", "0000000001-x", 1, NULL, ENOSPC);
    is_int(copy_into(to, -1), ST_DISK_FULL, "tombstone: there is no room for it");
    ok(faults_happened() && strstr(f.last, "cannot write copies/0000000001-x"),
       "tombstone: ... it is reported: %s", f.last);
    os_file_close(to);
    backup_end();

    backup_begin();
    to = make_dir("copy");
    faults_meanwhile("os_file_open", "0000000001-u", 1, expunge_first, 0);
    is_int(copy_into(to, -1), ST_OK, "tombstone: purged meanwhile");
    is_str(first_in(to), "x-", "tombstone: ... the copy has a tombstone");
    os_file_close(to);
    backup_end();
}

/* The file has another name, and the mailbox is read again to find it. */
static int failing_error;

static void fail_later(void)
{
    rename_to(ann_dir, "0000000001-", MAIL_NORMAL);
    atomic_store(&mb->doubtful, true);
    faults_meanwhile("os_file_each", NULL, 1, NULL, failing_error);
}

static void test_no_lock(void)
{
    static const struct {
        int error;
        enum status st;
        bool unreadable; /* not for a shortage, which does not make the mailbox unreadable */
    } rows[] = {
        {EIO, ST_IO, true},
        {ENOMEM, ST_NO_MEMORY, false},
        {EMFILE, ST_NO_FILES, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        backup_begin();
        int to = make_dir("copy");
        failing_error = rows[i].error;
        faults_meanwhile("os_file_open", "0000000001-u", 1, fail_later, 0);
        is_int(copy_into(to, -1), rows[i].st, "no lock: reading the mailbox fails with %d",
               rows[i].error);
        ok(faults_happened(), "no lock: ... the fault happens");
        ok(copy.unreadable == rows[i].unreadable, "no lock: ... the mailbox %s to blame",
           rows[i].unreadable ? "is" : "is not");
        os_file_close(to);
        backup_end();
    }
}

/* --- damage --- */

static int64_t slept_ms(void)
{
    return atomic_load(&faults_slept_ms);
}

static void test_damaged(void)
{
    backup_begin();
    int to = make_dir("copy"), other = make_dir("other");
    s->second_look_ms = 1000;
    damage_first(ann_dir);
    int64_t before = slept_ms();
    is_int(copy_into(to, -1), ST_OK, "damaged: a copy");
    ok(strstr(findings, "/0000000001-u") && strstr(findings, "copied as damaged: it has no valid"),
       "damaged: ... it is reported");
    is_str(first_in(to), "bd", "damaged: ... it is set aside");
    is_int(slept_ms() - before, 1000, "damaged: ... after a second look");

    rename_to(ann_dir, "0000000001-", MAIL_BROKEN);
    atomic_store(&mb->doubtful, true);
    before = slept_ms();
    is_int(copy_into(other, -1), ST_OK, "damaged: set aside before: a copy");
    is_str(findings, "", "damaged: ... nothing is reported");
    is_str(first_in(other), "bd", "damaged: ... it is copied as it is");
    is_int(slept_ms() - before, 0, "damaged: ... without a pause");
    is_int((int)told.copied, 2, "damaged: ... the others are whole");
    os_file_close(other);
    os_file_close(to);
    backup_end();
}

static void test_not_set_aside(void)
{
    backup_begin();
    int to = make_dir("copy");
    damage_first(ann_dir);
    faults_meanwhile("os_file_rename_new", "0000000001-u", 1, NULL, ENOSPC);
    is_int(copy_into(to, -1), ST_DISK_FULL, "not set aside: the disk is full");
    ok(faults_happened() && strstr(f.last, "cannot write copies/0000000001-b"),
       "not set aside: ... it is reported: %s", f.last);
    is_str(findings, "", "not set aside: ... nothing says that it was set aside");
    os_file_close(to);
    backup_end();
}

int main(void)
{
    setenv("TMPDIR", "/dev/shm", 1);
    test_earlier();
    test_gone();
    test_no_tombstone();
    test_no_lock();
    test_damaged();
    test_not_set_aside();
    return done_testing();
}
