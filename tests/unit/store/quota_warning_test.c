/* SPDX-License-Identifier: ISC */
/*
 * The letter that warns of a quota: once, also over restarts, crashes and failures, and again only
 * after the mailbox has been emptier.
 */
#include "each_call.h"

#include "store/housekeeper.h"
#include "store/mailbox_private.h"
#include "store/quota.h"
#include "store/quota_warning.h"
#include "store_fixture.h"

static struct fixture f;
static struct store *s;
static struct mailbox *ann;
static struct quota_warning told;

static void set_limits(uint64_t percent)
{
    s->limits.quota_messages = 20;
    s->limits.quota_warning = percent;
    s->limits.trash_s = 86400;
}

static void open_store(void)
{
    s = fixture_open(&f, true);
    set_limits(90);
    fixture_steady(s);
}

static void begin(void)
{
    fixture_begin(&f);
    open_store();
    ann = fixture_account(s, "ann");
}

static void end(void)
{
    mailbox_close(ann);
    store_close(s);
    fixture_end(&f);
}

static void restart(void)
{
    mailbox_close(ann);
    store_close(s);
    open_store();
    ann = fixture_mailbox(s, "ann");
}

/* As a session delivers. Returns what became of the warning: ST_NO_MESSAGE if none was due. */
static enum status deliver(void)
{
    quota_warning_arm(ann);
    if (fixture_deliver(ann, "bob", "text") == 0)
        return ST_FULL;
    return quota_warning_is_due(ann) ? quota_warning_send(ann, &told) : ST_NO_MESSAGE;
}

static int delivered(int n)
{
    int warned = 0;
    for (int i = 0; i < n; i++)
        warned += deliver() == ST_OK;
    return warned;
}

/* How many letters from the server the mailbox has; *last becomes the last one. */
static int letters(struct mail *last)
{
    int n = 0;
    for (uint32_t id = 1; id < 100; id++) {
        struct mail m;
        if (messages_find(ann, id, &m) != ST_OK || strcmp(m.from, NAME_SERVER) != 0)
            continue;
        *last = m;
        n++;
    }
    return n;
}

/* Purges all messages but the last few. */
static void empty(uint32_t last_kept)
{
    s->limits.trash_s = 0;
    for (uint32_t id = 1; id <= last_kept; id++)
        messages_delete(ann, id);
    housekeeper_sweep(s, fixture_never, NULL);
    set_limits(90);
}

static void test_reaches(void)
{
    struct quota_use u = {.used = {89, 1, 0}, .allowed = {100, 0, 0}};
    ok(!quota_reaches(&u, 90), "89 of 100 are not 90 percent");
    u.used[QUOTA_BYTES] = 90;
    ok(quota_reaches(&u, 90), "90 of 100 are");
    u = (struct quota_use){.used = {0, 0, 0}, .allowed = {1, 1, 1}};
    ok(!quota_reaches(&u, 1), "nothing of 1 is not 1 percent");
    u = (struct quota_use){.used = {0, 9, 0}, .allowed = {0, 10, 0}};
    ok(quota_reaches(&u, 90) && !quota_reaches(&u, 91), "messages count");
    u = (struct quota_use){.used = {0, 0, UINT64_MAX / 2}, .allowed = {0, 0, UINT64_MAX / 2}};
    ok(quota_reaches(&u, 100), "the space on the disk counts, however large");
    u = (struct quota_use){.used = {5, 5, 5}, .allowed = {0, 0, 0}};
    ok(!quota_reaches(&u, 1), "without a quota nothing is reached");
}

static void test_once(void)
{
    struct mail m = {.id = 0};
    begin();
    is_int(delivered(17), 0, "below 90 percent: no warning");
    is_int(deliver(), ST_OK, "at 18 of 20: the warning");
    ok(told.messages == 18 && told.quota.messages == 20, "... which tells how much is used");
    is_int(letters(&m), 1, "a letter is there");
    is_int(m.id, 19, "... after the message that caused it");
    is_int(deliver(), ST_NO_MESSAGE, "a later delivery: no warning");
    is_int(deliver(), ST_FULL, "the mailbox is full");
    messages_delete(ann, m.id);
    is_int(deliver(), ST_NO_MESSAGE, "the trash makes room: no warning, although it is purged");
    restart();
    messages_delete(ann, 1);
    is_int(deliver(), ST_NO_MESSAGE, "after a restart: no warning");
    is_int(letters(&m), 0, "nothing was sent again");
    end();
}

static void test_again(void)
{
    struct mail m = {.id = 0};
    begin();
    is_int(delivered(18), 1, "a warning");
    empty(2);
    is_int(deliver(), ST_NO_MESSAGE, "17 of 20, one more: no warning");
    is_int(letters(&m), 1, "... and no letter");
    empty(5);
    is_int(delivered(2), 0, "15 of 20, below 80 percent: the next one is armed");
    restart();
    is_int(deliver(), ST_OK, "at 90 percent, also after a restart: the second warning");
    is_int(letters(&m), 2, "... is another letter");
    is_int(delivered(1), 0, "... once");
    end();
}

/* Quotas and tokens are of an account, not of a name; deleted messages count. */
static void test_trash_counts(void)
{
    begin();
    delivered(16);
    messages_delete(ann, 1);
    messages_delete(ann, 2);
    is_int(deliver(), ST_NO_MESSAGE, "17 of 20 with the trash");
    is_int(deliver(), ST_OK, "18 of 20 with the trash: the warning");
    end();
}

static void test_off(void)
{
    begin();
    set_limits(0);
    is_int(delivered(18), 0, "0: no warning");
    set_limits(90);
    is_int(deliver(), ST_OK, "turned on, the next delivery warns");
    end();
}

static void test_no_room(void)
{
    struct mail m = {.id = 0};
    begin();
    s->limits.quota_messages = 1;
    is_int(deliver(), ST_FULL, "a quota of one message: no room for the letter");
    is_int(letters(&m), 0, "... which is not stored");
    s->limits.quota_messages = 2;
    is_int(deliver(), ST_FULL, "likewise after the second message");
    s->limits.quota_messages = 4;
    is_int(deliver(), ST_NO_MESSAGE, "75 percent");
    s->limits.quota_messages = 5;
    is_int(deliver(), ST_NO_MESSAGE, "80 percent");
    s->limits.quota_messages = 6;
    is_int(deliver(), ST_NO_MESSAGE, "83 percent");
    s->limits.quota_messages = 7;
    is_int(deliver(), ST_NO_MESSAGE, "85 percent");
    s->limits.quota_messages = 9;
    is_int(delivered(2), 0, "7 of 9");
    is_int(deliver(), ST_FULL, "9 of 9: no room");
    s->limits.quota_messages = 10;
    is_int(deliver(), ST_FULL, "10 of 10: no room");
    s->limits.quota_messages = 12;
    is_int(deliver(), ST_OK, "11 of 12: it is tried again, and succeeds");
    is_int(letters(&m), 1, "... once");
    end();
}

/* --- meanwhile --- */

static void test_not_due(void)
{
    struct mail m = {.id = 0};
    begin();
    is_int(quota_warning_send(ann, &told), ST_NO_MESSAGE, "not due: nothing is sent");
    for (int i = 0; i < 18; i++)
        fixture_deliver(ann, "bob", "text");
    ok(quota_warning_is_due(ann), "not due: a warning is");
    set_limits(0);
    is_int(quota_warning_send(ann, &told), ST_NO_MESSAGE,
           "not due: warnings are turned off meanwhile");
    set_limits(90);
    fixture_deliver(ann, "bob", "text");
    ok(quota_warning_is_due(ann), "not due: another warning is");
    empty(10);
    is_int(quota_warning_send(ann, &told), ST_NO_MESSAGE, "not due: there is room meanwhile");
    is_int(letters(&m), 0, "not due: no letter was sent");
    end();
}

/* The session of another sender sends the warning that ours was about to send. */
static void warn_first(void)
{
    is_int(deliver(), ST_OK, "first: another sender's session sends the warning");
}

/* And much happens after that. */
static void warn_twice(void)
{
    warn_first();
    empty(10);
    is_int(delivered(20), 1, "first: ... and another one after the mailbox was emptied");
}

static void test_not_first(void)
{
    static const struct {
        void (*happens)(void);
        int letters;
    } rows[] = {{warn_first, 1}, {warn_twice, 2}};
    struct mail m = {.id = 0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin();
        delivered(17);
        faults_meanwhile("os_file_create", LAYOUT_TEMPORARY, 2, rows[i].happens, 0);
        is_int(deliver(), ST_NO_MESSAGE, "first: ours is not sent");
        ok(faults_happened(), "first: ... although it was about to be stored");
        is_int(letters(&m), rows[i].letters, "first: ... and not stored");
        restart();
        messages_delete(ann, 12);
        is_int(deliver(), ST_NO_MESSAGE, "first: ... and not at the next delivery, either");
        end();
    }
}

static void warn_when_full(void)
{
    is_int(delivered(10), 1, "armed: another session sends it");
}

/* Another session arms the next warning, and sends it, between our look and what we write down. */
static void test_armed_meanwhile(void)
{
    struct mail m = {.id = 0};
    begin();
    delivered(18);
    empty(10);
    faults_meanwhile("os_file_open_any", LAYOUT_ACCOUNT, 1, warn_when_full, 0);
    is_int(quota_warning_arm(ann), ST_OK, "armed: a warning may be sent again");
    ok(faults_happened() && letters(&m) == 2, "armed: it is sent meanwhile");
    is_int(delivered(1), 0, "armed: it is not sent once more");
    end();
}

/* A mailbox that cannot change needs no warning, and nobody waits for its lock. */
static void test_read_only(void)
{
    begin();
    delivered(18);
    empty(10);
    struct store *tool = fixture_open(&f, false);
    unsigned stripe = lock_stripe(tool->locks, "ann");
    ok(lock_take(tool->locks, stripe, "ann") != LOCK_FAILED, "read-only: a tool has the mailbox");
    is_int(quota_warning_arm(ann), ST_BUSY, "read-only: arming a warning must wait for the lock");
    store_fail(s, "test");
    is_int(quota_warning_arm(ann), ST_OK, "read-only: ... but not if the store is read-only");
    lock_give(tool->locks, stripe);
    store_close(tool);
    is_int(deliver(), ST_FULL, "read-only: nothing is delivered");
    end();
}

/* --- each failing call --- */

/* The warning fails at some call; it is sent after a later delivery, and only once. */
static bool run(const void *ctx, int nth, int error, bool ever)
{
    struct who who = {.name = "ann"};
    struct each_held held = each_hold();
    struct mail m;
    (void)ctx;
    fixture_begin(&f);
    open_store();
    if (account_register(s, "ann", "hash") != ST_OK || mailbox_open(s, &who, &ann) != ST_OK)
        exit(1);
    s->limits.quota_messages = 30;
    delivered(26);
    faults_arm(nth, error, ever);
    deliver();
    bool failed = faults_disarm();
    mailbox_close(ann);
    store_close(s);
    open_store();
    s->limits.quota_messages = 30; /* there is room for a second letter */
    if (mailbox_open(s, &who, &ann) != ST_OK)
        is_wrong("the mailbox cannot be opened afterwards");
    else if (delivered(2) > 1 || letters(&m) != 1)
        is_wrong("%d letters instead of one", letters(&m));
    end();
    each_check_held(&held);
    return failed;
}

int main(void)
{
    test_reaches();
    test_once();
    test_again();
    test_trash_counts();
    test_off();
    test_no_room();
    test_not_due();
    test_not_first();
    test_armed_meanwhile();
    test_read_only();
    setenv("TMPDIR", "/dev/shm", 1);
    const struct each_call every = {"a warning", run, NULL, 30, 1};
    const struct each_call each = {"a warning", run, NULL, 30, faults_stride()};
    each_call_fails(&every, 1, EIO, false);
    each_call_fails(&each, 2, EIO, true);
    each_call_fails(&each, 3, ENOSPC, false);
    each_call_fails(&each, 4, ENOMEM, false);
    return done_testing();
}
