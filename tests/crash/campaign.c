/* SPDX-License-Identifier: ISC */
/*
 * campaign: a server is killed over and over while clients use it, and what they were answered is
 * compared with what is in the store.
 *
 *     kill    SIGKILL at random moments; pochtactl fsck beside the server is killed, too
 *     trace   SIGKILL at each position of a system call in turn, by strace
 *     cut     the power of the store's file system fails at random moments
 *     replay  the file system's disk is as a power cut may have left it, in many states
 *
 * The ledger is in this process's memory. Exit code 0: the promise held; 1: it did not; 2: the
 * campaign could not be run.
 */
#include <dirent.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "body.h"
#include "client.h"
#include "cut.h"
#include "ledger.h"
#include "os/clock.h"
#include "os/wait.h"
#include "replay.h"
#include "server.h"
#include "users.h"

enum { HELD = 0, BROKEN = 1, NOT_RUN = 2 };

struct options {
    const char *mode, *programs, *store, *scratch, *server, *image;
    unsigned rounds; /* 0: until the time is over */
    unsigned states;
    int64_t seconds;
    uint64_t seed;
    bool udp;
    struct cut cut;
};

struct run {
    struct options options;
    struct server server;
    struct campaign campaign;
    struct disk *disk; /* for replay */
    struct client clients[LEDGER_USERS];
    char ctl[256];
    uint64_t chance;
    unsigned ends; /* how often the server, or a tool beside it, met its end */
};

static uint32_t below(struct run *r, uint32_t end)
{
    return (uint32_t)(body_chance(&r->chance) % end);
}

/* --- clients --- */

static bool start_clients(struct run *r)
{
    for (unsigned i = 0; i < LEDGER_USERS; i++)
        if (!client_start(&r->clients[i]))
            return false;
    return true;
}

/* With the server up: they end once all they began is known. */
static void finish_clients(struct run *r)
{
    atomic_store(&r->campaign.finishing, true);
    for (unsigned i = 0; i < LEDGER_USERS; i++)
        client_join(&r->clients[i]);
}

/* --- kill --- */

/* A tool that takes the same locks, and does not live long. */
static void run_tool(struct run *r)
{
    const char *const words[] = {r->ctl, "--store", r->options.store, "fsck", "--repair", NULL};
    pid_t pid = server_run_beside(&r->server, words);

    if (pid <= 0)
        return;
    server_pause_us(below(r, 30000));
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    r->ends++;
}

static bool kill_once(struct run *r)
{
    server_pause_us(below(r, 10) ? below(r, 120000) : below(r, 3000));
    if (below(r, 3) == 0)
        run_tool(r);
    server_kill(&r->server);
    r->ends++;
    return server_start(&r->server);
}

/* --- cut --- */

static bool cut_once(struct run *r)
{
    server_pause_us(below(r, 10) ? below(r, 150000) : below(r, 3000));
    if (!cut_power(&r->options.cut))
        return false;
    server_pause_us(below(r, 4) ? 0 : below(r, 20000)); /* some live on, and hear of errors */
    server_kill(&r->server);
    r->ends++;
    return cut_recover(&r->options.cut) && server_start(&r->server);
}

static int repeat(struct run *r, bool (*once)(struct run *r))
{
    int64_t until = os_clock_ms() + r->options.seconds * 1000;

    if (!server_start(&r->server) || !start_clients(r))
        return NOT_RUN;
    for (unsigned i = 0; r->options.rounds ? i < r->options.rounds : os_clock_ms() < until; i++) {
        if (!once(r))
            return BROKEN;
        if (ledger_violations(r->campaign.ledger) > 0)
            break;
    }
    finish_clients(r);
    return HELD;
}

/* --- trace --- */

static bool is_thread_traced(pid_t pid, const char *thread)
{
    char path[320], line[128];
    bool traced = false;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/task/%s/status", (int)pid, thread);
    f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "TracerPid:", 10) == 0)
            traced = strtol(line + 10, NULL, 10) > 0;
    if (f)
        fclose(f);
    return traced;
}

/* strace comes to one thread after the other. */
static bool is_traced(pid_t pid)
{
    char path[64];
    bool traced = true;
    DIR *dir;

    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    dir = opendir(path);
    for (struct dirent *e; traced && dir && (e = readdir(dir));)
        traced = e->d_name[0] == '.' || is_thread_traced(pid, e->d_name);
    if (dir)
        closedir(dir);
    return dir && traced;
}

/* Calls that change files, take locks or speak to the client, and those between: the names on 64
 * bits, then those on 32. */
static const char traced_calls[] =
    "openat,write,fsync,syncfs,renameat2,unlinkat,ftruncate,mkdirat,fcntl,close,getdents64,sendto,"
    "recvfrom,pread64,newfstatat,futex,"
    "ftruncate64,fcntl64,send,recv,statx,futex_time64";

/* Each thread is traced, or the server is dead: its first call may come while strace attaches. */
static bool is_attached(struct run *r)
{
    return is_traced(r->server.pid) || server_is_dead(&r->server);
}

/* The server will be killed when one of its threads makes its position-th call. -1: no strace. */
static pid_t attach(struct run *r, unsigned position)
{
    char pid[16], inject[sizeof traced_calls + 64];
    const char *const words[] = {
        "/usr/bin/strace", "-fqq", "-o", "/dev/null", "-p", pid, "-e", inject, NULL};

    snprintf(pid, sizeof pid, "%d", (int)r->server.pid);
    snprintf(inject, sizeof inject, "inject=%s:signal=KILL:when=%u", traced_calls, position);
    return server_run_beside(&r->server, words);
}

/* False: not within 10 s. */
static bool wait_until_attached(struct run *r)
{
    int64_t until = os_clock_ms() + 10000;
    bool attached;

    while (!(attached = is_attached(r)) && os_clock_ms() < until)
        server_pause_us(500);
    if (!attached)
        printf("# strace does not trace each of the server's threads after 10 s\n");
    return attached;
}

/* One client asks for everything once. True: the server died of it. */
static bool trace_once(struct run *r, struct client *c, unsigned position, bool *ok)
{
    pid_t tracer = attach(r, position);
    bool died = false;

    *ok = tracer > 0 && wait_until_attached(r) && client_start(c);
    while (*ok && !died && !atomic_load(&c->done)) {
        died = server_is_dead(&r->server);
        server_pause_us(500);
    }
    if (died)
        *ok = server_start(&r->server);
    if (*ok)
        client_join(c);
    if (tracer > 0) { /* -1 would be everyone */
        kill(tracer, SIGTERM);
        server_exit_code(tracer); /* strace may hang if its process dies at this moment */
    }
    if (*ok && server_is_dead(&r->server)) { /* it died after the last answer */
        died = true;
        *ok = server_start(&r->server);
    }
    return died;
}

static bool trace_client(struct run *r, struct client *c)
{
    unsigned position = 0;
    bool ok = true;

    while (ok && ledger_violations(r->campaign.ledger) == 0) {
        position += r->options.rounds ? 1 : 1 + below(r, 8);
        if (!trace_once(r, c, position, &ok))
            break;
        r->ends++;
    }
    printf("# positions: %u\n", position);
    return ok;
}

/* A client of frames; with a number of rounds, one of each other way, too. */
static int trace(struct run *r)
{
    bool ok = server_start(&r->server);

    r->campaign.once = true;
    for (unsigned i = 0; ok && i < (r->options.rounds ? LEDGER_USERS : 1); i++)
        if (i == 0 || client_way(&r->campaign, i) != WAY_FRAMES)
            ok = trace_client(r, &r->clients[i]);
    return ok ? HELD : NOT_RUN;
}

/* --- the whole --- */

/* The server that is up, and its files, against the ledger. */
static void compare(struct run *r)
{
    const char *const words[] = {r->ctl, "--store", r->options.store, "fsck", NULL};
    pid_t pid;

    for (unsigned i = 0; i < LEDGER_USERS; i++)
        client_compare(&r->clients[i], LEDGER_END);
    pid = server_run_beside(&r->server, words);
    if (pid <= 0 || !server_wait(pid))
        ledger_violation(r->campaign.ledger, "pochtactl fsck finds something, see %s",
                         r->server.log);
    if (!server_stop(&r->server))
        ledger_violation(r->campaign.ledger, "the server does not end in order");
}

static void report(struct run *r)
{
    uint64_t requests = 0, repeats = 0, by_doors = 0, letters = 0;
    int64_t slowest_ms = 0;

    for (unsigned i = 0; i < LEDGER_USERS; i++) {
        const struct client *c = &r->clients[i];
        requests += c->requests;
        repeats += c->repeats;
        by_doors += c->by_doors;
        letters += ledger_count(r->campaign.ledger, i);
        slowest_ms = c->slowest_ms > slowest_ms ? c->slowest_ms : slowest_ms;
    }
    printf("# %s: %u ends, %" PRIu64 " requests, %" PRIu64 " of them by mail programs, %" PRIu64
           " asked again, %" PRIu64 " letters, slowest answer %" PRId64 " ms, seed %" PRIu64
           ", %u violations\n",
           r->options.mode, r->ends, requests, by_doors, repeats, letters, slowest_ms,
           r->options.seed, ledger_violations(r->campaign.ledger));
}

static int replay(struct run *r)
{
    struct replay p = {.server = &r->server,
                       .campaign = &r->campaign,
                       .clients = r->clients,
                       .disk = r->disk,
                       .cut = r->options.cut,
                       .ctl = r->ctl,
                       .states = r->options.states,
                       .chance = r->chance};

    return replay_run(&p) ? HELD : NOT_RUN;
}

static bool mount_disk(struct run *r)
{
    char dir[256];

    snprintf(dir, sizeof dir, "%s/disk", r->options.scratch);
    r->disk = disk_new(r->options.image, dir);
    return r->disk && disk_mount(r->disk, r->options.cut.type, r->options.cut.mount);
}

static int run_mode(struct run *r)
{
    if (strcmp(r->options.mode, "kill") == 0)
        return repeat(r, kill_once);
    if (strcmp(r->options.mode, "trace") == 0)
        return trace(r);
    if (strcmp(r->options.mode, "replay") == 0)
        return replay(r);
    r->campaign.storage_fails = true;
    return repeat(r, cut_once);
}

static int run(const struct options *o)
{
    struct run r = {.options = *o, .chance = o->seed};
    char program[256];
    int result;

    snprintf(program, sizeof program, "%s/pochtad", o->programs);
    snprintf(r.ctl, sizeof r.ctl, "%s/pochtactl", o->programs);
    server_init(&r.server, program, o->store, o->scratch);
    r.server.options = o->server;
    r.server.udp = o->udp;
    r.server.doors = true;
    r.campaign.server = &r.server;
    r.campaign.ledger = ledger_new();
    for (unsigned i = 0; i < LEDGER_USERS; i++)
        client_init(&r.clients[i], &r.campaign, i, o->seed * 100 + i);
    result = (!o->image || mount_disk(&r)) && users_make(&r.server, r.ctl) ? run_mode(&r) : NOT_RUN;
    if (result == HELD && !o->image && ledger_violations(r.campaign.ledger) == 0)
        compare(&r);
    server_kill(&r.server);
    report(&r);
    if (result == HELD && ledger_violations(r.campaign.ledger) > 0)
        result = BROKEN;
    if (result != HELD)
        return result; /* clients may still be running: the process ends them */
    for (unsigned i = 0; i < LEDGER_USERS; i++)
        client_free(&r.clients[i]);
    ledger_free(r.campaign.ledger);
    if (r.disk)
        disk_free(r.disk);
    return HELD;
}

static int usage(void)
{
    fputs("usage: campaign kill|trace|cut|replay --programs DIR --store DIR --scratch DIR\n"
          "       [--rounds N | --seconds N] [--seed N] [--udp] [--server-options 'OPTION...']\n"
          "       [--device DEV | --image FILE --states N] [--type TYPE --mount DIR]\n",
          stderr);
    return NOT_RUN;
}

static const struct option long_options[] = {
    {"programs", required_argument, NULL, 'p'},       {"store", required_argument, NULL, 's'},
    {"scratch", required_argument, NULL, 'x'},        {"rounds", required_argument, NULL, 'r'},
    {"seconds", required_argument, NULL, 't'},        {"seed", required_argument, NULL, 'e'},
    {"device", required_argument, NULL, 'd'},         {"type", required_argument, NULL, 'y'},
    {"mount", required_argument, NULL, 'm'},          {"udp", no_argument, NULL, 'u'},
    {"server-options", required_argument, NULL, 'o'}, {"image", required_argument, NULL, 'i'},
    {"states", required_argument, NULL, 'n'},         {NULL, 0, NULL, 0}};

/* False: it is none of these. */
static bool take_option(struct options *o, int option, const char *value)
{
    switch (option) {
    case 'p':
        o->programs = value;
        return true;
    case 's':
        o->store = value;
        return true;
    case 'x':
        o->scratch = value;
        return true;
    case 'r':
        o->rounds = (unsigned)strtoul(value, NULL, 10);
        return true;
    case 't':
        o->seconds = strtol(value, NULL, 10);
        return true;
    case 'e':
        o->seed = strtoull(value, NULL, 10);
        return true;
    case 'u':
        o->udp = true;
        return true;
    case 'o':
        o->server = value;
        return true;
    case 'i':
        o->image = value;
        return true;
    case 'n':
        o->states = (unsigned)strtoul(value, NULL, 10);
        return true;
    case 'd':
        o->cut.device = value;
        return true;
    case 'y':
        o->cut.type = value;
        return true;
    case 'm':
        o->cut.mount = value;
        return true;
    default:
        return false;
    }
}

/* The mode, and what it needs beside what all do. */
static bool has_what_it_needs(const struct options *o)
{
    if (strcmp(o->mode, "kill") == 0 || strcmp(o->mode, "trace") == 0)
        return !o->image;
    if (!o->cut.type || !o->cut.mount)
        return false;
    if (strcmp(o->mode, "replay") == 0)
        return o->image && o->states > 0;
    return strcmp(o->mode, "cut") == 0 && !o->image && o->cut.device;
}

int main(int argc, char **argv)
{
    struct options o = {.seconds = 10, .seed = (uint64_t)os_clock_ms()};
    int c;

    while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1)
        if (!take_option(&o, c, optarg))
            return usage();
    o.mode = optind + 1 == argc ? argv[optind] : "";
    if (!o.programs || !o.store || !o.scratch || !has_what_it_needs(&o))
        return usage();
    setvbuf(stdout, NULL, _IOLBF, 0);
    os_wake_setup();
    return run(&o);
}
