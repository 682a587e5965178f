/* SPDX-License-Identifier: ISC */
/*
 * Deleted messages and accounts are kept, restored and purged; and the limits of what a store
 * keeps.
 */
#include <sys/stat.h>

#include "os/clock.h"
#include "store/account.h"
#include "store/deleted_accounts.h"
#include "store/housekeeper.h"
#include "store/mailbox_private.h"
#include "store/redo.h"
#include "store_fixture.h"

#define TOKEN  SPAN("0123456789abcdef")
#define LONG_S 1000000

static int64_t clock_ahead_s; /* of the system's clock */

/* The linker gives us all calls of os_clock_now. */
int64_t real_now(void) __asm__("__real_os_clock_now");
int64_t now_ahead(void) __asm__("__wrap_os_clock_now");

int64_t now_ahead(void)
{
    return real_now() + clock_ahead_s;
}

static void limit(struct store *s, struct store_limits limits)
{
    store_set_limits(s, &limits);
}

static struct index_totals totals(struct mailbox *mb)
{
    struct index_totals t = {.messages = 0};
    struct mailbox_quota quota;

    is_int(mailbox_totals(mb, &t, &quota), ST_OK, "mailbox_totals");
    return t;
}

static void test_restore(struct store *s)
{
    struct mailbox *mb = fixture_account(s, "ann");
    struct mail m;

    limit(s, (struct store_limits){.trash_s = LONG_S});
    fixture_deliver(mb, "bob", "one");
    fixture_deliver(mb, "bob", "two");
    is_int(messages_delete(mb, 1), ST_OK, "restore: a message is deleted");
    is_int(messages_find(mb, 1, &m), ST_NO_MESSAGE, "restore: a deleted message is not found");
    is_int(messages_delete(mb, 1), ST_NO_MESSAGE, "restore: it cannot be deleted again");
    is_int(totals(mb).deleted, 1, "restore: it is counted in the trash");
    housekeeper_sweep(s, fixture_never, NULL);
    is_int(messages_restore(mb, 1), ST_OK, "restore: a sweep leaves it, and it is restored");
    is_int(fixture_text(mb, 1, "one"), ST_OK, "restore: its body is as before");
    is_int(messages_restore(mb, 1), ST_NO_MESSAGE, "restore: it cannot be restored twice");
    is_int(messages_restore(mb, 7), ST_NO_MESSAGE,
           "restore: an unknown message cannot be restored");
    mailbox_close(mb);
}

/* The name stays, to keep the id and the token known; the body goes. */
static void test_purge(struct fixture *f, struct store *s)
{
    struct mailbox *mb = fixture_account(s, "bob");
    int dir = fixture_directory(f, "bob");
    char name[MESSAGE_FILE_NAME_BYTES];
    struct os_file_info info = {.bytes = 1};
    struct mail m;

    limit(s, (struct store_limits){.trash_s = LONG_S});
    is_int(delivery_put(mb, "ann", SPAN("one"), TOKEN, &m, NULL), ST_OK,
           "purge: a message with a token is stored");
    is_int(messages_delete(mb, 1), ST_OK, "purge: it is deleted");
    limit(s, (struct store_limits){.trash_s = 0});
    housekeeper_sweep(s, fixture_never, NULL);
    is_int(messages_restore(mb, 1), ST_NO_MESSAGE, "purge: once purged, it cannot be restored");
    ok(fixture_file(dir, "0000000001-x", name), "purge: a tombstone is left");
    ok(os_file_look(dir, name, &info) && info.bytes == 0, "purge: the tombstone is empty");
    is_int(delivery_put(mb, "ann", SPAN("one"), TOKEN, &m, NULL), ST_OK,
           "purge: a repeat with its token is accepted");
    is_int(m.id, 1, "purge: the repeat gives the purged message");
    is_int(fixture_deliver(mb, "ann", "two"), 2, "purge: its id is not given again");
    is_int(messages_delete(mb, 2), ST_OK, "purge: a message is deleted while there is no trash");
    ok(fixture_file(dir, "0000000002-x", name), "purge: it is purged at once");
    mailbox_close(mb);
    os_file_close(dir);
}

static void test_known_later(struct fixture *f)
{
    struct store *s = fixture_open(f, true);
    struct mailbox *mb = fixture_mailbox(s, "bob");
    struct mail m;

    is_int(delivery_put(mb, "ann", SPAN("one"), TOKEN, &m, NULL), ST_OK,
           "restart: a repeat of a purged message is accepted");
    is_int(m.id, 1, "restart: the repeat gives the purged message");
    is_int(fixture_deliver(mb, "ann", "three"), 3, "restart: the highest id is known");
    mailbox_close(mb);
    store_close(s);
}

static void make_tombstone(int dir, uint32_t id, int64_t time)
{
    const struct mail m = {.id = id, .state = MAIL_EXPUNGED, .time = time, .from = "ann"};
    char name[MESSAGE_FILE_NAME_BYTES];

    message_file_name(&m, name);
    os_file_close(os_file_create(dir, name));
}

/* A message with an old date may have come just now: an import. */
static void test_new_tombstone(struct store *s, int dir)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    struct stat before, after;

    fixture_file(dir, "0000000010-x", name);
    is_int(fstatat(dir, name, &before, 0), 0, "tombstones: one of an old message");
    os_clock_sleep(20);
    mailbox_close(fixture_mailbox(s, "bob"));
    ok(fstatat(dir, name, &after, 0) == 0, "tombstones: ... stays if its file is new");
    ok(before.st_ctim.tv_sec == after.st_ctim.tv_sec &&
           before.st_ctim.tv_nsec == after.st_ctim.tv_nsec,
       "tombstones: ... and does not become newer by that");
}

/* A recovery would bring back what has no tombstone. */
static void test_tombstones_and_log(struct fixture *f, int dir, int64_t time)
{
    const struct who who = {.name = "gone", .generation = "0123456789abcdef"};
    const struct mail m = {.id = 1, .state = MAIL_UNREAD, .time = time, .from = "ann"};
    char name[MESSAGE_FILE_NAME_BYTES];
    struct redo_ticket ticket;
    const char *why;
    struct store *s = fixture_open(f, true);

    fixture_steady(s);
    s->log_since = time;
    mailbox_close(fixture_mailbox(s, "bob"));
    ok(fixture_file(dir, "0000000010-x", name),
       "tombstones: one stays while its message may be in a log that a recovery has left");
    store_close(s);

    s = fixture_open(f, true);
    fixture_steady(s);
    s->redo = redo_open(s, s->log_dir, 1 << 20, &why);
    ok(s->redo && redo_append(s->redo, &who, &m, SPAN("head"), SPAN("body"), &ticket) &&
           redo_wait(s->redo, &ticket),
       "tombstones: a message that old in the log");
    mailbox_close(fixture_mailbox(s, "bob"));
    ok(fixture_file(dir, "0000000010-x", name), "tombstones: ... one stays meanwhile");
    redo_named(s->redo, &ticket);
    store_close(s);
}

/* A tombstone goes once its token may be forgotten, unless it has the highest id. */
static void test_tombstones(struct fixture *f)
{
    int64_t now = os_clock_now(), day = 86400;
    int dir = fixture_directory(f, "bob");
    char name[MESSAGE_FILE_NAME_BYTES];
    struct store *s;

    make_tombstone(dir, 9, now + 2 * day);
    make_tombstone(dir, 10, now - 2 * day);
    make_tombstone(dir, 11, now - 2 * day);
    s = fixture_open(f, true);
    fixture_steady(s);
    test_new_tombstone(s, dir);
    store_close(s);
    clock_ahead_s = 2 * day;
    s = fixture_open(f, true);
    mailbox_close(fixture_mailbox(s, "bob"));
    ok(fixture_file(dir, "0000000010-x", name),
       "tombstones: a new clock says nothing of their age");
    store_close(s);
    test_tombstones_and_log(f, dir, now - 2 * day);
    s = fixture_open(f, true);
    fixture_steady(s);
    mailbox_close(fixture_mailbox(s, "bob"));
    ok(!fixture_file(dir, "0000000010-", name),
       "tombstones: an old one is removed when the mailbox is read");
    ok(fixture_file(dir, "0000000011-x", name), "tombstones: the one with the highest id stays");
    ok(fixture_file(dir, "0000000009-x", name), "tombstones: a young one stays");
    store_close(s);
    clock_ahead_s = 0;
    os_file_close(dir);
}

/* After a failed sync, a power cut may bring back the name that a tombstone had before. */
static void test_failed_sync(struct fixture *f, struct store *s)
{
    struct mailbox *mb = fixture_account(s, "ivy");
    int dir = fixture_directory(f, "ivy");
    char name[MESSAGE_FILE_NAME_BYTES];
    struct os_file_info info = {.bytes = 0};

    limit(s, (struct store_limits){.trash_s = 0});
    fixture_deliver(mb, "ann", "one");
    is_int(messages_delete(mb, 1), ST_OK, "failed sync: a message is deleted and purged");
    ok(fixture_file(dir, "0000000001-x", name) && os_file_replace(dir, name, SPAN("body")),
       "failed sync: its tombstone has a body, as after a crash");
    commit_fail(&mb->commit);
    housekeeper_sweep(s, fixture_never, NULL);
    ok(os_file_look(dir, name, &info) && info.bytes == 4, "failed sync: a sweep leaves the body");
    mailbox_close(mb);
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
    is_int(deliver(mb, "1") | deliver(mb, "2") | deliver(mb, "3"), ST_OK,
           "quota: as many messages as it allows");
    is_int(deliver(mb, "4"), ST_FULL, "quota: not one more");
    is_int(totals(mb).messages, 3, "quota: the refused message is not there");
    is_int(messages_delete(mb, 2) | messages_delete(mb, 3), ST_OK,
           "quota: two messages are deleted");
    is_int(deliver(mb, "4"), ST_OK, "quota: the trash makes room for a new message");
    is_int(messages_restore(mb, 2), ST_NO_MESSAGE,
           "quota: the oldest message of the trash was purged for it");
    is_int(messages_restore(mb, 3), ST_OK, "quota: the other one was not");
    is_int(deliver(mb, "5"), ST_FULL, "quota: the mailbox is full again");
    limit(s, (struct store_limits){.trash_s = LONG_S, .quota_bytes = 10});
    is_int(deliver(mb, "12345678"), ST_FULL, "quota: one byte too many");
    is_int(deliver(mb, "1234567"), ST_OK, "quota: the last byte may be used");
    is_int(totals(mb).bytes, 10, "quota: the mailbox has as many bytes as it allows");
    mailbox_close(mb);
}

static void own_quota(void *ctx, struct account *a)
{
    const uint64_t *messages = ctx;

    a->quota_messages = *messages;
}

/* An account's own quota overrides the store's, and is still there when the index is not. */
static void test_own_quota(struct fixture *f, struct store *s)
{
    struct mailbox *mb = fixture_account(s, "hal");
    struct who who = *mailbox_who(mb);
    struct index_totals t;
    struct mailbox_quota quota;
    uint64_t one = 1, standard = ACCOUNT_QUOTA_STANDARD;
    struct store *other;

    limit(s, (struct store_limits){.trash_s = LONG_S, .quota_messages = 2, .quota_bytes = 99});
    is_int(account_change(s, &who, own_quota, &one), ST_OK, "own quota: an account gets one");
    is_int(deliver(mb, "1"), ST_OK, "own quota: it allows one message");
    is_int(deliver(mb, "2"), ST_FULL, "own quota: it allows no second one");
    other = fixture_open(f, false);
    mailbox_close(mb);
    mb = fixture_mailbox(other, "hal");
    is_int(mailbox_totals(mb, &t, &quota), ST_OK, "own quota: another process reads the totals");
    is_int(quota.messages, 1, "own quota: another process sees the account's quota");
    mailbox_close(mb);
    store_close(other);
    is_int(account_change(s, &who, own_quota, &standard), ST_OK,
           "own quota: the account gets the standard again");
    mb = fixture_mailbox(s, "hal");
    is_int(mailbox_totals(mb, &t, &quota), ST_OK, "own quota: its totals");
    is_int(quota.messages, 2, "own quota: the store's quota of messages counts now");
    is_int(quota.bytes, 99, "own quota: the store's quota of bytes counts now");
    mailbox_close(mb);
}

/* An answer under way needs the bodies of its messages: the trash makes no room then. */
static void test_quota_while_shown(struct store *s)
{
    struct mailbox *mb = fixture_account(s, "frank");
    struct snapshot snap;

    limit(s, (struct store_limits){.trash_s = LONG_S, .quota_messages = 1});
    fixture_deliver(mb, "ann", "one");
    is_int(snapshot_take(&snap, mb, INDEX_LIVE, 0, 9, fixture_measure, NULL), ST_OK,
           "quota during an answer: a snapshot is taken");
    is_int(messages_delete(mb, 1), ST_OK, "quota during an answer: its message is deleted");
    is_int(deliver(mb, "two"), ST_FULL,
           "quota during an answer: the message is not purged to make room");
    is_int(delivery_check(mb, 3), ST_FULL, "quota during an answer: ... as one can ask before");
    snapshot_drop(&snap);
    is_int(delivery_check(mb, 3), ST_OK, "quota during an answer: afterwards there is room");
    is_int(deliver(mb, "two"), ST_OK,
           "quota during an answer: it is purged once the answer is sent");
    mailbox_close(mb);
}

static void test_reserve(struct store *s)
{
    struct mailbox *mb = fixture_account(s, "dora");

    limit(s, (struct store_limits){.trash_s = LONG_S});
    fixture_deliver(mb, "ann", "one");
    limit(s, (struct store_limits){.trash_s = LONG_S, .reserve_bytes = UINT64_C(1) << 60});
    is_int(deliver(mb, "two"), ST_DISK_FULL, "reserve: less space is free");
    is_int(fixture_text(mb, 1, "one"), ST_OK, "reserve: messages can still be read");
    is_int(messages_delete(mb, 1), ST_OK, "reserve: messages can still be deleted");
    limit(s, (struct store_limits){.trash_s = LONG_S, .reserve_inodes = UINT64_C(1) << 40});
    is_int(deliver(mb, "two"), ST_DISK_FULL, "reserve: fewer inodes are free");
    limit(s, (struct store_limits){.trash_s = LONG_S});
    is_int(deliver(mb, "two"), ST_OK, "reserve: new messages are accepted once there is space");
    mailbox_close(mb);
}

/* Makes an account with one message, and deletes it. */
static void make_and_delete(struct store *s, const char *name, const char *text)
{
    struct mailbox *mb = fixture_account(s, name);
    struct who who = *mailbox_who(mb);

    fixture_deliver(mb, "ann", text);
    mailbox_close(mb);
    is_int(account_delete(s, &who), ST_OK, "account %s is deleted", name);
}

static void test_kept(struct store *s)
{
    struct mailbox *mb;

    limit(s, (struct store_limits){.trash_s = LONG_S});
    make_and_delete(s, "erin", "kept");
    deleted_accounts_purge(s, fixture_never, NULL);
    is_int(deleted_accounts_restore(s, "eri"), ST_NO_USER,
           "deleted accounts: a prefix of the name is not enough");
    is_int(deleted_accounts_restore(s, "erin"), ST_OK, "deleted accounts: one is restored");
    mb = fixture_mailbox(s, "erin");
    is_int(fixture_text(mb, 1, "kept"), ST_OK, "deleted accounts: its mail is restored");
    is_int(fixture_deliver(mb, "ann", "more"), 2, "deleted accounts: it takes new mail");
    is_int(deleted_accounts_restore(s, "erin"), ST_NO_USER,
           "deleted accounts: it cannot be restored twice");
    is_int(account_delete(s, mailbox_who(mb)), ST_OK, "deleted accounts: it is deleted again");
    mailbox_close(mb);
    mailbox_close(fixture_account(s, "erin"));
    is_int(deleted_accounts_restore(s, "erin"), ST_USER_EXISTS,
           "deleted accounts: it cannot be restored once the name is taken");
    limit(s, (struct store_limits){.trash_s = 0});
    deleted_accounts_purge(s, fixture_never, NULL);
    is_int(deleted_accounts_restore(s, "erin"), ST_NO_USER,
           "deleted accounts: it is removed when its time is over");
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

/* What was deleted two seconds ago, and is kept for one. */
static void test_age(struct fixture *f, struct store *s)
{
    struct mailbox *mb = fixture_account(s, "ida");
    struct mail m;

    limit(s, (struct store_limits){.trash_s = 1});
    make_and_delete(s, "olga", "kept");
    fixture_deliver(mb, "bob", "one");
    is_int(messages_delete(mb, 1), ST_OK, "age: a message is deleted");
    os_clock_sleep(2100);
    housekeeper_sweep(s, fixture_never, NULL);
    deleted_accounts_purge(s, fixture_never, NULL);
    is_int(totals(mb).deleted, 1, "age: while the clock is new, nothing is purged");
    is_int(entries(f, "removed"), 1, "age: ... and no account is removed");
    fixture_steady(s);
    s->age.offset -= 86400;
    housekeeper_sweep(s, fixture_never, NULL);
    is_int(totals(mb).deleted, 1, "age: nor is it once the clock was set");
    fixture_steady(s);
    deleted_accounts_purge(s, fixture_never, NULL);
    is_int(entries(f, "removed"), 0, "age: after an hour the account is removed");
    housekeeper_sweep(s, fixture_never, NULL);
    is_int(messages_restore(mb, 1), ST_NO_MESSAGE, "age: ... and the message is purged");
    is_int(messages_find(mb, 1, &m), ST_NO_MESSAGE, "age: ... for good");
    mailbox_close(mb);
}

static void test_kept_limit(struct fixture *f)
{
    struct store *s = fixture_open(f, true);
    int dir = os_file_open_dir(f->path);

    limit(s, (struct store_limits){.trash_s = LONG_S});
    make_and_delete(s, "gus1", "a letter of some length");
    make_and_delete(s, "gus2", "a letter of some length");
    is_int(entries(f, "removed"), 2, "limit of deleted accounts: two are kept");
    ok(os_file_make_dir(dir, "removed/~half-0123456789abcdef"),
       "limit of deleted accounts: a third was half removed by a crash");
    deleted_accounts_purge(s, fixture_never, NULL);
    is_int(entries(f, "removed"), 2, "limit of deleted accounts: a purge removes the rest of that");
    limit(s, (struct store_limits){.trash_s = LONG_S, .kept_bytes = 1});
    deleted_accounts_purge(s, fixture_never, NULL);
    is_int(entries(f, "removed"), 0, "limit of deleted accounts: beyond it, they are removed");
    os_file_close(dir);
    store_close(s);
}

/* Messages of a byte, which each take a block of the disk, and what is left of deleted ones. */
static void test_disk(struct store *s)
{
    struct mailbox *mb = fixture_account(s, "tiny");
    struct index_totals t;
    struct mailbox_quota q;
    unsigned stored = 0;

    limit(s, (struct store_limits){.trash_s = LONG_S, .quota_bytes = 100000});
    while (stored < 5000 && fixture_deliver(mb, "ann", "x") > 0)
        stored++;
    mailbox_totals(mb, &t, &q);
    is_int(stored, (2 * 100000 + (4 << 20)) / 4096,
           "disk: small messages take twice the quota and 4 MiB of the disk");
    is_int(t.bytes, stored, "disk: ... though their bodies are small");
    ok(t.disk <= 2 * 100000 + (4 << 20), "disk: ... which the index counts");
    for (unsigned id = 1; id <= 8; id++)
        messages_delete(mb, id);
    ok(fixture_deliver(mb, "ann", "x") > 0, "disk: deleted messages make room");
    ok(fixture_deliver(mb, "ann", "x") > 0 && fixture_deliver(mb, "ann", "x") > 0,
       "disk: ... for several");
    unsigned more = 3;
    while (more < 20 && fixture_deliver(mb, "ann", "x") > 0)
        more++;
    is_int(more, 6, "disk: ... but each tombstone takes a quarter of a block");
    mailbox_close(mb);
}

int main(void)
{
    struct fixture f;
    struct store *s;

    fixture_begin(&f);
    s = fixture_open(&f, true);
    test_restore(s);
    test_purge(&f, s);
    test_failed_sync(&f, s);
    test_quota(s);
    test_own_quota(&f, s);
    test_quota_while_shown(s);
    test_reserve(s);
    test_kept(s);
    test_age(&f, s);
    test_disk(s);
    store_close(s);
    test_kept_limit(&f);
    test_known_later(&f);
    test_tombstones(&f);
    fixture_end(&f);
    return done_testing();
}
