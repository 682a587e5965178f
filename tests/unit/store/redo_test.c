/* SPDX-License-Identifier: ISC */
/* The delivery log below the check of the file system: redo_disk.h looks at what it does. */
#include "store/redo.h"

#include "os/clock.h"
#include "redo_disk.h"
#include "store/redo_recovery.h"

#define MIB (UINT64_C(1) << 20)

static struct fixture f;

static void begin(uint64_t limit)
{
    const char *why;

    fixture_begin(&f);
    s = fixture_open(&f, true);
    pthread_mutex_lock(&disk.mutex);
    memset(disk.segments, 0, sizeof disk.segments);
    memset(disk.open, 0, sizeof disk.open);
    memset(disk.written, 0, sizeof disk.written);
    disk.serial = disk.oldest = disk.synced_oldest = disk.settled = 0;
    disk.broken = 0;
    disk.ending = false;
    pthread_mutex_unlock(&disk.mutex);
    disk.writes = disk.syncs = disk.all_syncs = disk.others = 0;
    r = redo_open(s, s->log_dir, limit, &why);
    if (!r) {
        diag("redo_open: %s", why);
        exit(1);
    }
}

static bool close_log(void)
{
    pthread_mutex_lock(&disk.mutex);
    disk.ending = true;
    pthread_mutex_unlock(&disk.mutex);
    bool closed = redo_close(r);

    s->redo = r = NULL;
    return closed;
}

static void end(const char *what)
{
    close_log();
    store_close(s);
    fixture_end(&f);
    ok(disk.broken == 0, "%s: no rule was broken%s%s", what, disk.broken ? ": " : "",
       disk.broken ? disk.rule : "");
    is_int(disk.others, 0, "%s: the file system is synced by the store's own descriptor", what);
}

/* --- messages: of an account that there is not, so that only the log has them --- */

struct entry {
    struct redo_ticket ticket;
    uint64_t serial;
    uint32_t id;
};

static atomic_uint next_id = 1;

static bool append(struct entry *m, size_t bytes, int64_t time)
{
    static const char text[REDO_MESSAGE_MAX];
    const struct who who = {.name = "ann", .generation = "00112233445566aa"};
    char head[MESSAGE_FILE_HEADER_BYTES];
    struct mail mail = redo_mail(m->id = atomic_fetch_add(&next_id, 1), "", "");

    mail.time = time;
    message_file_measure(&mail, span_of(text, bytes));
    size_t n = message_file_header(&mail, span_of(text, bytes), head);
    if (!redo_append(r, &who, &mail, span_of(head, n), span_of(text, bytes), &m->ticket))
        return false;
    pthread_mutex_lock(&r->mutex);
    m->serial = r->segments[m->ticket.segment].serial;
    pthread_mutex_unlock(&r->mutex);
    pthread_mutex_lock(&disk.mutex);
    disk.open[m->serial]++;
    pthread_mutex_unlock(&disk.mutex);
    return true;
}

static bool wait_for(const struct entry *m)
{
    bool done = redo_wait(r, &m->ticket);

    pthread_mutex_lock(&disk.mutex);
    must(!done || disk.durable[m->id], "a message is answered for once it is synced");
    pthread_mutex_unlock(&disk.mutex);
    return done;
}

static void name(const struct entry *m)
{
    pthread_mutex_lock(&disk.mutex);
    disk.open[m->serial]--;
    pthread_mutex_unlock(&disk.mutex);
    redo_named(r, &m->ticket);
}

static struct redo_counts counts(void)
{
    struct redo_counts c;

    redo_counts(r, &c);
    return c;
}

/* Appends until the log takes no more, and waits for all. Returns how many are in messages. */
static unsigned fill(struct entry *messages, unsigned most, size_t bytes, int64_t time)
{
    unsigned n = 0;
    bool waited = true;

    while (n < most && append(&messages[n], bytes, time))
        n++;
    for (unsigned i = 0; i < n; i++)
        waited = wait_for(&messages[i]) && waited;
    ok(waited, "%u messages of %zu bytes are durable", n, bytes);
    return n;
}

static bool until(bool (*holds)(void))
{
    int64_t until_ms = os_clock_ms() + 20000;

    while (!holds() && os_clock_ms() < until_ms)
        sched_yield();
    return holds();
}

static bool has_room(void)
{
    return redo_has_room(r, 1000);
}

/* --- many threads --- */

#define THREADS 8
#define ROUNDS  400

static atomic_int lost;

static void *deliver_many(void *arg)
{
    unsigned seed = *(const unsigned *)arg;
    struct entry m;

    for (int i = 0; i < ROUNDS; i++) {
        int64_t until_ms = os_clock_ms() + 20000;
        size_t bytes = (seed * 7919 + (unsigned)i * 104729) % 5000;
        if (i % 50 == 49)
            bytes = REDO_MESSAGE_MAX - seed;
        while (!append(&m, bytes, 1000) && os_clock_ms() < until_ms)
            sched_yield();
        if (os_clock_ms() >= until_ms || !wait_for(&m))
            atomic_fetch_add(&lost, 1);
        else
            name(&m);
    }
    return NULL;
}

static void test_many(uint64_t limit)
{
    pthread_t threads[THREADS];
    unsigned seeds[THREADS];

    begin(limit);
    for (unsigned i = 0; i < THREADS; i++) {
        seeds[i] = i;
        pthread_create(&threads[i], NULL, deliver_many, &seeds[i]);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    struct redo_counts c = counts();
    is_int(lost, 0, "many: all messages have become durable");
    is_int(c.records, THREADS * ROUNDS, "many: all are in the log");
    ok(c.checkpoints > 0 && disk.serial > 4, "many: segments were used again, after %d checkpoints",
       (int)c.checkpoints);
    ok(c.bytes <= limit, "many: the log has not grown beyond its limit");
    ok(limit == MIB ? c.bytes == MIB : c.bytes > MIB, "many: it has grown if it may");
    is_int(f.troubles, 0, "many: no trouble was reported%s%s", f.troubles ? ": " : "", f.last);
    ok(close_log(), "many: it ends in order");
    ok(!redo_is_left(s->dir), "many: ... and nothing is left");
    end("many");
}

/* --- one sync for all --- */

static struct entry waiting[THREADS];
static atomic_int returned, failed;

static void *wait_once(void *arg)
{
    if (!wait_for(arg))
        atomic_fetch_add(&failed, 1);
    atomic_fetch_add(&returned, 1);
    return NULL;
}

static bool is_syncing(void)
{
    return atomic_load(&disk.syncs) > 0;
}

/* The first message's sync is held up until all others have been appended, whose threads wait. */
static void hold_up(pthread_t threads[THREADS])
{
    returned = failed = 0;
    atomic_store(&disk.held, true);
    for (unsigned i = 0; i < THREADS; i++) {
        append(&waiting[i], 100, 1000);
        pthread_create(&threads[i], NULL, wait_once, &waiting[i]);
        if (i == 0)
            until(is_syncing);
    }
}

static void join_all(pthread_t threads[THREADS])
{
    atomic_store(&disk.held, false);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void test_shared(void)
{
    pthread_t threads[THREADS];

    begin(MIB);
    hold_up(threads);
    is_int(returned, 0, "shared: nobody returns while the sync runs");
    join_all(threads);
    is_int(failed, 0, "shared: all become durable");
    is_int(disk.syncs, 2, "shared: one sync serves all that came meanwhile");
    is_int(disk.writes, 2, "shared: ... and one write");
    for (unsigned i = 0; i < THREADS; i++)
        name(&waiting[i]);
    end("shared");
}

/* --- a full log, checkpoints --- */

static struct entry messages[5000];

static void test_full(void)
{
    begin(MIB);
    unsigned n = fill(messages, 5000, 1000, 1000);
    ok(n > 800 && n < 1100, "full: the log takes %u messages", n);
    ok(!redo_has_room(r, 0), "full: it has no room");
    ok(counts().refused >= 2, "full: it counts what it refuses");
    is_int(counts().checkpoints, 0, "full: no segment is free while its messages have no names");
    for (unsigned i = n; i-- > 1;)
        name(&messages[i]);
    os_clock_sleep(50);
    ok(!redo_has_room(r, 0), "full: ... nor while one in the oldest has none");
    is_int(counts().checkpoints, 0, "full: ... no checkpoint is made");
    name(&messages[0]);
    ok(until(has_room), "full: with the last name a checkpoint makes room");
    ok(disk.all_syncs > 0 && disk.synced_oldest > 1, "full: ... after a sync, and by a mark");
    n = fill(messages, 5000, 1000, 1000);
    ok(n > 400, "full: then it takes %u more", n);
    for (unsigned i = 0; i < n; i++)
        name(&messages[i]);
    end("full");
}

/* Of all segments but the one with an open message there is nothing left in the end. */
static void test_open(void)
{
    struct entry first, m;
    struct buf bytes;
    struct redo_place place;
    struct span content;
    size_t at = 0;

    begin(MIB);
    append(&first, 100, 1000);
    ok(wait_for(&first), "open: a message that will have no name for long");
    for (int i = 0; i < 3000; i++)
        if (append(&m, 1000, 1000)) {
            wait_for(&m);
            name(&m);
        }
    buf_init(&bytes, MIB);
    os_file_load(s->log_dir, r->segments[first.ticket.segment].name, &bytes);
    ok(redo_record_find(buf_span(&bytes), r->log, &at, &place, &content) && place.serial == 1,
       "open: its segment was not written over");
    buf_free(&bytes);
    ok(disk.synced_oldest <= 1, "open: no mark calls it old");
    ok(!close_log(), "open: the log does not end in order");
    ok(redo_is_left(s->dir), "open: ... and its segments stay");
    end("open");
}

static void test_newer(void)
{
    struct entry m[2];

    begin(MIB);
    ok(redo_is_newer(r, INT64_MAX - 1), "newer: an empty log has nothing");
    append(&m[0], 100, 5000);
    append(&m[1], 100, 4000);
    ok(wait_for(&m[0]) && wait_for(&m[1]), "newer: two messages");
    ok(redo_is_newer(r, 3999), "newer: both are newer than this");
    ok(!redo_is_newer(r, 4000), "newer: one of this time may be in it");
    ok(!redo_is_newer(r, 9000), "newer: ... or of a later one");
    name(&m[0]);
    name(&m[1]);
    ok(!redo_is_newer(r, 4000), "newer: also when they have their names");
    unsigned n = fill(messages, 5000, 1000, 8000);
    ok(!redo_is_newer(r, 4000), "newer: also when other segments are in use");
    for (unsigned i = 0; i < n; i++)
        name(&messages[i]);
    ok(until(has_room), "newer: a checkpoint");
    ok(redo_is_newer(r, 4000), "newer: after it they are forgotten");
    end("newer");
}

/* What lies in the log for long is settled, too: then its segment is left. */
static void test_leave(void)
{
    struct entry m;

    begin(MIB);
    pthread_mutex_lock(&r->mutex);
    ok(!redo_leave_segment(r), "leave: a segment without a message is not left");
    pthread_mutex_unlock(&r->mutex);
    append(&m, 100, 1000);
    ok(wait_for(&m), "leave: a message");
    name(&m);
    pthread_mutex_lock(&r->mutex);
    ok(redo_leave_segment(r) && r->current != m.ticket.segment, "leave: its segment is left");
    ok(!redo_leave_segment(r), "leave: the next one is not left before it is used");
    pthread_mutex_unlock(&r->mutex);
    append(&m, 100, 1000);
    ok(wait_for(&m) && m.serial == 2, "leave: the next message is in another segment");
    name(&m);
    ok(close_log(), "leave: the log ends in order");
    end("leave");
}

/* --- failures --- */

/* The linker gives us all calls of realloc. */
static atomic_bool out_of_memory;

void *real_realloc(void *block, size_t size) __asm__("__real_realloc");
void *short_realloc(void *block, size_t size) __asm__("__wrap_realloc");

void *short_realloc(void *block, size_t size)
{
    return atomic_load(&out_of_memory) ? NULL : real_realloc(block, size);
}

static void test_no_memory(void)
{
    struct entry before, after, m;

    begin(MIB);
    ok(append(&before, 100, 1000), "no memory: a message that waits for its sync");
    atomic_store(&out_of_memory, true);
    ok(!append(&m, 50000, 1000), "no memory: the log refuses one for which there is none");
    atomic_store(&out_of_memory, false);
    ok(append(&after, 50000, 1000), "no memory: it takes the next");
    ok(wait_for(&before) && wait_for(&after), "no memory: both are durable");
    ok(!store_is_failed(s), "no memory: the log goes on");
    name(&before);
    name(&after);
    ok(close_log(), "no memory: it ends in order");
    end("no memory");
}

static void check_failed(const char *what, unsigned syncs, const char *text)
{
    struct entry m;

    ok(store_is_failed(s), "%s: the store is read-only", what);
    ok(strstr(f.first, text), "%s: it is reported: %s", what, f.first);
    ok(strstr(f.last, "can only be read"), "%s: ... with what follows: %s", what, f.last);
    ok(!append(&m, 100, 1000) && !redo_has_room(r, 0), "%s: nothing more is appended", what);
    os_clock_sleep(20);
    is_int(disk.syncs, syncs, "%s: no sync is tried again", what);
    is_int(f.troubles, 2, "%s: nothing else is reported", what);
    ok(!close_log(), "%s: the log does not end in order", what);
    ok(redo_is_left(s->dir), "%s: its segments stay for the next start", what);
}

static void test_failure(atomic_bool *what, const char *title, unsigned syncs, const char *text)
{
    pthread_t threads[THREADS];
    struct entry before;

    begin(MIB);
    append(&before, 100, 1000);
    ok(wait_for(&before), "%s: a message before", title);
    atomic_store(&disk.syncs, 0);
    if (what == &disk.fail_write) {
        for (unsigned i = 0; i < THREADS; i++)
            append(&waiting[i], 100, 1000);
        returned = failed = 0;
        atomic_store(what, true);
        for (unsigned i = 0; i < THREADS; i++)
            pthread_create(&threads[i], NULL, wait_once, &waiting[i]);
    } else {
        hold_up(threads);
        atomic_store(what, true);
    }
    join_all(threads);
    is_int(failed, THREADS, "%s: all that waited are told, also those of the next batch", title);
    ok(wait_for(&before), "%s: what was durable before is so still", title);
    check_failed(title, syncs, text);
    end(title);
}

static void test_moved(void)
{
    struct entry m;

    begin(MIB);
    os_file_remove(s->log_dir, r->segments[0].name);
    append(&m, 100, 1000);
    ok(!wait_for(&m), "removed: a message in a segment that is gone is not durable");
    ok(store_is_failed(s), "removed: the store is read-only");
    ok(!close_log(), "removed: the log does not end in order");
    end("removed");

    begin(MIB);
    os_file_rename_new(s->dir, LAYOUT_LOG, s->dir, "log.moved");
    append(&m, 100, 1000);
    ok(!wait_for(&m), "moved with log/: a message there, where no recovery looks, is not durable");
    ok(store_is_failed(s), "moved with log/: the store is read-only");
    end("moved with log/");
}

int main(void)
{
    test_many(MIB);
    test_many(16 * MIB);
    test_shared();
    test_full();
    test_open();
    test_newer();
    test_leave();
    test_no_memory();
    test_failure(&disk.fail_sync, "failed sync", 1, "cannot sync log/segment-");
    test_failure(&disk.fail_write, "failed write", 0, "cannot write log/segment-");
    test_failure(&disk.move, "moved aside", 1, "cannot find log/segment-");
    test_moved();
    return done_testing();
}
