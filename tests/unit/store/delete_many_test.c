/* SPDX-License-Identifier: ISC */
/*
 * Many messages are deleted by one call: each has an outcome of its own, and a failure leaves no
 * outcome that is not true. slow_sync_test.c counts the syncs.
 */
#include "store_faults.h"

#include "store/housekeeper.h"
#include "store/mailbox_private.h"
#include "store_fixture.h"

#define MANY 600 /* so many that the lock is given back in between */

static struct fixture f;
static struct store *s;
static struct mailbox *mb;
static enum status outcomes[MANY];
static uint32_t ids[MANY];

static void begin(uint64_t trash_s, size_t messages)
{
    fixture_begin_in(&f, "/dev/shm");
    s = fixture_open(&f, true);
    s->limits.trash_s = trash_s;
    mb = fixture_account(s, "ann");
    for (uint32_t i = 0; i < MANY; i++)
        ids[i] = i + 1;
    for (size_t i = 0; i < messages; i++)
        if (fixture_deliver(mb, "bob", "text") != i + 1)
            exit(1);
}

static void end(void)
{
    mailbox_close(mb);
    store_close(s);
    fixture_end(&f);
}

static struct index_totals totals(void)
{
    struct index_totals t = {.messages = 0};
    struct mailbox_quota quota;

    is_int(mailbox_totals(mb, &t, &quota), ST_OK, "totals");
    return t;
}

static bool has(const char *start)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    int dir = fixture_directory(&f, "ann");
    bool there = fixture_file(dir, start, name);

    os_file_close(dir);
    return there;
}

static void remove_file(const char *start)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    int dir = fixture_directory(&f, "ann");

    if (!fixture_file(dir, start, name) || !os_file_remove(dir, name))
        exit(1);
    os_file_close(dir);
}

/* How many of the outcomes from one up to another are this one. */
static size_t count(size_t from, size_t to, enum status st)
{
    size_t n = 0;

    for (size_t i = from; i < to; i++)
        n += outcomes[i] == st;
    return n;
}

static void test_outcomes(void)
{
    static const uint32_t asked[] = {1, 2, 3, 9, 1, 4, 6, UINT32_MAX, 0};
    static const enum status want[] = {ST_OK,         ST_NO_MESSAGE, ST_NO_MESSAGE,
                                       ST_NO_MESSAGE, ST_NO_MESSAGE, ST_OK,
                                       ST_OK,         ST_NO_MESSAGE, ST_NO_MESSAGE};

    begin(86400, 6);
    is_int(messages_delete_many(mb, NULL, 0, NULL), 0, "outcomes: of no messages none is deleted");
    is_int(messages_delete(mb, 2), ST_OK, "outcomes: one was deleted before");
    remove_file("0000000003-");
    is_int(messages_mark(mb, 4, MAIL_NORMAL), ST_OK, "outcomes: one was read");
    mailbox_hide(mb, 6, true);
    is_int(messages_delete_many(mb, asked, 9, outcomes), 3, "outcomes: three are deleted");
    for (size_t i = 0; i < 9; i++)
        is_int(outcomes[i], want[i], "outcomes: %zu, of message %u", i, (unsigned)asked[i]);
    is_int(totals().messages, 1, "outcomes: one message is left");
    is_int(totals().deleted, 4, "outcomes: the others are in the trash");
    is_int(messages_restore(mb, 1), ST_OK, "outcomes: one is restored");
    is_int(fixture_text(mb, 1, "text"), ST_OK, "outcomes: ... whole");
    end();
}

/* The account goes between two times that the lock is held. */
static void lose_account(void)
{
    atomic_store(&mb->dead, true);
}

static void test_many(void)
{
    begin(86400, MANY);
    is_int(messages_delete_many(mb, ids, MANY, outcomes), MANY, "many: all are deleted");
    is_int(count(0, MANY, ST_OK), MANY, "many: each outcome says so");
    is_int(totals().deleted, MANY, "many: they are in the trash");
    end();
    begin(86400, MANY);
    faults_meanwhile("os_file_rename_new", "0000000257-", 1, lose_account, 0);
    is_int(messages_delete_many(mb, ids, MANY, outcomes), 512, "many: the account goes meanwhile");
    is_int(count(0, 512, ST_OK), 512, "many: what was deleted before is deleted");
    is_int(count(512, MANY, ST_NO_USER), MANY - 512, "many: the rest has no account");
    ok(has("0000000512-d") && has("0000000513-u"), "many: ... and is as it was");
    end();
}

static void test_no_rename(void)
{
    begin(86400, 5);
    faults_meanwhile("os_file_rename_new", "0000000003-", 1, NULL, EIO);
    is_int(messages_delete_many(mb, ids, 5, outcomes), 2, "no rename: two before it are deleted");
    is_int(count(0, 2, ST_OK), 2, "no rename: ... as they say");
    is_int(count(2, 5, ST_IO), 3, "no rename: the others are not");
    is_int(f.troubles, 1, "no rename: ... which is reported once");
    is_int(totals().messages, 3, "no rename: they are there");
    is_int(messages_delete_many(mb, ids, 5, outcomes), 3, "no rename: the next call deletes them");
    is_int(count(0, 2, ST_NO_MESSAGE), 2, "no rename: ... and finds the first ones deleted");
    end();
}

static void test_no_sync(void)
{
    begin(0, 3);
    is_int(messages_delete(mb, 2), ST_OK, "no sync: one was deleted before");
    faults_meanwhile("os_file_sync_dir", NULL, 1, NULL, EIO);
    is_int(messages_delete_many(mb, ids, 3, outcomes), 0, "no sync: nothing is surely deleted");
    is_int(outcomes[0], ST_UNKNOWN, "no sync: the first may be");
    is_int(outcomes[1], ST_NO_MESSAGE, "no sync: one was not there anyway");
    is_int(outcomes[2], ST_UNKNOWN, "no sync: the last may be");
    ok(has("0000000001-d") && has("0000000003-d"), "no sync: nothing is purged");
    is_int(messages_delete_many(mb, ids, 3, outcomes), 0, "no sync: from then on, nothing goes");
    is_int(count(0, 3, ST_READ_ONLY), 3, "no sync: ... since the mailbox is read-only");
    end();
}

static void test_no_trash(void)
{
    struct snapshot snap;
    struct mail m;

    begin(0, 3);
    messages_find(mb, 2, &m);
    is_int(messages_delete_many(mb, ids, 1, outcomes), 1, "no trash: one is deleted");
    ok(has("0000000001-x"), "no trash: it is purged at once");
    is_int(snapshot_take(&snap, mb, INDEX_LIVE, 0, UINT64_MAX, fixture_measure, NULL), ST_OK,
           "no trash: somebody reads the others");
    is_int(messages_delete_many(mb, ids + 1, 2, outcomes), 2, "no trash: they are deleted");
    is_int(fixture_body(mb, &m, SPAN("text")), ST_OK, "no trash: who reads one reads on");
    snapshot_drop(&snap);
    ok(has("0000000002-x") && has("0000000003-x"), "no trash: then they are purged");
    end();
}

static void test_deleted_account(void)
{
    begin(86400, 2);
    is_int(account_delete(s, mailbox_who(mb)), ST_OK, "deleted account: it is deleted");
    is_int(messages_delete_many(mb, ids, 2, outcomes), 0, "deleted account: no message is");
    is_int(count(0, 2, ST_NO_USER), 2, "deleted account: ... as they say");
    end();
}

int main(void)
{
    test_outcomes();
    test_many();
    test_no_rename();
    test_no_sync();
    test_no_trash();
    test_deleted_account();
    return done_testing();
}
