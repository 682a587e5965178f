#include "store/snapshot.h"

#include "store_fixture.h"

#define MANY 70 /* more than fit into a word of the set, and into one call of snapshot_next */

static enum status take(struct snapshot *snap, struct mailbox *mb, enum index_set set,
                        uint64_t first, uint64_t most)
{
    return snapshot_take(snap, mb, set, first, most, fixture_measure, NULL);
}

/* Goes through a snapshot by so many at a time: its ids in one number, 1 3 4 as 134. */
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
        is_int(fixture_deliver(mb, "bob", "12345"), id, "deliver");
    messages_mark_read(mb, (uint32_t[]){1, 4}, 2);
    messages_delete(mb, 2);
    is_int(take(&snap, mb, INDEX_LIVE, 0, UINT64_MAX), ST_OK, "a snapshot of all");
    ok(snap.count == 4 && snap.measured == 20, "counted and measured");
    is_int(ids_of(&snap, 3), 1345, "in the order of their ids");
    is_int(ids_of(&snap, 1), 1345, "and again");
    snapshot_drop(&snap);
    is_int(take(&snap, mb, INDEX_UNREAD, 0, UINT64_MAX), ST_OK, "of the unread");
    is_int(ids_of(&snap, 9), 35, "only");
    snapshot_drop(&snap);
    is_int(take(&snap, mb, INDEX_LIVE, 2, 2), ST_OK, "of a part");
    ok(ids_of(&snap, 9) == 34 && snap.count == 2 && snap.measured == 10, "only");
    snapshot_drop(&snap);
    is_int(take(&snap, mb, INDEX_LIVE, 6, UINT64_MAX), ST_OK, "of what is not there");
    ok(ids_of(&snap, 9) == 0 && snap.count == 0 && snap.measured == 0, "nothing");
    snapshot_drop(&snap);
    is_int(take(&snap, mb, INDEX_LIVE, 0, 0), ST_OK, "of none");
    is_int(snap.count, 0, "nothing either");
    snapshot_drop(&snap);
    mailbox_close(mb);
}

/* What is deleted or comes while an answer is sent does not change the answer. */
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
    is_int(take(&snap, mb, INDEX_LIVE, 0, UINT64_MAX), ST_OK, "a snapshot");
    is_int(take(&second, mb, INDEX_LIVE, 0, UINT64_MAX), ST_OK, "and a second");
    is_int(messages_delete(mb, 1), ST_OK, "a message is deleted");
    is_int(fixture_deliver(mb, "ann", "three"), 3, "another comes");
    is_int(ids_of(&snap, 9), 12, "the snapshot is what it was");
    is_int(messages_find(mb, 1, &m), ST_NO_MESSAGE, "though the message is gone for others");
    is_int(fixture_body(mb, &first, SPAN("one")), ST_OK, "its body is still read");
    ok(fixture_file(dir, "0000000001-d", name), "its file says deleted");
    snapshot_drop(&snap);
    ok(fixture_file(dir, "0000000001-d", name), "as long as a snapshot has it");
    is_int(fixture_body(mb, &first, SPAN("one")), ST_OK, "and its body");
    snapshot_drop(&second);
    ok(fixture_file(dir, "0000000001-x", name), "then a tombstone is left");
    int fd = os_file_open(dir, name);
    is_int(os_file_size(fd), 0, "without a body");
    os_file_close(fd);
    is_int(fixture_body(mb, &first, SPAN("one")), ST_NO_MESSAGE, "to be read no more");
    is_int(fixture_text(mb, 2, "two"), ST_OK, "the others are left");
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
    is_int(seen, MANY, "many messages, half of them deleted meanwhile");
    snapshot_drop(&snap);
    take(&snap, mb, INDEX_LIVE, 0, UINT64_MAX);
    is_int(snap.count, MANY / 2, "a new snapshot has the other half");
    snapshot_drop(&snap);
    mailbox_close(mb);
}

/* The mailbox is read anew while a snapshot of what it was exists. */
static void test_reload(struct fixture *f, struct store *s)
{
    struct store *other = fixture_open(f, false);
    struct mailbox *a = fixture_account(s, "dave"), *b = fixture_mailbox(other, "dave");
    struct snapshot snap;

    fixture_deliver(a, "ann", "one");
    is_int(take(&snap, a, INDEX_LIVE, 0, UINT64_MAX), ST_OK, "a snapshot");
    is_int(fixture_deliver(b, "ann", "two"), 2, "another process delivers");
    is_int(fixture_deliver(a, "ann", "three"), 3, "we do");
    is_int(ids_of(&snap, 9), 1, "the snapshot is what it was");
    is_int(messages_delete(a, 1), ST_OK, "its message is deleted");
    is_int(ids_of(&snap, 9), 1, "which changes nothing in it");
    snapshot_drop(&snap);
    is_int(take(&snap, a, INDEX_LIVE, 0, UINT64_MAX), ST_OK, "a new one");
    is_int(ids_of(&snap, 9), 23, "has what there is now");
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
    is_int(take(&snap, mb, INDEX_LIVE, 0, UINT64_MAX), ST_OK, "a snapshot");
    is_int(account_delete(s, mailbox_who(mb)), ST_OK, "of an account that is deleted");
    is_int(snapshot_next(&snap, &m, 1, &n), ST_OK, "is gone through to its end");
    is_int(n, 1, "with all it has");
    is_int(fixture_body(mb, &m, SPAN("one")), ST_OK, "and its bodies");
    snapshot_drop(&snap);
    is_int(take(&snap, mb, INDEX_LIVE, 0, 1), ST_NO_USER, "there is no other");
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
    is_int(f.troubles, 0, "there was no trouble%s%s", f.troubles ? ": " : "", f.last);
    fixture_end(&f);
    return done_testing();
}
