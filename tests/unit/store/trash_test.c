/*
 * What was deleted: kept, shown, brought back, purged; and the limits of what a store keeps.
 */
#include "os/clock.h"
#include "store/account.h"
#include "store/deleted_accounts.h"
#include "store/housekeeper.h"
#include "store_fixture.h"

#define TOKEN  SPAN("0123456789abcdef")
#define LONG_S 1000000

static bool never(void *ctx)
{
    (void)ctx;
    return false;
}

static void limit(struct store *s, struct store_limits limits)
{
    store_set_limits(s, &limits);
}

static struct index_totals totals(struct mailbox *mb)
{
    struct index_totals t = {.messages = 0};
    struct mailbox_quota quota;

    is_int(mailbox_totals(mb, &t, &quota), ST_OK, "its totals");
    return t;
}

static void test_restore(struct store *s)
{
    struct mailbox *mb = fixture_account(s, "ann");
    struct mail m;

    limit(s, (struct store_limits){.trash_s = LONG_S});
    fixture_deliver(mb, "bob", "one");
    fixture_deliver(mb, "bob", "two");
    is_int(messages_delete(mb, 1), ST_OK, "deleted");
    is_int(messages_find(mb, 1, &m), ST_NO_MESSAGE, "not found any more");
    is_int(messages_delete(mb, 1), ST_NO_MESSAGE, "nor deleted again");
    is_int(totals(mb).deleted, 1, "it is in the trash");
    housekeeper_sweep(s, never, NULL);
    is_int(messages_restore(mb, 1), ST_OK, "which keeps it for a while");
    is_int(fixture_text(mb, 1, "one"), ST_OK, "it is as it was");
    is_int(messages_restore(mb, 1), ST_NO_MESSAGE, "it cannot be brought back twice");
    is_int(messages_restore(mb, 7), ST_NO_MESSAGE, "or from nowhere");
    mailbox_close(mb);
}

/* The name stays for the id's and the token's sake; the body goes. */
static void test_purge(struct fixture *f, struct store *s)
{
    struct mailbox *mb = fixture_account(s, "bob");
    int dir = fixture_directory(f, "bob");
    char name[MESSAGE_FILE_NAME_BYTES];
    struct os_file_info info = {.bytes = 1};
    struct mail m;

    limit(s, (struct store_limits){.trash_s = LONG_S});
    is_int(delivery_put(mb, "ann", SPAN("one"), TOKEN, &m, NULL), ST_OK, "sent with a token");
    is_int(messages_delete(mb, 1), ST_OK, "deleted");
    limit(s, (struct store_limits){.trash_s = 0});
    housekeeper_sweep(s, never, NULL);
    is_int(messages_restore(mb, 1), ST_NO_MESSAGE, "purged");
    ok(fixture_file(dir, "0000000001-x", name), "a tombstone is left");
    ok(os_file_look(dir, name, &info) && info.bytes == 0, "without a body");
    is_int(delivery_put(mb, "ann", SPAN("one"), TOKEN, &m, NULL), ST_OK, "the token");
    is_int(m.id, 1, "is still known");
    is_int(fixture_deliver(mb, "ann", "two"), 2, "the id is not given again");
    is_int(messages_delete(mb, 2), ST_OK, "without a trash");
    ok(fixture_file(dir, "0000000002-x", name), "a message goes at once");
    mailbox_close(mb);
    os_file_close(dir);
}

static void test_known_later(struct fixture *f)
{
    struct store *s = fixture_open(f, true);
    struct mailbox *mb = fixture_mailbox(s, "bob");
    struct mail m;

    is_int(delivery_put(mb, "ann", SPAN("one"), TOKEN, &m, NULL), ST_OK,
           "after a restart the token");
    is_int(m.id, 1, "is known");
    is_int(fixture_deliver(mb, "ann", "three"), 3, "and the highest id");
    mailbox_close(mb);
    store_close(s);
}

/* A tombstone goes once its token may be forgotten, unless it has the highest id. */
static void test_tombstones(struct fixture *f)
{
    struct mail old = {.state = MAIL_EXPUNGED, .time = os_clock_now() - 2 * 86400, .from = "ann"};
    int dir = fixture_directory(f, "bob");
    char name[MESSAGE_FILE_NAME_BYTES];
    struct store *s;

    for (old.id = 10; old.id <= 11; old.id++) {
        message_file_name(&old, name);
        os_file_close(os_file_create(dir, name));
    }
    s = fixture_open(f, true);
    mailbox_close(fixture_mailbox(s, "bob"));
    ok(!fixture_file(dir, "0000000010-", name), "an old tombstone is gone");
    ok(fixture_file(dir, "0000000011-x", name), "the highest id stays known");
    ok(fixture_file(dir, "0000000001-x", name), "and the tokens of a day");
    store_close(s);
    os_file_close(dir);
}

static enum status deliver(struct mailbox *mb, const char *text)
{
    struct mail m;

    return delivery_put(mb, "ann", span_str(text), SPAN(""), &m, NULL);
}

static void test_quota(struct store *s)
{
    struct mailbox *mb = fixture_account(s, "carol");

    limit(s, (struct store_limits){.trash_s = LONG_S, .quota_messages = 3});
    is_int(deliver(mb, "1") | deliver(mb, "2") | deliver(mb, "3"), ST_OK, "as many as the quota");
    is_int(deliver(mb, "4"), ST_FULL, "not one more");
    is_int(totals(mb).messages, 3, "it is not there");
    is_int(messages_delete(mb, 2) | messages_delete(mb, 3), ST_OK, "two go to the trash");
    is_int(deliver(mb, "4"), ST_OK, "one more now");
    is_int(messages_restore(mb, 2), ST_NO_MESSAGE, "the oldest of the trash made room");
    is_int(messages_restore(mb, 3), ST_OK, "the other one did not have to");
    is_int(deliver(mb, "5"), ST_FULL, "full again");
    limit(s, (struct store_limits){.trash_s = LONG_S, .quota_bytes = 10});
    is_int(deliver(mb, "12345678"), ST_FULL, "bytes count too");
    is_int(deliver(mb, "1234567"), ST_OK, "up to the last one");
    is_int(totals(mb).bytes, 10, "the quota in bytes");
    mailbox_close(mb);
}

static void own_quota(void *ctx, struct account *a)
{
    const uint64_t *messages = ctx;

    a->quota_messages = *messages;
}

/* An account's own quota goes before the store's, and outlives the index. */
static void test_own_quota(struct fixture *f, struct store *s)
{
    struct mailbox *mb = fixture_account(s, "hal");
    struct who who = *mailbox_who(mb);
    struct index_totals t;
    struct mailbox_quota quota;
    uint64_t one = 1, standard = ACCOUNT_QUOTA_STANDARD;
    struct store *other;

    limit(s, (struct store_limits){.trash_s = LONG_S, .quota_messages = 2, .quota_bytes = 99});
    is_int(account_change(s, &who, own_quota, &one), ST_OK, "an account has a quota of its own");
    is_int(deliver(mb, "1"), ST_OK, "which allows one message");
    is_int(deliver(mb, "2"), ST_FULL, "and no other");
    other = fixture_open(f, false);
    mailbox_close(mb);
    mb = fixture_mailbox(other, "hal");
    is_int(mailbox_totals(mb, &t, &quota), ST_OK, "another process");
    is_int(quota.messages, 1, "reads the same");
    mailbox_close(mb);
    store_close(other);
    is_int(account_change(s, &who, own_quota, &standard), ST_OK, "back to the standard");
    mb = fixture_mailbox(s, "hal");
    is_int(mailbox_totals(mb, &t, &quota), ST_OK, "it has");
    is_int(quota.messages, 2, "what the store says");
    is_int(quota.bytes, 99, "in bytes, too");
    mailbox_close(mb);
}

/* An answer under way needs what is in it: the trash makes no room then. */
static void test_quota_while_shown(struct store *s)
{
    struct mailbox *mb = fixture_account(s, "frank");
    struct snapshot snap;

    limit(s, (struct store_limits){.trash_s = LONG_S, .quota_messages = 1});
    fixture_deliver(mb, "ann", "one");
    is_int(snapshot_take(&snap, mb, INDEX_LIVE, 0, 9, fixture_measure, NULL), ST_OK, "an answer");
    is_int(messages_delete(mb, 1), ST_OK, "with a message that is deleted");
    is_int(deliver(mb, "two"), ST_FULL, "whose body stays");
    snapshot_drop(&snap);
    is_int(deliver(mb, "two"), ST_OK, "until the answer is out");
    mailbox_close(mb);
}

static void test_reserve(struct store *s)
{
    struct mailbox *mb = fixture_account(s, "dora");

    limit(s, (struct store_limits){.trash_s = LONG_S});
    fixture_deliver(mb, "ann", "one");
    limit(s, (struct store_limits){.trash_s = LONG_S, .reserve_bytes = UINT64_C(1) << 60});
    is_int(deliver(mb, "two"), ST_DISK_FULL, "less space than the reserve");
    is_int(fixture_text(mb, 1, "one"), ST_OK, "reading goes on");
    is_int(messages_delete(mb, 1), ST_OK, "and deleting");
    limit(s, (struct store_limits){.trash_s = LONG_S, .reserve_inodes = UINT64_C(1) << 40});
    is_int(deliver(mb, "two"), ST_DISK_FULL, "fewer inodes than the reserve");
    limit(s, (struct store_limits){.trash_s = LONG_S});
    is_int(deliver(mb, "two"), ST_OK, "space has come back");
    mailbox_close(mb);
}

/* Makes an account with one message, and deletes it. */
static void make_and_delete(struct store *s, const char *name, const char *text)
{
    struct mailbox *mb = fixture_account(s, name);
    struct who who = *mailbox_who(mb);

    fixture_deliver(mb, "ann", text);
    mailbox_close(mb);
    is_int(account_delete(s, &who), ST_OK, "%s is deleted", name);
}

static void test_kept(struct store *s)
{
    struct mailbox *mb;

    limit(s, (struct store_limits){.trash_s = LONG_S});
    make_and_delete(s, "erin", "kept");
    deleted_accounts_purge(s, never, NULL);
    is_int(deleted_accounts_restore(s, "eri"), ST_NO_USER, "nobody of that name was deleted");
    is_int(deleted_accounts_restore(s, "erin"), ST_OK, "a deleted account is brought back");
    mb = fixture_mailbox(s, "erin");
    is_int(fixture_text(mb, 1, "kept"), ST_OK, "with its mail");
    is_int(fixture_deliver(mb, "ann", "more"), 2, "and takes more");
    is_int(deleted_accounts_restore(s, "erin"), ST_NO_USER, "it can come back once");
    is_int(account_delete(s, mailbox_who(mb)), ST_OK, "deleted again");
    mailbox_close(mb);
    mailbox_close(fixture_account(s, "erin"));
    is_int(deleted_accounts_restore(s, "erin"), ST_USER_EXISTS, "the name is another's now");
    limit(s, (struct store_limits){.trash_s = 0});
    deleted_accounts_purge(s, never, NULL);
    is_int(deleted_accounts_restore(s, "erin"), ST_NO_USER, "not kept any longer");
}

static bool count_entry(void *ctx, const char *name)
{
    int *count = ctx;

    (void)name;
    ++*count;
    return true;
}

static int entries(const struct fixture *f, const char *what)
{
    int root = os_file_open_dir(f->path), dir = os_file_open_subdir(root, what), count = 0;

    os_file_each(dir, count_entry, &count);
    os_file_close(dir);
    os_file_close(root);
    return count;
}

static void test_kept_limit(struct fixture *f, struct store *s)
{
    int dir = os_file_open_dir(f->path);

    limit(s, (struct store_limits){.trash_s = LONG_S});
    make_and_delete(s, "gus1", "a letter of some length");
    make_and_delete(s, "gus2", "a letter of some length");
    is_int(entries(f, "removed"), 2, "two are kept");
    ok(os_file_make_dir(dir, "removed/~half-0123456789abcdef"), "one was half removed");
    deleted_accounts_purge(s, never, NULL);
    is_int(entries(f, "removed"), 2, "which goes");
    limit(s, (struct store_limits){.trash_s = LONG_S, .kept_bytes = 1});
    deleted_accounts_purge(s, never, NULL);
    is_int(entries(f, "removed"), 0, "more than all may have together: they go");
    os_file_close(dir);
}

int main(void)
{
    struct fixture f;
    struct store *s;

    fixture_begin(&f);
    s = fixture_open(&f, true);
    test_restore(s);
    test_purge(&f, s);
    test_quota(s);
    test_own_quota(&f, s);
    test_quota_while_shown(s);
    test_reserve(s);
    test_kept(s);
    test_kept_limit(&f, s);
    store_close(s);
    test_known_later(&f);
    test_tombstones(&f);
    fixture_end(&f);
    return done_testing();
}
