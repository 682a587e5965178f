/* SPDX-License-Identifier: ISC */
/*
 * Deliveries that become durable by the log: what others see, and what is answered, at each step.
 * The log is begun below the check of the file system. A delivery is held up in the sync of the log
 * or before its rename, or one of these fails.
 */
#include "store/delivery.h"

#include <errno.h>
#include <sched.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/lock.h"
#include "store/lock_file.h"
#include "store/mailbox_private.h"
#include "store/redo.h"
#include "store/redo_recovery.h"
#include "store_fixture.h"

#define TOKEN "0123456789abcdef"
#define IDS   100

static struct fixture f;
static struct store *s;
static struct mailbox *ann, *target; /* whom deliver sends to */

static struct {
    atomic_bool hold_sync, fail_sync; /* of the log */
    atomic_uint hold_rename;          /* of the message with this id; 0: of none */
    atomic_uint fail_rename;
    atomic_bool refuse;   /* the next append */
    atomic_bool fail_all; /* the next sync of the file system */
    atomic_int syncs, all_syncs, users_syncs;
    atomic_int users_syncs_then; /* when something was appended last */
    atomic_int unlocked, early;  /* appended without the lock; renamed before the sync */
    atomic_int renames;
    atomic_int meet;            /* so many appends wait for each other */
    atomic_int syncs_then[IDS]; /* when the message with this id was appended; -1: it was not */
    struct lock_file other;     /* another's descriptor of the lock file */
} step;

/* The linker gives us all calls of these. */
bool real_append(struct redo *r, const struct who *who, const struct mail *m, struct span head,
                 struct span body, struct redo_ticket *ticket) __asm__("__real_redo_append");
bool append_here(struct redo *r, const struct who *who, const struct mail *m, struct span head,
                 struct span body, struct redo_ticket *ticket) __asm__("__wrap_redo_append");
bool real_rename(int from_dir, const char *from, int to_dir,
                 const char *to) __asm__("__real_os_file_rename_new");
bool rename_here(int from_dir, const char *from, int to_dir,
                 const char *to) __asm__("__wrap_os_file_rename_new");
bool sync_here(int fd) __asm__("__wrap_os_file_sync_data");
bool sync_all_here(int fd) __asm__("__wrap_os_file_sync_all");
bool real_sync_dir(int dir) __asm__("__real_os_file_sync_dir");
bool sync_dir_here(int dir) __asm__("__wrap_os_file_sync_dir");

bool append_here(struct redo *r, const struct who *who, const struct mail *m, struct span head,
                 struct span body, struct redo_ticket *ticket)
{
    unsigned stripe = lock_stripe(s->locks, who->name);

    if (lock_file_lock(&step.other, stripe, true)) { /* nobody holds it */
        lock_file_lock(&step.other, stripe, false);
        atomic_fetch_add(&step.unlocked, 1);
    }
    /* Two mailboxes may share a stripe; then they cannot meet. */
    int64_t until_ms = os_clock_ms() + 200;
    if (atomic_load(&step.meet) > 0 && atomic_fetch_sub(&step.meet, 1) > 0)
        while (atomic_load(&step.meet) > 0 && os_clock_ms() < until_ms)
            sched_yield();
    atomic_store(&step.users_syncs_then, atomic_load(&step.users_syncs));
    if (m->id < IDS && !atomic_load(&step.refuse))
        step.syncs_then[m->id] = atomic_load(&step.syncs);
    return !atomic_exchange(&step.refuse, false) && real_append(r, who, m, head, body, ticket);
}

bool rename_here(int from_dir, const char *from, int to_dir, const char *to)
{
    struct mail m;

    if (!message_file_parse_name(to, &m) || strncmp(from, "new-", 4) != 0)
        return real_rename(from_dir, from, to_dir, to);
    atomic_fetch_add(&step.renames, 1);
    if (m.id < IDS && step.syncs_then[m.id] == atomic_load(&step.syncs))
        atomic_fetch_add(&step.early, 1);
    while (atomic_load(&step.hold_rename) == m.id)
        sched_yield();
    if (atomic_load(&step.fail_rename) == m.id) {
        errno = EIO;
        return false;
    }
    return real_rename(from_dir, from, to_dir, to);
}

bool sync_here(int fd)
{
    while (atomic_load(&step.hold_sync))
        sched_yield();
    if (atomic_load(&step.fail_sync)) {
        errno = EIO;
        return false;
    }
    atomic_fetch_add(&step.syncs, 1);
    return fd >= 0;
}

bool sync_all_here(int fd)
{
    atomic_fetch_add(&step.all_syncs, 1);
    if (atomic_exchange(&step.fail_all, false)) {
        errno = EIO;
        return false;
    }
    return fd >= 0;
}

bool sync_dir_here(int dir)
{
    if (s && dir == s->dirs[LAYOUT_USERS])
        atomic_fetch_add(&step.users_syncs, 1);
    return real_sync_dir(dir);
}

static void open_store(uint64_t log_bytes)
{
    const char *why;

    s = fixture_open(&f, true);
    step.other.fd = os_lock_open(s->dir, LAYOUT_LOCK);
    if (log_bytes > 0 && !(s->redo = redo_open(s, s->log_dir, log_bytes, &why)))
        exit(1);
}

static void close_store(void)
{
    mailbox_close(ann);
    store_close(s);
    os_file_close(step.other.fd);
    ann = NULL;
    s = NULL;
}

static void begin(void)
{
    step.syncs = step.all_syncs = step.early = step.unlocked = 0;
    for (int i = 0; i < IDS; i++)
        step.syncs_then[i] = -1;
    fixture_begin(&f);
    open_store(1 << 20);
    target = ann = fixture_account(s, "ann");
}

static void end(const char *what)
{
    is_int(step.unlocked, 0, "%s: appended under the mailbox's lock", what);
    is_int(step.early, 0, "%s: nothing was renamed before it was synced", what);
    close_store();
    fixture_end(&f);
}

/* --- a delivery in a thread of its own --- */

struct sending {
    pthread_t thread;
    const char *body, *token;
    struct mail stored;
    enum status st;
    bool repeat;
    atomic_bool ended;
};

static void *deliver(void *arg)
{
    struct sending *d = arg;

    d->st =
        delivery_put(target, "bob", span_str(d->body), span_str(d->token), &d->stored, &d->repeat);
    atomic_store(&d->ended, true);
    return NULL;
}

static void start(struct sending *d, const char *body, const char *token)
{
    *d = (struct sending){.body = body, .token = token, .st = ST_IO};
    pthread_create(&d->thread, NULL, deliver, d);
}

/* What the lists of the mailbox say, under its lock. */
static struct index_totals totals(void)
{
    struct index_totals t = {.messages = UINT64_MAX};
    struct mailbox_quota quota;

    mailbox_totals(ann, &t, &quota);
    return t;
}

static bool is_pending(uint32_t n)
{
    return totals().pending == n;
}

static bool is_renamed(uint32_t n)
{
    return atomic_load(&step.renames) >= (int)n;
}

static bool is_named(uint32_t id)
{
    char begins[20], found[MESSAGE_FILE_NAME_BYTES];
    int dir = fixture_directory(&f, "ann");

    snprintf(begins, sizeof begins, "%010u-", (unsigned)id);
    bool named = fixture_file(dir, begins, found);
    os_file_close(dir);
    return named;
}

static bool until(bool (*holds)(uint32_t n), uint32_t n)
{
    int64_t until_ms = os_clock_ms() + 20000;

    while (!holds(n) && os_clock_ms() < until_ms)
        sched_yield();
    return holds(n);
}

static uint32_t last_shown(void)
{
    uint32_t last = UINT32_MAX;

    messages_last(ann, &last);
    return last;
}

static struct redo_counts counts(void)
{
    struct redo_counts c;

    redo_counts(s->redo, &c);
    return c;
}

/* --- tests --- */

static void test_before_the_sync(void)
{
    struct sending first, repeat, next;

    begin();
    step.hold_sync = true;
    start(&first, "first", TOKEN);
    ok(until(is_pending, 1), "before the sync: a delivery is under way");
    ok(!is_named(1), "before the sync: the message has no name");
    is_int(totals().messages, 0, "before the sync: it is in no list");
    is_int(last_shown(), 0, "before the sync: it is not announced");
    ok(!first.ended, "before the sync: it is not answered");

    start(&repeat, "first", TOKEN);
    atomic_store(&ann->doubtful, true);
    is_int(totals().pending, 1, "before the sync: it is known when the mailbox is read again");
    start(&next, "next", "");
    ok(until(is_pending, 2), "before the sync: another delivery is under way");
    os_clock_sleep(20);
    ok(!repeat.ended && !next.ended, "before the sync: a repeat is not answered either");
    step.hold_sync = false;
    pthread_join(first.thread, NULL);
    pthread_join(repeat.thread, NULL);
    pthread_join(next.thread, NULL);
    ok(first.st == ST_OK && first.stored.id == 1 && !first.repeat,
       "after the sync: the first is 1");
    ok(repeat.st == ST_OK && repeat.stored.id == 1 && repeat.repeat,
       "after the sync: the repeat is the first");
    ok(next.st == ST_OK && next.stored.id == 2, "after the sync: no id was given twice");
    ok(is_named(1) && is_named(2), "after the sync: both have their names");
    is_int(last_shown(), 2, "after the sync: both are announced");
    is_int(fixture_text(ann, 1, "first"), ST_OK, "after the sync: the first can be read");
    end("sync");
}

static void test_before_the_rename(void)
{
    struct sending first, next;

    begin();
    step.renames = 0;
    step.hold_rename = 1;
    start(&first, "first", "");
    ok(until(is_renamed, 1), "before the rename: a delivery that is synced");
    ok(!first.ended && totals().messages == 0 && last_shown() == 0,
       "before the rename: it is neither answered nor seen");
    start(&next, "next", "");
    ok(until(is_renamed, 2) && until(is_named, 2), "before the rename: another one has its name");
    is_int(totals().messages, 0, "before the rename: it is not seen before the first");
    is_int(last_shown(), 0, "before the rename: ... nor announced");
    atomic_store(&ann->doubtful, true);
    is_int(totals().messages, 0, "before the rename: ... also if the mailbox is read again");
    ok(!next.ended, "before the rename: nor is it answered");
    step.hold_rename = 0;
    pthread_join(first.thread, NULL);
    pthread_join(next.thread, NULL);
    ok(first.st == ST_OK && next.st == ST_OK && totals().messages == 2 && last_shown() == 2,
       "after the rename: both are answered and seen");
    end("rename");
}

static void check_unknown(const struct sending *d, const char *what)
{
    struct sending repeat;

    is_int(d->st, ST_UNKNOWN, "%s: the outcome is unknown", what);
    is_int(totals().messages, 1, "%s: what was there before is seen", what);
    is_int(fixture_text(ann, 1, "before"), ST_OK, "%s: ... and can be read", what);
    start(&repeat, "lost", TOKEN);
    pthread_join(repeat.thread, NULL);
    ok(repeat.st == ST_UNKNOWN || repeat.st == ST_READ_ONLY, "%s: a repeat is not answered Yes",
       what);
    is_int(messages_delete(ann, 1), ST_READ_ONLY, "%s: nothing is deleted", what);
}

static void test_failed_sync(void)
{
    struct sending d;
    struct who bob;
    struct account a;

    begin();
    mailbox_close(fixture_account(s, "bob"));
    account_find(s, "bob", &bob, &a);
    fixture_deliver(ann, "bob", "before");
    step.fail_sync = true;
    start(&d, "lost", TOKEN);
    pthread_join(d.thread, NULL);
    step.fail_sync = false;
    ok(!is_named(2), "failed sync: the message gets no name");
    check_unknown(&d, "failed sync");
    struct mailbox *mb = fixture_mailbox(s, "bob");
    is_int(fixture_deliver(mb, "ann", "text"), 0, "failed sync: other mailboxes are read-only");
    mailbox_close(mb);
    ok(account_register(s, "carl", "hash") != ST_OK, "failed sync: no account is made");
    ok(account_delete(s, &bob) != ST_OK, "failed sync: none is deleted");
    is_int(account_set_hash(s, &bob, "x"), ST_READ_ONLY, "failed sync: no password is changed");
    close_store();
    open_store(0);
    target = ann = fixture_mailbox(s, "ann");
    is_int(fixture_text(ann, 1, "before"), ST_OK, "failed sync: after a restart all is there");
    is_int(fixture_text(ann, 2, "lost"), ST_OK, "failed sync: here also what was written");
    end("failed sync");
}

static void test_failed_rename(void)
{
    struct sending d;

    begin();
    fixture_deliver(ann, "bob", "before");
    step.fail_rename = 2;
    start(&d, "lost", TOKEN);
    pthread_join(d.thread, NULL);
    step.fail_rename = 0;
    check_unknown(&d, "failed rename");
    struct mailbox *mb = fixture_account(s, "bob");
    is_int(fixture_deliver(mb, "ann", "text"), 1, "failed rename: other mailboxes go on");
    mailbox_close(mb);
    close_store();
    open_store(0);
    target = ann = fixture_mailbox(s, "ann");
    is_int(fixture_text(ann, 2, "lost"), ST_OK, "failed rename: after a restart it is there");
    ok(!redo_is_left(s->dir), "failed rename: then the log is empty");
    end("failed rename");
}

static void test_large_and_full(void)
{
    static char large[REDO_MESSAGE_MAX + 1];
    struct mail m;
    int delivered = 0;

    begin();
    memset(large, 'x', sizeof large);
    is_int(delivery_put(ann, "bob", span_of(large, sizeof large), SPAN(""), &m, NULL), ST_OK,
           "large: a message that is too large for the log");
    is_int(counts().records, 0, "large: it does without");
    is_int(delivery_put(ann, "bob", span_of(large, sizeof large - 1), SPAN(""), &m, NULL), ST_OK,
           "large: one that is not");
    is_int(counts().records, 1, "large: it is in the log");
    struct sending d;
    step.renames = 0;
    step.hold_rename = 1; /* of another mailbox: its segment cannot be freed */
    target = fixture_account(s, "bob");
    start(&d, "text", "");
    ok(until(is_renamed, 1), "full: a message that has no name");
    while (delivered < 40 &&
           delivery_put(ann, "bob", span_of(large, 60000), SPAN(""), &m, NULL) == ST_OK)
        delivered++;
    is_int(delivered, 40, "full: more than the log can take is delivered");
    ok(counts().records < 40, "full: not all of it by the log");
    step.hold_rename = 0;
    pthread_join(d.thread, NULL);
    mailbox_close(target);
    is_int(totals().messages, 42, "full: all are there");
    step.refuse = true;
    uint32_t id = fixture_deliver(ann, "bob", "refused");
    is_int(fixture_text(ann, id, "refused"), ST_OK,
           "full: one that finds no room at the last moment");
    end("full");
}

/* A recovery forgets messages without an account, so this must be durable first. */
static void test_account_first(void)
{
    begin();
    step.users_syncs = 0;
    fixture_deliver(ann, "bob", "one");
    is_int(step.users_syncs_then, 1, "account first: users/ is synced before the first append");
    fixture_deliver(ann, "bob", "two");
    is_int(step.users_syncs_then, 1, "account first: once");
    const struct who who = *mailbox_who(ann);
    mailbox_close(ann);
    ok(account_delete(s, &who) == ST_OK && deleted_accounts_restore(s, "ann") == ST_OK,
       "account first: it is deleted and restored");
    ann = fixture_mailbox(s, "ann");
    step.users_syncs = 0;
    fixture_deliver(ann, "bob", "three");
    is_int(step.users_syncs_then, 1, "account first: then users/ is synced again");
    end("account first");
}

/* Deletes the account, restores it, and sends to it. */
struct deletion {
    pthread_t thread;
    struct who who;
    enum status deleted;
    struct mail stored;
};

static void *delete_and_restore(void *arg)
{
    struct deletion *d = arg;
    struct mailbox *mb = NULL;

    d->deleted = account_delete(s, &d->who);
    if (d->deleted == ST_OK && deleted_accounts_restore(s, d->who.name) == ST_OK &&
        mailbox_open(s, &d->who, &mb) == ST_OK)
        delivery_put(mb, "bob", SPAN("the second"), SPAN(""), &d->stored, NULL);
    mailbox_close(mb);
    return NULL;
}

/* In an account that is restored, nobody knows of deliveries from before the deletion. */
static void test_deleted(void)
{
    struct sending first;
    struct deletion deletion = {.deleted = ST_IO};
    int64_t until_ms;

    begin();
    step.renames = 0;
    step.hold_rename = 1;
    start(&first, "first", "");
    ok(until(is_renamed, 1), "deleted: a delivery is under way");
    deletion.who = *mailbox_who(ann);
    pthread_create(&deletion.thread, NULL, delete_and_restore, &deletion);
    until_ms = os_clock_ms() + 500;
    while (!is_renamed(2) && os_clock_ms() < until_ms)
        sched_yield();
    ok(!is_renamed(2), "deleted: the account is not deleted before the delivery has ended");
    step.hold_rename = 0;
    pthread_join(first.thread, NULL);
    pthread_join(deletion.thread, NULL);
    ok(first.st == ST_OK && deletion.deleted == ST_OK, "deleted: then it is");
    mailbox_close(ann);
    ann = fixture_mailbox(s, "ann");
    ok(first.stored.id == 1 && deletion.stored.id == 2, "deleted: no id is given twice");
    is_int(fixture_text(ann, 1, "first"), ST_OK, "deleted: the delivery is restored, too");
    end("deleted");
}

/* Fills the log, so that it is checked. Returns whether it was. */
static bool make_checkpoint(void)
{
    static char large[60000];
    int64_t until_ms = os_clock_ms() + 20000;
    struct mail m;
    uint64_t before = counts().checkpoints;

    memset(large, 'x', sizeof large);
    for (int i = 0; i < 12; i++)
        delivery_put(ann, "bob", span_of(large, sizeof large), SPAN(""), &m, NULL);
    while (counts().checkpoints == before && os_clock_ms() < until_ms)
        sched_yield();
    return counts().checkpoints > before;
}

/* What the disk may have made of a file: its bytes are others, or it has no blocks. */
static void spoil(uint32_t id, bool blocks)
{
    char begins[20], name[MESSAGE_FILE_NAME_BYTES], path[800];
    int dir = fixture_directory(&f, "ann");
    struct os_file_info info;

    snprintf(begins, sizeof begins, "%010u-", (unsigned)id);
    if (!fixture_file(dir, begins, name) || !os_file_look(dir, name, &info))
        exit(1);
    snprintf(path, sizeof path, "%s/users/ann/%s", f.path, name);
    FILE *file = fopen(path, "we");
    if (!file)
        exit(1);
    for (uint64_t i = 0; blocks && i < info.bytes; i++)
        fputc('?', file);
    fflush(file);
    if (!blocks && ftruncate(fileno(file), (off_t)info.bytes) != 0)
        exit(1);
    fclose(file);
    os_file_close(dir);
}

static void test_lost_blocks(void)
{
    begin();
    fixture_deliver(ann, "bob", "text");
    spoil(1, false);
    ok(make_checkpoint(), "lost blocks: a checkpoint");
    is_int(fixture_text(ann, 1, "text"), ST_OK, "lost blocks: the message was written again");
    ok(strstr(f.last, "written again from the delivery log: 1"), "lost blocks: it is told: %s",
       f.last);
    end("lost blocks");
}

static void test_failed_syncfs(void)
{
    begin();
    fixture_deliver(ann, "bob", "text");
    spoil(1, true);
    step.fail_all = true;
    ok(make_checkpoint(), "failed sync of all: a checkpoint");
    is_int(fixture_text(ann, 1, "text"), ST_OK,
           "failed sync of all: the message was written again");
    ok(!store_is_failed(s), "failed sync of all: the store goes on");
    end("failed sync of all");
}

/* It fails for a file whose segment is still in use, and which the next sync will not write. */
static void test_failed_syncfs_of_a_later_one(void)
{
    static const uint32_t later = 10; /* in the segment that is in use when the log is half full */
    static char large[60001];

    begin();
    fixture_deliver(ann, "bob", "text");
    step.fail_all = true;
    ok(make_checkpoint(), "failed sync of all, later message: a checkpoint");
    spoil(later, true);
    ok(make_checkpoint(), "failed sync of all, later message: a second checkpoint");
    memset(large, 'x', sizeof large - 1);
    is_int(fixture_text(ann, later, large), ST_OK,
           "failed sync of all, later message: it was written again");
    end("failed sync of all, later message");
}

/* --- several mailboxes at once --- */

static void put_each(struct delivery_one *all, size_t n, const char *text)
{
    delivery_put_each(all, n, "dora", span_str(text), (struct delivery_as){5, MAIL_UNREAD});
}

static void test_together(void)
{
    begin();
    struct mailbox *bob = fixture_account(s, "bob"), *carl = fixture_account(s, "carl");
    struct delivery_one all[3] = {{.mb = ann}, {.mb = bob}, {.mb = carl}};

    put_each(all, 3, "first"); /* the accounts become durable */
    int syncs = atomic_load(&step.syncs), renames = atomic_load(&step.renames);
    put_each(all, 3, "second");
    ok(all[0].st == ST_OK && all[1].st == ST_OK && all[2].st == ST_OK,
       "together: three mailboxes get a message");
    is_int(atomic_load(&step.syncs) - syncs, 1, "together: ... with one sync of the log");
    is_int(atomic_load(&step.renames) - renames, 3, "together: ... and their names");
    is_int(atomic_load(&step.early), 0, "together: ... after it");
    is_int(fixture_text(carl, all[2].stored.id, "second"), ST_OK, "together: it can be read");
    atomic_store(&step.refuse, true);
    all[1].st = ST_FULL;
    put_each(all, 3, "third");
    ok(all[0].st == ST_OK && all[1].st == ST_FULL && all[2].st == ST_OK,
       "together: one is left out, and the log has no room for another");
    is_int(fixture_text(ann, all[0].stored.id, "third"), ST_OK, "together: ... who gets it");
    atomic_store(&step.fail_sync, true);
    all[1].st = ST_OK;
    put_each(all, 3, "fourth");
    ok(all[0].st == ST_UNKNOWN && all[1].st == ST_UNKNOWN && all[2].st == ST_UNKNOWN,
       "together: the sync of the log fails for all");
    atomic_store(&step.fail_sync, false);
    mailbox_close(bob);
    mailbox_close(carl);
    end("together");
}

struct crossing {
    struct mailbox *first, *second;
    int failed;
    pthread_t thread;
};

static void *cross(void *arg)
{
    struct crossing *c = arg;
    struct delivery_one all[2] = {{.mb = c->first}, {.mb = c->second}};

    put_each(all, 2, "text");
    c->failed += all[0].st != ST_OK || all[1].st != ST_OK;
    return NULL;
}

/* Of two deliveries, each has the lower id in one mailbox. */
static void test_crossing(void)
{
    begin();
    struct mailbox *bob = fixture_account(s, "bob");
    struct crossing a = {.first = ann, .second = bob}, b = {.first = bob, .second = ann};

    fixture_deliver(ann, "dora", "first");
    fixture_deliver(bob, "dora", "first");
    for (int i = 0; i < 20; i++) {
        atomic_store(&step.meet, 2);
        pthread_create(&a.thread, NULL, cross, &a);
        pthread_create(&b.thread, NULL, cross, &b);
        pthread_join(a.thread, NULL);
        pthread_join(b.thread, NULL);
    }
    atomic_store(&step.meet, 0);
    is_int(a.failed + b.failed, 0, "crossing: neither waits for the other for ever");
    mailbox_close(bob);
    step.early = 0; /* it goes by ids, and the mailboxes have the same ones */
    end("crossing");
}

int main(void)
{
    test_before_the_sync();
    test_before_the_rename();
    test_failed_sync();
    test_failed_rename();
    test_large_and_full();
    test_account_first();
    test_deleted();
    test_lost_blocks();
    test_failed_syncfs();
    test_failed_syncfs_of_a_later_one();
    test_together();
    test_crossing();
    return done_testing();
}
