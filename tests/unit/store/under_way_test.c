/* SPDX-License-Identifier: ISC */
#include "store/under_way.h"

#include "store_faults.h"

#include <sched.h>
#include <signal.h>

#include "os/clock.h"
#include "random.h"
#include "tap.h"

#define MANY 6

static struct under_way u;
static struct delivery deliveries[MANY];

static struct mail mail(uint32_t id, enum mail_state state)
{
    struct mail m = {.id = id, .state = state, .time = 1512316293, .from = "bob"};

    return m;
}

static void begin(unsigned n, uint32_t first_id)
{
    under_way_init(&u);
    for (unsigned i = 0; i < n; i++) {
        deliveries[i].mail = mail(first_id + i, MAIL_PENDING);
        under_way_begin(&u, &deliveries[i]);
    }
}

static uint32_t watermark(void)
{
    return atomic_load(&u.durable);
}

/* The ids from 11 on end in any order: the watermark is always just below the lowest that has not.
 */
static unsigned wrong_steps;

static void permute(unsigned order[], unsigned k, unsigned n)
{
    if (k < n) {
        for (unsigned i = k; i < n; i++) {
            unsigned kept = order[k];
            order[k] = order[i];
            order[i] = kept;
            permute(order, k + 1, n);
            order[i] = order[k];
            order[k] = kept;
        }
        return;
    }
    bool ended[MANY] = {false};
    begin(n, 11);
    for (unsigned i = 0; i < n; i++) {
        unsigned lowest = 0;
        under_way_end(&u, &deliveries[order[i]], true);
        ended[order[i]] = true;
        while (lowest < n && ended[lowest])
            lowest++;
        /* As long as none of the first is durable, nothing is known of what was before. */
        wrong_steps += watermark() != 10 + lowest;
    }
    under_way_destroy(&u);
}

static void test_orders(void)
{
    unsigned order[5] = {0, 1, 2, 3, 4};

    permute(order, 0, 5);
    is_int(wrong_steps, 0,
           "orders: in each, the watermark is below the lowest id that is under way");
}

static void test_failed(void)
{
    begin(5, 11);
    under_way_end(&u, &deliveries[4], true);
    under_way_end(&u, &deliveries[2], false);
    under_way_end(&u, &deliveries[0], true);
    is_int(watermark(), 11, "failed: the watermark is below those under way");
    under_way_end(&u, &deliveries[1], true);
    is_int(watermark(), 12, "failed: it moves up to the one that failed");
    under_way_end(&u, &deliveries[3], true);
    is_int(watermark(), 12, "failed: it never moves over that");
    deliveries[0].mail = mail(16, MAIL_PENDING);
    under_way_begin(&u, &deliveries[0]);
    under_way_end(&u, &deliveries[0], true);
    is_int(watermark(), 12, "failed: nor do later deliveries move it");
    ok(under_way_wait(&u, 12, 0), "failed: what is below has become durable");
    ok(!under_way_wait(&u, 13, 0), "failed: the one that failed has not");
    ok(!under_way_wait(&u, 14, 0), "failed: nothing is said of those above");
    ok(under_way_wait_seen(&u, 12), "failed: what is below is seen");
    ok(!under_way_wait_seen(&u, 14), "failed: what is above is durable, but not seen");
    under_way_destroy(&u);

    begin(3, 1);
    under_way_end(&u, &deliveries[2], false);
    under_way_end(&u, &deliveries[1], false);
    under_way_end(&u, &deliveries[0], true);
    is_int(watermark(), 1, "two failed: the watermark stays below the lower one");
    under_way_destroy(&u);
}

static void test_random(void)
{
    bool under[MANY], failed_once = false;
    uint32_t id[MANY] = {0}, next = 1, failed = 0;
    unsigned bad = 0;

    begin(0, 0);
    memset(under, 0, sizeof under);
    for (int round = 0; round < 20000; round++) {
        size_t i = random_below(MANY);
        if (under[i]) {
            bool durable = round < 10000 || random_below(100) > 0;
            under_way_end(&u, &deliveries[i], durable);
            if (!durable && (failed == 0 || id[i] < failed))
                failed = id[i];
            failed_once = failed_once || !durable;
        } else {
            id[i] = next++;
            deliveries[i].mail = mail(id[i], MAIL_PENDING);
            under_way_begin(&u, &deliveries[i]);
        }
        under[i] = !under[i];
        uint32_t lowest = next;
        for (int k = 0; k < MANY; k++)
            if (under[k] && id[k] < lowest)
                lowest = id[k];
        if (failed && failed < lowest)
            lowest = failed;
        bad += watermark() >= lowest;
        bad += !under[i] && watermark() != lowest - 1;
    }
    ok(bad == 0 && failed_once,
       "random: the watermark is never at or over one that is under way or "
       "failed, and at the end of each just below");
    if (bad)
        random_diag();
    under_way_destroy(&u);
}

struct waiting {
    pthread_t thread;
    bool (*wait)(uint32_t id);
    uint32_t id;
    atomic_int state; /* 0: not yet; 1: waits; 2: true; 3: false */
};

static bool wait_ended(uint32_t id)
{
    return under_way_wait(&u, id, 20000);
}

static bool wait_seen(uint32_t id)
{
    return under_way_wait_seen(&u, id);
}

static void *wait_for_it(void *arg)
{
    struct waiting *w = arg;

    atomic_store(&w->state, 1);
    atomic_store(&w->state, w->wait(w->id) ? 2 : 3);
    return NULL;
}

static void start(struct waiting *w, bool (*wait)(uint32_t id), uint32_t id)
{
    w->wait = wait;
    w->id = id;
    atomic_init(&w->state, 0);
    pthread_create(&w->thread, NULL, wait_for_it, w);
    while (atomic_load(&w->state) == 0)
        sched_yield();
}

static int end(struct waiting *w)
{
    pthread_join(w->thread, NULL);
    return atomic_load(&w->state);
}

static void test_wait(void)
{
    struct waiting first, second, third;

    begin(3, 1);
    ok(!under_way_wait(&u, 2, 1), "wait: not for longer than wanted");
    start(&first, wait_ended, 1);
    start(&second, wait_ended, 2);
    start(&third, wait_ended, 3);
    under_way_end(&u, &deliveries[2], false);
    is_int(end(&third), 3, "wait: one that has failed is told from one that is durable");
    under_way_end(&u, &deliveries[1], true);
    ok(!under_way_wait(&u, 2, 1), "wait: for those with lower ids, too, until they are seen");
    is_int(atomic_load(&second.state), 1, "wait: ... without an answer meanwhile");
    under_way_end(&u, &deliveries[0], true);
    is_int(end(&first), 2, "wait: one that is durable");
    is_int(end(&second), 2, "wait: one that is seen with it");
    ok(under_way_wait(&u, 1, 0), "wait: not for one that has ended");
    ok(under_way_wait_all(&u, 0), "wait: nor for all, when they have");
    under_way_begin(&u, &deliveries[0]);
    ok(!under_way_wait_all(&u, 1), "wait: for all not longer than wanted, either");
    under_way_end(&u, &deliveries[0], true);
    under_way_destroy(&u);
}

/* Whether a thread waits until its message is seen. */
static bool one_waits(void)
{
    bool waits;

    pthread_mutex_lock(&u.mutex);
    waits = u.unseen != NULL;
    pthread_mutex_unlock(&u.mutex);
    return waits;
}

static void test_wait_seen(bool durable)
{
    struct waiting w[4];

    begin(5, 1);
    under_way_end(&u, &deliveries[0], true);
    for (uint32_t i = 2; i < 5; i++) {
        under_way_end(&u, &deliveries[i], true);
        start(&w[i - 1], wait_seen, i + 1);
    }
    while (!one_waits())
        sched_yield();
    ok(atomic_load(&w[1].state) == 1 && atomic_load(&w[2].state) == 1 &&
           atomic_load(&w[3].state) == 1,
       "seen: those above one that is under way wait for it");
    under_way_end(&u, &deliveries[1], durable);
    for (int i = 1; i < 4; i++)
        is_int(end(&w[i]), durable ? 2 : 3,
               "seen: its end is the end of waiting, and says how it ended");
    under_way_destroy(&u);
}

static atomic_int signals;

static void note_signal(int number)
{
    (void)number;
    atomic_fetch_add(&signals, 1);
}

/* A session that must end gets a signal; it waits for its message all the same. */
static void test_signal(void)
{
    struct waiting w;

    struct sigaction action = {.sa_handler = note_signal};

    sigaction(SIGUSR1, &action, NULL);
    begin(2, 1);
    under_way_end(&u, &deliveries[1], true);
    start(&w, wait_seen, 2);
    while (!one_waits())
        sched_yield();
    for (int sent = 1; sent <= 100; sent++) {
        pthread_kill(w.thread, SIGUSR1);
        while (atomic_load(&signals) < sent)
            sched_yield();
    }
    is_int(atomic_load(&w.state), 1, "signal: who waits for a message goes on waiting");
    under_way_end(&u, &deliveries[0], true);
    is_int(end(&w), 2, "signal: ... until it is seen");
    under_way_destroy(&u);
}

/* There is no memory for what is under way. */
static void test_memory(void)
{
    struct index *ix = index_new();

    begin(2, 1);
    faults_meanwhile("calloc", NULL, 1, NULL, ENOMEM);
    ok(!under_way_add(&u, ix) && faults_happened(), "memory: without it, a mailbox is not read");
    index_unref(ix);
    ix = index_new();
    ok(under_way_add(&u, ix) && index_count(ix) == 2, "memory: with it, it is");
    index_unref(ix);
    under_way_destroy(&u);
}

/* A mailbox is read while deliveries are under way: a directory may show their names, or not yet.
 */
static bool is_pending_one(void *ctx, const struct mail *first, const struct mail *m)
{
    (void)ctx;
    return mail_is_pending(first) || mail_is_pending(m);
}

static void count_other(void *ctx, size_t position, const struct mail *first, const struct mail *m)
{
    (void)position, (void)first, (void)m;
    ++*(int *)ctx;
}

static enum mail_state state_of(const struct index *ix, uint32_t id)
{
    struct mail m = {.state = MAIL_GONE};
    size_t position = index_find(ix, id);

    if (position != INDEX_NONE)
        index_get(ix, position, &m);
    return m.state;
}

static void test_reading(enum mail_state pending, enum mail_state named)
{
    struct index *ix = index_new();
    const struct mail there[] = {mail(1, named), mail(3, named)};
    int duplicates = 0;
    struct index_twice twice = {is_pending_one, count_other, &duplicates};

    begin(2, 2);
    deliveries[0].mail.state = deliveries[1].mail.state = pending;
    ok(index_add(ix, &there[0]) && under_way_add(&u, ix) && index_add(ix, &there[1]),
       "reading, %c: what is under way is added", (char)named);
    ok(index_sort(ix, NULL, &twice) && duplicates == 0,
       "reading, %c: a name of one under way is no duplicate", (char)named);
    is_int(state_of(ix, 1), named, "reading, %c: a message of before is there", (char)named);
    is_int(state_of(ix, 2), pending, "reading, %c: one without a name yet is pending", (char)named);
    is_int(state_of(ix, 3), pending, "reading, %c: so is one with a name", (char)named);
    is_int(index_last_id(ix), 3, "reading, %c: no id is given twice", (char)named);
    index_unref(ix);
    under_way_destroy(&u);
}

int main(void)
{
    random_begin();
    test_orders();
    test_failed();
    test_random();
    test_wait();
    test_wait_seen(true);
    test_wait_seen(false);
    test_signal();
    test_memory();
    test_reading(MAIL_PENDING, MAIL_UNREAD);
    test_reading(MAIL_PENDING_NORMAL, MAIL_NORMAL);
    return done_testing();
}
