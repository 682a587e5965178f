/* SPDX-License-Identifier: ISC */
/*
 * No sync happens while a mailbox is locked: others, whose mailboxes share the stripe, would wait
 * for it. Each sync of the functions below looks whether the lock can be had.
 */
#include <sys/syscall.h>
#include <unistd.h>

#include "store/housekeeper.h"
#include "store/mailbox_private.h"
#include "store_fixture.h"

#define MANY 600 /* messages: so many that the lock is given back in between */

static struct store *watched; /* NULL: not now */
static int syncs, locked;

static void try_lock(void)
{
    unsigned stripe = lock_stripe(watched->locks, "ann");

    if (lock_take(watched->locks, stripe, "ann") == LOCK_FAILED)
        locked++; /* after LOCK_WAIT_MS */
    else
        lock_give(watched->locks, stripe);
}

static void (*at_sync)(void) = try_lock;

/* Stands before that of the C library. */
int fsync(int fd)
{
    static bool inside;

    if (watched && !inside) {
        inside = true;
        syncs++;
        at_sync();
        inside = false;
    }
    return (int)syscall(SYS_fsync, fd);
}

static void begin(struct store *s)
{
    syncs = locked = 0;
    watched = s;
}

static void end(enum status st, const char *what)
{
    watched = NULL;
    is_int(st, ST_OK, "%s: done", what);
    ok(syncs > 0, "%s: ... with %d syncs", what, syncs);
    is_int(locked, 0, "%s: ... none of them under the lock", what);
}

static uint64_t quota = 1000;

static void set_quota(void *ctx, struct account *a)
{
    (void)ctx;
    a->quota_bytes = quota;
}

/* Somebody else changes the account between reading and writing, once. */
static int meanwhile;

static void set_messages(void *ctx, struct account *a)
{
    const struct who who = {.name = "ann"};

    if (meanwhile++ == 0)
        account_change(ctx, &who, set_quota, NULL);
    a->quota_messages = 7;
}

static void test_changes(struct store *s, struct mailbox *mb)
{
    struct who who = {.name = "ann"};
    struct account a;
    struct mail m;

    fixture_deliver(mb, "ann", "one");
    begin(s);
    end(delivery_put(mb, "ann", SPAN("text"), SPAN(""), &m, NULL), "delivery");
    begin(s);
    end(account_set_hash(s, &who, "hash"), "password");
    begin(s);
    end(account_change(s, &who, set_quota, NULL), "quota");
    begin(s);
    end(messages_delete(mb, 1), "deletion");
    begin(s);
    end(messages_restore(mb, 1), "restoration");

    quota = 2000;
    is_int(account_change(s, &who, set_messages, s), ST_OK, "two changes at once: done");
    is_int(meanwhile, 2, "two changes at once: the first try was too late");
    account_find(s, "ann", &who, &a);
    ok(a.quota_bytes == quota && a.quota_messages == 7 && strcmp(a.hash, "hash") == 0,
       "two changes at once: neither is lost");
}

/* The tombstone of message 1, and the bytes that it has at the last sync. */
static int directory;
static uint64_t bytes_then;

static uint64_t bytes_now(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    struct os_file_info info = {.bytes = 0};

    if (fixture_file(directory, "0000000001-x", name))
        os_file_look(directory, name, &info);
    return info.bytes;
}

static void look_at_body(void)
{
    try_lock();
    housekeeper_sweep(watched, fixture_never, NULL);
    bytes_then = bytes_now();
}

static void check_body(const char *what)
{
    ok(bytes_then > 0, "%s: the body is there until its new name is durable", what);
    is_int(bytes_now(), 0, "%s: then it is gone", what);
}

/* Between the two halves of a purge another sweep comes by. */
static void test_purges(struct fixture *f, struct store *s, struct mailbox *mb)
{
    const int64_t tomorrow = -86400; /* is long enough in the past: all in the trash is too old */
    struct mail m;

    directory = fixture_directory(f, "ann");
    at_sync = look_at_body;
    is_int(messages_delete(mb, 1), ST_OK, "purge: a message is deleted");
    store_set_limits(s, &(struct store_limits){.trash_s = (uint64_t)tomorrow});
    fixture_steady(s);
    begin(s);
    housekeeper_sweep(s, fixture_never, NULL);
    end(ST_OK, "purge of what is old");
    check_body("purge of what is old");
    fixture_clear(s);
    os_file_close(directory);

    store_set_limits(s, &(struct store_limits){.trash_s = 1000, .quota_messages = 2});
    mailbox_close(mb);
    mb = fixture_account(s, "ann");
    directory = fixture_directory(f, "ann");
    fixture_deliver(mb, "ann", "one");
    fixture_deliver(mb, "ann", "two");
    is_int(messages_delete(mb, 1), ST_OK, "purge: a message is deleted");
    begin(s);
    end(delivery_put(mb, "ann", SPAN("text"), SPAN(""), &m, NULL), "purge for a new message");
    check_body("purge for a new message");
    is_int(syncs, 2, "purge for a new message: it costs no sync more than a delivery");
    at_sync = try_lock;
    os_file_close(directory);
    mailbox_close(mb);
}

static struct store *other;

/* Another process adds a file during the first sync, and does not live to sync it. */
static void come_between(void)
{
    unsigned stripe = lock_stripe(other->locks, "ann");

    if (syncs > 1)
        return;
    lock_take(other->locks, stripe, "ann");
    os_file_replace(directory, "0000000009-x,t=1,s=0,e=0,l=0+0,f=ann", SPAN(""));
    lock_give(other->locks, stripe);
}

static void test_reading(struct fixture *f, struct store *s)
{
    struct who who = {.name = "ann"};
    struct mailbox *mb;
    uint32_t last = 0;

    cache_let_go(s, 0);
    begin(s);
    end(mailbox_open(s, &who, &mb), "first reading");
    is_int(syncs, 1, "first reading: one sync is enough");
    mailbox_close(mb);

    other = fixture_open(f, false);
    directory = fixture_directory(f, "ann");
    at_sync = come_between;
    cache_let_go(s, 0);
    begin(s);
    is_int(mailbox_open(s, &who, &mb), ST_OK, "another process comes between");
    watched = NULL;
    is_int(syncs, 2, "another process comes between: its change is synced, too");
    is_int(messages_last(mb, &last), ST_OK, "another process comes between: its change is asked");
    is_int(last, 9, "another process comes between: its change is seen");
    at_sync = try_lock;
    mailbox_close(mb);
    os_file_close(directory);
    store_close(other);
}

/* How many messages are in the trash at the last sync. */
static uint64_t deleted_then;

static void look_at_deleted(void)
{
    struct who who = {.name = "ann"};
    struct index_totals t = {.deleted = 0};
    struct mailbox_quota limits;
    struct mailbox *mb;

    try_lock();
    if (mailbox_open(watched, &who, &mb) == ST_OK && mailbox_totals(mb, &t, &limits) == ST_OK)
        mailbox_close(mb);
    deleted_then = t.deleted;
}

static void test_deletions(struct store *s)
{
    static uint32_t ids[MANY];
    static enum status outcomes[MANY];
    struct mailbox *mb = fixture_mailbox(s, "ann");

    store_set_limits(s, &(struct store_limits){.trash_s = 1000});
    for (size_t i = 0; i < MANY; i++)
        ids[i] = fixture_deliver(mb, "ann", "x");
    at_sync = look_at_deleted;
    begin(s);
    size_t n = messages_delete_many(mb, ids, MANY, outcomes);
    end(outcomes[MANY - 1], "deletion of many");
    is_int(n, MANY, "deletion of many: all are deleted");
    is_int(syncs, 1, "deletion of many: one sync is enough");
    is_int(deleted_then, MANY, "deletion of many: it comes when all have their new names");
    at_sync = try_lock;
    mailbox_close(mb);
}

int main(void)
{
    struct fixture f;
    struct who who = {.name = "ann"};

    fixture_begin(&f);
    struct store *s = fixture_open(&f, true);
    struct mailbox *mb = fixture_account(s, "ann");
    store_set_limits(s, &(struct store_limits){.trash_s = 1000});
    test_changes(s, mb);
    test_purges(&f, s, mb);
    test_reading(&f, s);
    test_deletions(s);
    begin(s);
    end(account_delete(s, &who), "deletion of the account");
    store_close(s);
    is_int(f.troubles, 0, "no trouble was reported%s%s", f.troubles ? ": " : "", f.last);
    fixture_end(&f);
    return done_testing();
}
