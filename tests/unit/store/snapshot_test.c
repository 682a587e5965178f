/* SPDX-License-Identifier: ISC */
#include "store/snapshot.h"

#include "store_fixture.h"

#define MANY 70 /* more than fit into a word of the set, and into one call of snapshot_next */

static enum status take(struct snapshot *snap, struct mailbox *mb, enum index_set set,
                        uint64_t first, uint64_t most)
{
    return snapshot_take(snap, mb, set, first, most, fixture_measure, NULL);
}

/* Reads a snapshot, step messages at a time; returns its ids as one number, 1 3 4 as 134. */
static uint64_t ids_of(struct snapshot *snap, size_t step)
{
    struct mail mails[MANY];
    uint64_t ids = 0;
    size_t n;

    snapshot_rewind(snap);
    while (snapshot_next(snap, mails, step, &n) == ST_OK && n > 0)
        for (size_t i = 0; i < n; i++)
            ids = ids * 10 + mails[i].id;
    return ids;
}

static void test_choice(struct store *s)
{
    struct mailbox *mb = fixture_account(s, "ann");
    struct snapshot snap;

    for (uint32_t id = 1; id <= 5; id++)
        is_int(fixture_deliver(mb, "bob", "12345"), id, "message %u is delivered", (unsigned)id);
    messages_mark_read(mb, (uint32_t[]){1, 4}, 2);
    messages_delete(mb, 2);
    is_int(take(&snap, mb, INDEX_LIVE, 0, UINT64_MAX), ST_OK, "snapshot_take: all live messages");
    ok(snap.count == 4 && snap.measured == 20, "snapshot_take counts and measures them");
    is_int(ids_of(&snap, 3), 1345, "snapshot_next: in the order of ids");
    is_int(ids_of(&snap, 1), 1345, "snapshot_rewind: the same again, in smaller steps");
    snapshot_drop(&snap);
    is_int(take(&snap, mb, INDEX_UNREAD, 0, UINT64_MAX), ST_OK,
           "snapshot_take: the unread messages");
    is_int(ids_of(&snap, 9), 35, "snapshot_next: only unread messages");
    snapshot_drop(&snap);
    is_int(take(&snap, mb, INDEX_LIVE, 2, 2), ST_OK, "snapshot_take: two messages from an id on");
    ok(ids_of(&snap, 9) == 34 && snap.count == 2 && snap.measured == 10,
       "snapshot_next: only those two");
    snapshot_drop(&snap);
    is_int(take(&snap, mb, INDEX_LIVE, 6, UINT64_MAX), ST_OK,
           "snapshot_take: from an id beyond all others");
    ok(ids_of(&snap, 9) == 0 && snap.count == 0 && snap.measured == 0, "snapshot_next: no message");
    snapshot_drop(&snap);
    is_int(take(&snap, mb, INDEX_LIVE, 0, 0), ST_OK, "snapshot_take: at most none");
    is_int(snap.count, 0, "snapshot_take: none is counted");
    snapshot_drop(&snap);
    mailbox_close(mb);
}

/* Messages that are deleted or delivered while an answer is sent do not change the answer. */
static void test_changes(struct fixture *f, struct store *s)
{
    struct mailbox *mb = fixture_account(s, "bob");
    struct snapshot snap, second;
    struct mail first, m;
    char name[MESSAGE_FILE_NAME_BYTES];
    int dir = fixture_directory(f, "bob");

    fixture_deliver(mb, "ann", "one");
    fixture_deliver(mb, "ann", "two");
    messages_find(mb, 1, &first);
    is_int(take(&snap, mb, INDEX_LIVE, 0, UINT64_MAX), ST_OK, "changes: a snapshot");
    is_int(take(&second, mb, INDEX_LIVE, 0, UINT64_MAX), ST_OK, "changes: a second snapshot");
    is_int(messages_delete(mb, 1), ST_OK, "changes: a message is deleted");
    is_int(fixture_deliver(mb, "ann", "three"), 3, "changes: another one is delivered");
    is_int(ids_of(&snap, 9), 12, "changes: the snapshot is as before");
    is_int(messages_find(mb, 1, &m), ST_NO_MESSAGE,
           "changes: the deleted message is not found elsewhere");
    is_int(fixture_body(mb, &first, SPAN("one")), ST_OK, "changes: its body can still be read");
    ok(fixture_file(dir, "0000000001-d", name), "changes: its file says deleted");
    snapshot_drop(&snap);
    ok(fixture_file(dir, "0000000001-d", name),
       "changes: it is not purged while a snapshot has it");
    is_int(fixture_body(mb, &first, SPAN("one")), ST_OK,
           "changes: its body can be read while a snapshot has it");
    snapshot_drop(&second);
    ok(fixture_file(dir, "0000000001-x", name), "changes: it is purged when no snapshot has it");
    int fd = os_file_open(dir, name);
    is_int(os_file_size(fd), 0, "changes: the tombstone is empty");
    os_file_close(fd);
    is_int(fixture_body(mb, &first, SPAN("one")), ST_NO_MESSAGE,
           "changes: its body cannot be read any more");
    is_int(fixture_text(mb, 2, "two"), ST_OK, "changes: the other message is still there");
    os_file_close(dir);
    mailbox_close(mb);
}

static void test_many(struct store *s)
{
    struct mailbox *mb = fixture_account(s, "carol");
    struct snapshot snap;
    struct mail mails[MANY] = {{.id = 0}};
    size_t n = 0, seen = 0;

    for (uint32_t id = 1; id <= MANY; id++)
        if (fixture_deliver(mb, "ann", "text") != id)
            diag("message %u was not delivered", (unsigned)id);
    take(&snap, mb, INDEX_LIVE, 0, UINT64_MAX);
    for (uint32_t id = 1; id <= MANY; id += 2)
        messages_delete(mb, id);
    do {
        for (size_t i = 0; i < n; i++)
            seen += mails[i].id == seen + 1;
    } while (snapshot_next(&snap, mails, 33, &n) == ST_OK && n > 0);
    is_int(seen, MANY, "many: a snapshot keeps messages that are deleted meanwhile");
    snapshot_drop(&snap);
    take(&snap, mb, INDEX_LIVE, 0, UINT64_MAX);
    is_int(snap.count, MANY / 2, "many: a new snapshot has only the others");
    snapshot_drop(&snap);
    mailbox_close(mb);
}

/* The mailbox is read again while a snapshot of its old index exists. */
static void test_reload(struct fixture *f, struct store *s)
{
    struct store *other = fixture_open(f, false);
    struct mailbox *a = fixture_account(s, "dave"), *b = fixture_mailbox(other, "dave");
    struct snapshot snap;

    fixture_deliver(a, "ann", "one");
    is_int(take(&snap, a, INDEX_LIVE, 0, UINT64_MAX), ST_OK, "reload: a snapshot");
    is_int(fixture_deliver(b, "ann", "two"), 2, "reload: another process delivers");
    is_int(fixture_deliver(a, "ann", "three"), 3, "reload: this process delivers");
    is_int(ids_of(&snap, 9), 1, "reload: the snapshot is as before");
    is_int(messages_delete(a, 1), ST_OK, "reload: its message is deleted");
    is_int(ids_of(&snap, 9), 1, "reload: the snapshot still has it");
    snapshot_drop(&snap);
    is_int(take(&snap, a, INDEX_LIVE, 0, UINT64_MAX), ST_OK, "reload: a new snapshot");
    is_int(ids_of(&snap, 9), 23, "reload: the new snapshot has the present messages");
    snapshot_drop(&snap);
    mailbox_close(a);
    mailbox_close(b);
    store_close(other);
}

static void test_deleted_account(struct store *s)
{
    struct mailbox *mb = fixture_account(s, "erin");
    struct snapshot snap;
    struct mail m;
    size_t n;

    fixture_deliver(mb, "ann", "one");
    is_int(take(&snap, mb, INDEX_LIVE, 0, UINT64_MAX), ST_OK, "deleted account: a snapshot");
    is_int(account_delete(s, mailbox_who(mb)), ST_OK, "deleted account: the account is deleted");
    is_int(snapshot_next(&snap, &m, 1, &n), ST_OK,
           "deleted account: the snapshot can still be read");
    is_int(n, 1, "deleted account: it has its message");
    is_int(fixture_body(mb, &m, SPAN("one")), ST_OK, "deleted account: its body can be read");
    snapshot_drop(&snap);
    is_int(take(&snap, mb, INDEX_LIVE, 0, 1), ST_NO_USER,
           "deleted account: no new snapshot can be taken");
    mailbox_close(mb);
}

int main(void)
{
    struct fixture f;

    fixture_begin(&f);
    struct store *s = fixture_open(&f, true);
    test_choice(s);
    test_changes(&f, s);
    test_many(s);
    test_reload(&f, s);
    test_deleted_account(s);
    store_close(s);
    is_int(f.troubles, 0, "no trouble was reported%s%s", f.troubles ? ": " : "", f.last);
    fixture_end(&f);
    return done_testing();
}
