/* SPDX-License-Identifier: ISC */
/*
 * simulate: a server with four users on a machine that exists only in memory (machine.h). The
 * server is ended and started again several times. There are power cuts, kills, disk errors, clocks
 * that jump, and a tool that dies; the disk loses data that was not synced (disk.h). After each
 * recovery the ledger is compared with the messages that the users are shown, and fsck must find
 * nothing. The same seed gives the same run.
 *
 * simulate [--seeds N] [--from SEED] [--jobs N]
 *
 * runs N seeds and prints TAP. The exit code is 1 if a rule did not hold in one of them.
 *
 * simulate --seed SEED [--trace]
 *
 * runs one seed; --trace shows each call.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "disk.h"
#include "ledger.h"
#include "machine.h"
#include "person.h"
#include "server.h"

#define DAY_S       86400
#define JOBS        64
#define SEED_S      120      /* a run that takes longer hangs */
#define AUDIT_STEPS 20000000 /* far more than an audit takes */

/* The counts of all runs, in memory that they share with the parent. */
struct totals {
    uint64_t seeds, steps, lives, cuts, kills, stops, refused_starts, faults, torn, asked, answered,
        repeated, simulated_s;
};

static struct totals *totals;

/* --- one seed --- */

static struct {
    unsigned server, tool; /* processes */
    uint64_t lives, cuts, kills, stops, refused_starts;
    uint64_t sound_faults, sound_lost; /* of disk_counts at the last audit */
} run;

/* During half of all servers nothing fails; during the others one or several kinds of calls. */
static void plan_faults(void)
{
    static const unsigned rates[] = {10, 50, 300};
    disk_faults = (struct disk_faults){.slow = machine_below(3) * 100};
    machine.thread_fails = machine_below(20) ? 0 : 300;
    if (machine_below(2))
        return;
    unsigned kind = machine_below(7), rate = rates[machine_below(3)];
    if (kind == 0)
        disk_faults.read = rate;
    if (kind == 1 || kind == 6)
        disk_faults.write = rate;
    if (kind == 2 || kind == 6)
        disk_faults.sync = rate;
    if (kind == 3)
        disk_faults.name = rate;
    if (kind == 4)
        disk_faults.full = machine_below(3) ? 3 * rate : 8000;
    if (kind == 5)
        disk_faults.dead_at = machine.steps + 1 + machine_below(20000);
    if (machine_below(4) == 0)
        disk_faults.lost = 2000;
}

static void end_faults(void)
{
    disk_faults = (struct disk_faults){.read = 0};
    machine.thread_fails = 0;
}

static void jump(void)
{
    int64_t s = machine_below(40 * DAY_S);
    machine.wall_s += machine_below(2) ? s : -s;
}

static enum machine_end run_machine(uint64_t steps)
{
    enum machine_end end = machine_run(steps);
    if (end == MACHINE_STUCK)
        machine_violated("all threads wait for one another");
    return end;
}

static void cut_power(void)
{
    machine_power_off();
    disk_crash();
    person_forget_sessions();
    run.cuts++;
    run.tool = 0;
}

static void kill_server(void)
{
    machine_kill(run.server);
    server.life++;
    person_forget_sessions();
    run.kills++;
}

static void kill_tool(void)
{
    if (run.tool)
        machine_kill(run.tool);
    run.tool = 0;
}

static void stop_server(void)
{
    server.stop = true;
    machine_wake(&server.stop);
    if (run_machine(AUDIT_STEPS) != MACHINE_IDLE)
        machine_violated("the server does not stop");
    run.tool = 0;
    run.stops++;
}

static void start_server(bool audit)
{
    server = (struct server){.log_bytes = server.log_bytes,
                             .trash_s = server.trash_s,
                             .audit = audit,
                             .life = server.life + 1,
                             .whole = disk_counts.lost == run.sound_lost,
                             .lost = disk_counts.lost,
                             .house.faults = disk_counts.faults,
                             .house.sound = audit || disk_counts.faults == run.sound_faults};
    disk_syncing = 0;
    run.server = machine_process();
    machine_start(run.server, server_run, NULL);
    run.lives++;
}

/* Starts a tool, which may be killed or go on. */
static void let_tool_run(uint64_t steps)
{
    kill_tool();
    run.tool = machine_process();
    machine_start(run.tool, server_tool, NULL);
    run_machine(1 + machine_below((uint32_t)steps));
    if (machine_below(2))
        kill_tool();
}

/* Runs until the disk is at a sync: a crash at this moment can do the most damage. */
static void wait_for_a_sync(void)
{
    for (int i = 0; i < 2000 && disk_syncing == 0; i++)
        if (run_machine(1) == MACHINE_IDLE)
            return;
}

/* Runs until a power cut, or until the server is killed or stopped. */
static void live(void)
{
    uint64_t steps = (UINT64_C(100) << machine_below(8)) + machine_below(200);
    plan_faults();
    start_server(false);
    run_machine(steps);
    if (machine_below(3) == 0)
        let_tool_run(steps);
    if (machine_below(3) == 0)
        jump();
    run_machine(steps);
    if (machine_below(4))
        wait_for_a_sync();
    if (!server.opened && *server.why && house_is_strict(&server.house))
        machine_violated("the server does not start: %s", server.why);
    run.refused_starts += !server.opened && *server.why;
    switch (machine_below(8)) {
    case 0:
        if (!disk_faults.dead_at)
            stop_server();
        if (machine_below(2) || disk_faults.dead_at)
            cut_power();
        break;
    case 1:
    case 2:
    case 3:
        kill_server();
        if (disk_faults.dead_at)
            cut_power();
        break;
    default:
        cut_power();
    }
    end_faults();
}

/* Nothing fails now: the store must be in order, and have all that was promised. */
static void audit(void)
{
    kill_tool();
    if (disk_counts.lost > run.sound_lost) /* the cache may have data that the disk does not have */
        cut_power();
    for (int tries = 0; tries < 3; tries++) {
        start_server(true);
        if (run_machine(AUDIT_STEPS) != MACHINE_IDLE)
            machine_violated("the audit does not end");
        if (server.stopped) {
            run.sound_faults = disk_counts.faults;
            run.sound_lost = disk_counts.lost;
            return;
        }
        if (tries == 1) /* the kernel may have reported an earlier error only now */
            cut_power();
    }
    machine_violated("the server does not start on a machine in order: %s", server.why);
}

static void run_seed(uint64_t seed, bool trace)
{
    static const unsigned switches[] = {5, 50, 200, 500}, naps[] = {0, 0, 2, 20},
                          blocks[] = {4096, 4096, 16384, 65536};
    machine_begin(seed);
    machine.trace = trace;
    disk_begin();
    disk_is_xfs = machine_below(2);
    disk_block = blocks[machine_below(4)];
    machine.switches = switches[machine_below(4)];
    machine.naps = naps[machine_below(4)];
    server.log_bytes = machine_below(5) ? UINT64_C(8) << 20 : 0;
    server.trash_s = machine_below(4) ? 30 * DAY_S : 0;
    ledger_keeps_trash = server.trash_s > 0;
    for (unsigned lives = 2 + machine_below(3); lives > 0; lives--) {
        live();
        if (machine_below(2))
            audit();
    }
    audit();
}

static void count(void)
{
    const uint64_t mine[] = {1,
                             machine.steps,
                             run.lives,
                             run.cuts,
                             run.kills,
                             run.stops,
                             run.refused_starts,
                             disk_counts.faults,
                             disk_counts.torn,
                             person_counts.asked,
                             person_counts.answered,
                             person_counts.repeated,
                             (uint64_t)(machine.now_us / 1000000)};
    uint64_t *all = (uint64_t *)totals;
    _Static_assert(sizeof mine == sizeof *totals, "each total is counted");
    for (size_t i = 0; i < sizeof mine / sizeof *mine; i++)
        __atomic_fetch_add(&all[i], mine[i], __ATOMIC_RELAXED);
}

/* --- many seeds --- */

static struct job {
    pid_t pid;
    uint64_t seed;
} jobs[JOBS];

static void start_job(struct job *j, uint64_t seed)
{
    fflush(stdout);
    j->seed = seed;
    j->pid = fork();
    if (j->pid < 0) {
        perror("fork");
        exit(2);
    }
    if (j->pid > 0)
        return;
    alarm(SEED_S);
    run_seed(seed, false);
    count();
    _exit(0);
}

/* Waits for one child. False: it has found something. */
static bool await_job(unsigned n, struct job **free_one)
{
    int status;
    pid_t pid = waitpid(-1, &status, 0);
    for (*free_one = jobs; *free_one < jobs + n && (*free_one)->pid != pid;)
        (*free_one)++;
    if (pid < 0 || *free_one == jobs + n)
        exit(2);
    (*free_one)->pid = 0;
    if (status == 0)
        return true;
    if (WIFSIGNALED(status))
        printf("# violation: seed %" PRIu64 ": signal %d%s\n", (*free_one)->seed, WTERMSIG(status),
               WTERMSIG(status) == SIGALRM ? " (it takes too long)" : "");
    printf("# to repeat: build/machine/simulate --seed %" PRIu64 " --trace\n", (*free_one)->seed);
    return false;
}

static double seconds(void)
{
    struct timespec t;
    timespec_get(&t, TIME_UTC); /* the real time: unlike clock_gettime, this is not replaced */
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void print_totals(double s)
{
    const struct totals *t = totals;
    printf("# %" PRIu64 " seeds, %" PRIu64 " lives: %" PRIu64 " power cuts, %" PRIu64
           " kills, %" PRIu64 " stops, %" PRIu64 " starts refused\n",
           t->seeds, t->lives, t->cuts, t->kills, t->stops, t->refused_starts);
    printf("# %" PRIu64 " requests, %" PRIu64 " answered, %" PRIu64 " sent again; %" PRIu64
           " calls failed, %" PRIu64 " sectors lost\n",
           t->asked, t->answered, t->repeated, t->faults, t->torn);
    printf("# %" PRIu64 " steps in %.1f s, %.1f million a minute; %.1f simulated days\n", t->steps,
           s, (double)t->steps / s * 60 / 1e6, (double)t->simulated_s / DAY_S);
    fflush(stdout);
}

static bool run_seeds(uint64_t from, uint64_t n, unsigned n_jobs)
{
    double begun = seconds(), told = begun;
    uint64_t next = from, running = 0;
    bool ok = true, stop = false;
    struct job *free_one = NULL;
    while (running > 0 || (!stop && next < from + n)) {
        if (!stop && next < from + n && running < n_jobs) {
            for (free_one = jobs; free_one->pid;)
                free_one++;
            start_job(free_one, next++);
            running++;
            continue;
        }
        ok = await_job(n_jobs, &free_one) && ok;
        running--;
        stop = !ok && getenv("STOP_AT_FAILURE");
        if (seconds() - told > 60) {
            told = seconds();
            print_totals(told - begun);
        }
    }
    print_totals(seconds() - begun);
    return ok;
}

int main(int argc, char **argv)
{
    uint64_t seeds = 1000, from = 1, one = 0;
    unsigned n_jobs = 1;
    bool trace = false;
    setenv("TZ", "UTC", 1);
    ledger_body(0); /* makes the text once, before the children start */
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--trace") == 0)
            trace = true;
        else if (strcmp(argv[i], "--seeds") == 0 && ++i)
            seeds = strtoull(value, NULL, 10);
        else if (strcmp(argv[i], "--from") == 0 && ++i)
            from = strtoull(value, NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0 && ++i)
            one = strtoull(value, NULL, 10);
        else if (strcmp(argv[i], "--jobs") == 0 && ++i)
            n_jobs = (unsigned)strtoul(value, NULL, 10);
        else
            return fprintf(stderr, "simulate: %s?\n", argv[i]), 64;
    }
    totals = mmap(NULL, sizeof *totals, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (totals == MAP_FAILED || n_jobs == 0 || n_jobs > JOBS)
        return 2;
    if (one) {
        run_seed(one, trace);
        count();
        return 0;
    }
    printf("1..1\n");
    bool ok = run_seeds(from, seeds, n_jobs);
    printf("%sok 1 - %" PRIu64 " seeds from %" PRIu64 " on: all that was promised is there\n",
           ok ? "" : "not ", seeds, from);
    return ok ? 0 : 1;
}
