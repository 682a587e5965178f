/* SPDX-License-Identifier: ISC */
/*
 * No sync happens while a mailbox is locked: others, whose mailboxes share the stripe, would wait
 * for it. Each sync of the functions below looks whether the lock can be had.
 */
#include <sys/syscall.h>
#include <unistd.h>

#include "store/mailbox_private.h"
#include "store_fixture.h"

static struct mailbox *watched; /* NULL: not now */
static int syncs, locked;

/* Stands before that of the C library. */
int fsync(int fd)
{
    struct mailbox *mb = watched;

    watched = NULL;
    syncs++;
    if (mb && lock_take(mb->store->locks, mb->stripe, mb->who.name) == LOCK_FAILED)
        locked++; /* after LOCK_WAIT_MS */
    else if (mb)
        lock_give(mb->store->locks, mb->stripe);
    watched = mb;
    return (int)syscall(SYS_fsync, fd);
}

static void begin(struct mailbox *mb)
{
    syncs = locked = 0;
    watched = mb;
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

int main(void)
{
    struct fixture f;
    struct who who = {.name = "ann"};
    struct account a;
    struct mail m;

    fixture_begin(&f);
    struct store *s = fixture_open(&f, true);
    struct mailbox *mb = fixture_account(s, "ann");
    store_set_limits(s, &(struct store_limits){.trash_s = 1000});
    fixture_deliver(mb, "ann", "one");
    begin(mb);
    end(delivery_put(mb, "ann", SPAN("text"), SPAN(""), &m, NULL), "delivery");
    begin(mb);
    end(account_set_hash(s, &who, "hash"), "password");
    begin(mb);
    end(account_change(s, &who, set_quota, NULL), "quota");
    begin(mb);
    end(messages_delete(mb, 1), "deletion");
    begin(mb);
    end(messages_restore(mb, 1), "restoration");

    quota = 2000;
    is_int(account_change(s, &who, set_messages, s), ST_OK, "two changes at once: done");
    is_int(meanwhile, 2, "two changes at once: the first try was too late");
    account_find(s, "ann", &who, &a);
    ok(a.quota_bytes == quota && a.quota_messages == 7 && strcmp(a.hash, "hash") == 0,
       "two changes at once: neither is lost");
    begin(mb);
    end(account_delete(s, &who), "deletion of the account");
    mailbox_close(mb);
    store_close(s);
    is_int(f.troubles, 0, "no trouble was reported%s%s", f.troubles ? ": " : "", f.last);
    fixture_end(&f);
    return done_testing();
}
