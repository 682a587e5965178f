/* SPDX-License-Identifier: ISC */
/*
 * The room in a delivery log: segments that are full, small, too small or idle, and a log that
 * grows.
 */
#include "store_faults.h"

#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "redo_left.h"
#include "store/redo_private.h"

#define MIB (UINT64_C(1) << 20)

static struct redo *r;
static const struct who gone = {.name = "zed", .generation = "00112233445566aa"};
static struct redo_ticket tickets[1000];
static int n_tickets;

static void begin(uint64_t bytes)
{
    const char *why;

    left_begin();
    s = left_open(true);
    ok(store_start_log(s, bytes, &why), "a log of at most %" PRIu64 " bytes begins", bytes);
    r = s->redo;
    n_tickets = 0;
}

static bool append(size_t bytes)
{
    static const char text[REDO_MESSAGE_MAX];
    struct mail m = redo_mail((uint32_t)n_tickets + 1, "", "");

    if (!redo_append(r, &gone, &m, SPAN(""), span_of(text, bytes), &tickets[n_tickets]))
        return false;
    n_tickets++;
    return true;
}

static void append_most(int most)
{
    while (n_tickets < most && append(REDO_MESSAGE_MAX))
        ;
}

static void fill(void)
{
    append_most(100);
    while (append(100))
        ;
}

static void wait_for_all(void)
{
    for (int i = 0; i < n_tickets; i++)
        redo_wait(r, &tickets[i]);
}

/* Their account is gone, so they get no names. */
static void name_all(void)
{
    wait_for_all();
    for (int i = 0; i < n_tickets; i++)
        redo_named(r, &tickets[i]);
    n_tickets = 0;
}

static void end(void)
{
    name_all();
    left_end();
}

/* --- segments --- */

static void test_sizes(void)
{
    struct os_file_info info;
    uint64_t most = 0;

    begin(MIB);
    for (unsigned i = 0; i < 2; i++) {
        uint64_t wanted = i == 0 ? 100000 : 65536;
        ok(redo_add_segment(r, wanted, true), "sizes: a segment of %" PRIu64 " bytes", wanted);
        const struct segment *last = &r->segments[r->n - 1];
        ok(os_file_look_at(last->fd, &info) && info.bytes == last->size &&
               last->size == wanted / r->block * r->block,
           "sizes: ... has as many whole blocks");
        most += last->size;
    }
    is_int(r->counts.bytes, MIB + most, "sizes: they count");
    end();
}

/* The fifth segment is so small that only short messages fit. */
static void test_small_segment(void)
{
    begin(MIB);
    ok(redo_add_segment(r, 2 * r->block, false), "small segment: it is the last");
    append_most(100);
    wait_for_all(); /* otherwise too many batches wait for the next segment */
    append_most(100);
    int full = n_tickets;
    ok(full > 0 && !append(REDO_MESSAGE_MAX), "small segment: a message does not fit into it");
    ok(append(100), "small segment: a shorter one does");
    is_int(tickets[full].segment, 4, "small segment: ... and is there");
    end();
}

static void test_no_room_for_a_mark(void)
{
    struct redo_ticket mark, none;

    begin(MIB);
    fill();
    wait_for_all();
    pthread_mutex_lock(&r->mutex);
    bool left = redo_leave_segment(r);
    redo_append_mark(r, &mark);
    pthread_mutex_unlock(&r->mutex);
    ok(!left, "mark: no segment is free to go on to");
    ok(mark.batch != 0 && redo_wait(r, &mark), "mark: there is room for one all the same");
    pthread_mutex_lock(&r->mutex);
    redo_append_mark(r, &none);
    pthread_mutex_unlock(&r->mutex);
    is_int(none.batch, 0, "mark: ... but for no second one");
    end();

    begin(MIB);
    append(100);
    pthread_mutex_lock(&r->mutex);
    r->failed = true;
    left = redo_leave_segment(r);
    r->failed = false;
    pthread_mutex_unlock(&r->mutex);
    ok(!left, "mark: a log that has failed stays where it is");
    end();
}

/* --- threads --- */

static atomic_long waiter;

static void *wait_for_ticket(void *arg)
{
    atomic_store(&waiter, (long)gettid());
    return redo_wait(r, arg) ? arg : NULL;
}

/* How often a thread has begun to wait. */
static long waits_of(long thread)
{
    char path[100], line[200];
    long n = -1;

    snprintf(path, sizeof path, "/proc/self/task/%ld/status", thread);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "voluntary_ctxt_switches:", 24) == 0)
            n = strtol(line + 24, NULL, 10);
    if (file)
        fclose(file);
    return n;
}

/* A batch that is not next waits for the one before it. */
static void test_wait_in_turn(void)
{
    pthread_t thread;
    void *done;
    int next = 0;

    begin(MIB);
    append_most(100);
    while (tickets[next].batch == tickets[0].batch)
        next++;
    is_int(tickets[next].batch, tickets[0].batch + 1, "turn: there are two batches");
    pthread_create(&thread, NULL, wait_for_ticket, &tickets[next]);
    while (atomic_load(&waiter) == 0)
        sched_yield();
    while (waits_of(atomic_load(&waiter)) == 0)
        sched_yield();
    ok(redo_wait(r, &tickets[0]), "turn: the first is synced");
    pthread_join(thread, &done);
    ok(done, "turn: ... and then the second, by who waits for it");
    end();
}

static bool note_thread(void *ctx, const char *name)
{
    long *thread = ctx, number = strtol(name, NULL, 10);

    if (number > 0 && number != (long)gettid())
        *thread = number;
    return true;
}

/* The thread that makes checkpoints. */
static long keeper(void)
{
    long thread = 0;
    int dir = os_file_open_dir("/proc/self/task");

    os_file_each(dir, note_thread, &thread);
    os_file_close(dir);
    return thread;
}

/* Lets it look, and waits until it has. */
static void let_look(void)
{
    long thread = keeper(), before = waits_of(thread);

    while (waits_of(thread) == before) {
        pthread_mutex_lock(&r->mutex);
        pthread_cond_signal(&r->changed);
        pthread_mutex_unlock(&r->mutex);
        sched_yield();
    }
}

static uint64_t checkpoints(void)
{
    struct redo_counts c;

    redo_counts(r, &c);
    return c.checkpoints;
}

/* Lets the keeper look until there is another checkpoint; on a busy machine that may take long. */
static bool makes_checkpoint_after(uint64_t before)
{
    time_t deadline = time(NULL) + 60;

    while (checkpoints() == before && time(NULL) < deadline)
        let_look();
    return checkpoints() > before;
}

static void test_idle(void)
{
    begin(MIB);
    os_clock_sleep(11 * 60 * 1000);
    let_look();
    is_int(checkpoints(), 0, "idle: in a log that is empty there is nothing to settle");
    append(100);
    name_all();
    os_clock_sleep(11 * 60 * 1000);
    ok(makes_checkpoint_after(0), "idle: after a time a checkpoint is made");
    is_int(r->segments[0].serial, 0, "idle: a message is settled after a time");
    end();

    begin(MIB);
    fill();
    wait_for_all();
    os_clock_sleep(11 * 60 * 1000);
    let_look();
    is_int(checkpoints(), 0,
           "idle: a full log waits for names, and is not left for a segment in use");
    name_all();
    ok(makes_checkpoint_after(0), "idle: ... and is settled when it has them");
    end();
}

/* --- growing --- */

static uint64_t bytes_now(void)
{
    struct redo_counts c;

    redo_counts(r, &c);
    return c.bytes;
}

/* More than half of the log is used, and settled, n times. */
static void use_much(int n)
{
    for (int i = 0; i < n; i++) {
        uint64_t before = checkpoints();
        append_most(9);
        name_all();
        makes_checkpoint_after(before);
    }
}

static void test_growing(void)
{
    static const struct {
        const char *what;
        uint64_t limit, claimed, reserve; /* claimed: more bytes than there are; 0: as many */
        uint64_t least, most;             /* bytes in the end */
    } rows[] = {
        {"a large limit", 256 * MIB, 0, 0, 2 * MIB, 256 * MIB},
        {"more than one segment may have", 32 * MIB, 20 * MIB, 0, 32 * MIB, 32 * MIB},
        {"the disk is almost full", 256 * MIB, 0, UINT64_MAX / 2, MIB, MIB},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin(rows[i].limit);
        s->limits.reserve_bytes = rows[i].reserve;
        if (rows[i].claimed) {
            pthread_mutex_lock(&r->mutex);
            r->counts.bytes = rows[i].claimed;
            pthread_mutex_unlock(&r->mutex);
        }
        for (int round = 0; round < 20 && bytes_now() <= MIB + rows[i].claimed; round++)
            use_much(1);
        uint64_t bytes = bytes_now();
        ok(bytes >= rows[i].least && bytes <= rows[i].most, "growing: %s: %" PRIu64 " MiB",
           rows[i].what, bytes / MIB);
        end();
    }
}

/* A segment that may not be there after a power cut is not used, and not left behind. */
static void test_no_segment(void)
{
    static const char *const calls[] = {"os_file_write", "os_file_sync", "os_file_sync_dir"};
    char name[REDO_NAME_BYTES];

    begin(256 * MIB);
    uint64_t bytes = bytes_now();
    snprintf(name, sizeof name, REDO_SEGMENT "%016" PRIx64 "-%u", r->log, r->n);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        faults_meanwhile(calls[i], NULL, 1, NULL, EIO);
        ok(!redo_add_segment(r, MIB, true) && errno == EIO, "no segment: %s fails", calls[i]);
        ok(faults_happened() && bytes_now() == bytes && !os_file_exists(r->dir, name),
           "no segment: ... and there is no more than before");
    }
    ok(redo_add_segment(r, MIB, true) && os_file_exists(r->dir, name), "no segment: then one");
    end();
}

int main(void)
{
    setenv("TMPDIR", "/dev/shm", 1);
    test_sizes();
    test_small_segment();
    test_no_room_for_a_mark();
    test_wait_in_turn();
    test_idle();
    test_growing();
    test_no_segment();
    return done_testing();
}
