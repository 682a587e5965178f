/* SPDX-License-Identifier: ISC */
#include "replay.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "body.h"
#include "os/clock.h"

#define LETTERS      100   /* of a record: the more there are, the longer a state takes */
#define LETTERS_LONG 400   /* of one without kills: more than fit into the store's log at once */
#define KILLS        3     /* below: of the server while it is recorded */
#define RECORD_MS    30000 /* at most, between two kills */
#define INTERRUPT_US 20000

/* 0 where there is nothing below. */
static uint32_t below(struct replay *p, uint32_t end)
{
    return end ? (uint32_t)(body_chance(&p->chance) % end) : 0;
}

/* --- the record --- */

static bool unmount(struct replay *p)
{
    if (umount2(p->cut.mount, 0) == 0)
        return true;
    printf("# cannot unmount %s: %s\n", p->cut.mount, strerror(errno));
    return false;
}

/* Without writing what is not written yet: the state is thrown away. */
static bool drop(struct replay *p)
{
    return cut_power(&p->cut) && unmount(p);
}

static uint32_t letters(const struct replay *p)
{
    uint32_t n = 0;

    for (unsigned i = 0; i < LEDGER_USERS; i++)
        n += ledger_count(p->campaign->ledger, i);
    return n;
}

static bool sync_all(const struct replay *p)
{
    int fd = open(p->cut.mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && syncfs(fd) == 0;

    if (fd >= 0)
        close(fd);
    return ok;
}

/* Until so many are sent, or it takes too long. */
static void wait_for_letters(const struct replay *p, uint32_t enough)
{
    int64_t until = os_clock_ms() + RECORD_MS;

    while (letters(p) < enough && os_clock_ms() < until &&
           ledger_violations(p->campaign->ledger) == 0)
        server_pause_us(1000);
}

/* The server is killed at times: what it has not synced yet, the next one sees all the same. */
static bool work(struct replay *p)
{
    uint32_t kills = (uint32_t)(p->chance % KILLS);
    uint32_t enough = kills ? LETTERS : LETTERS_LONG;
    unsigned started = 0;
    bool ok = true;

    p->campaign->mailboxes = below(p, 2) ? 1 : LEDGER_USERS; /* one: many wait for one sync */
    while (started < LEDGER_USERS && client_start(&p->clients[started]))
        started++;
    for (uint32_t i = 0; ok && i < kills; i++) {
        wait_for_letters(p, enough * (i + 1) / (kills + 1));
        server_kill(p->server);
        ok = server_start(p->server);
    }
    if (ok)
        wait_for_letters(p, enough);
    else
        atomic_store(&p->campaign->failed, true); /* the clients would wait for a server */
    atomic_store(&p->campaign->finishing, true);
    for (unsigned i = 0; i < started; i++) {
        client_join(&p->clients[i]);
        p->clients[i].password_open = true; /* a state may be of before its change */
    }
    return ok;
}

/* Of a workload. Afterwards the disk is as it was at the record's begin. */
static bool record(struct replay *p)
{
    bool ok;

    /* After a clean mount little is left of before in the file system's log, which each state
     * reads. */
    if (!unmount(p) || !disk_mount(p->disk, p->cut.type, p->cut.mount) ||
        !server_start(p->server) || !sync_all(p))
        return false;
    disk_keep(p->disk);
    disk_record(p->disk, true);
    ledger_use_clock(p->campaign->ledger, disk_count(p->disk));
    ok = work(p);
    disk_record(p->disk, false);
    for (unsigned i = 0; ok && i < LEDGER_USERS; i++) /* this shows the ids, too */
        client_compare(&p->clients[i], LEDGER_END);
    server_kill(p->server);
    if (!ok || !drop(p))
        return false;
    disk_take_back(p->disk);
    return true;
}

/* --- flushes --- */

/* The numbers of the flushes, in order. */
struct flushes {
    unsigned *at, n;
};

static struct flushes find_flushes(const struct replay *p)
{
    unsigned n = atomic_load(disk_count(p->disk));
    struct flushes f = {.at = calloc(n + 1, sizeof *f.at)};

    for (unsigned i = 0; f.at && i < n; i++)
        if (disk_at(p->disk, i)->size == 0)
            f.at[f.n++] = i;
    return f;
}

/* How many there were before a moment. */
static unsigned flushes_before(const struct flushes *f, unsigned moment)
{
    unsigned low = 0, high = f->n;

    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (f->at[middle] < moment)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Nor a deletion, or a restoration. */
static void check_flushes_of_changes(const struct replay *p, const struct flushes *f,
                                     unsigned mailbox)
{
    struct ledger *ledger = p->campaign->ledger;
    struct ledger_change change;

    for (size_t i = 0; ledger_change(ledger, mailbox, i, &change); i++)
        if (flushes_before(f, change.at) == flushes_before(f, change.asked_at))
            ledger_violation(ledger, "mailbox %u: a message was told %s without a flush", mailbox,
                             change.deleted ? "deleted" : "restored");
}

/* No message can be durable without a flush between its sending and the answer. */
static void check_flushes(const struct replay *p, const struct flushes *f)
{
    struct ledger *ledger = p->campaign->ledger;

    for (unsigned i = 0; i < LEDGER_USERS; i++) {
        check_flushes_of_changes(p, f, i);
        for (uint32_t k = 0, n = ledger_count(ledger, i); k < n; k++) {
            struct letter letter = ledger_letter(ledger, i, k);
            if (flushes_before(f, letter.told_at) == flushes_before(f, letter.intended_at))
                ledger_violation(ledger, "mailbox %u: message %" PRIu64 " was told without a flush",
                                 i, letter.id);
        }
    }
}

/* --- the states --- */

/* What of the writes after the last flush is there. */
enum manner { ALL, SOME, ALL_BUT_ONE, ONE, NONE, LAST_TORN, MANNERS };

static const char *manner_name(enum manner manner)
{
    switch (manner) {
    case ALL:
        return "all";
    case SOME:
        return "some";
    case ALL_BUT_ONE:
        return "all but one";
    case ONE:
        return "one";
    case LAST_TORN:
        return "all, the last torn,";
    case NONE:
    case MANNERS:
        break;
    }
    return "nothing";
}

struct state {
    unsigned flush;  /* number of the last that has ended */
    unsigned moment; /* of the cut: this many records had been made */
    enum manner manner;
    bool interrupted; /* the first start after it is cut off, too */
};

/* Any part of its sectors. */
static void apply_torn(struct replay *p, const struct disk_record *r)
{
    for (size_t at = 0; at < r->size; at += DISK_SECTOR)
        if (below(p, 2))
            disk_apply(p->disk, r, at, r->size - at < DISK_SECTOR ? r->size - at : DISK_SECTOR);
}

/* What becomes of the number-th write; special is one of them. */
static enum {
    WHOLE,
    GONE,
    TORN
} fate(struct replay *p, const struct state *s, unsigned number, unsigned special)
{
    switch (s->manner) {
    case SOME:
        return below(p, 2) ? WHOLE : below(p, 2) ? GONE : TORN;
    case ALL_BUT_ONE:
        return number != special ? WHOLE : below(p, 2) ? GONE : TORN;
    case ONE:
        return number == special ? WHOLE : GONE;
    case NONE:
        return GONE;
    case LAST_TORN:
        return number + 1 == s->moment ? TORN : WHOLE;
    case ALL:
    case MANNERS:
        break;
    }
    return WHOLE;
}

static void apply_part(struct replay *p, const struct state *s)
{
    unsigned first = s->flush + 1;
    unsigned special = first + below(p, s->moment - first);

    for (unsigned i = first; i < s->moment; i++) {
        const struct disk_record *r = disk_at(p->disk, i);
        switch (fate(p, s, i, special)) {
        case WHOLE:
            disk_apply(p->disk, r, 0, r->size);
            break;
        case TORN:
            apply_torn(p, r);
            break;
        case GONE:
            break;
        }
    }
}

/* A start that is cut off anywhere; what it has begun must not harm the next one. */
static bool interrupt(struct replay *p)
{
    return server_start_and_kill(p->server, below(p, INTERRUPT_US)) && drop(p) &&
           disk_mount(p->disk, p->cut.type, p->cut.mount);
}

static bool compare(struct replay *p, const struct state *s)
{
    const char *const words[] = {p->ctl, "--store", p->server->store, "fsck", NULL};
    struct ledger *ledger = p->campaign->ledger;
    pid_t pid;

    if (s->interrupted && !interrupt(p))
        return false;
    if (!server_start(p->server)) {
        ledger_violation(ledger, "the server does not start");
        return true;
    }
    for (unsigned i = 0; i < LEDGER_USERS; i++)
        client_compare(&p->clients[i], s->moment);
    if (client_repeat(&p->clients[below(p, LEDGER_USERS)]))
        for (unsigned i = 0; i < LEDGER_USERS; i++)
            client_compare(&p->clients[i], s->moment);
    pid = server_run_beside(p->server, words);
    if (pid <= 0 || !server_wait(pid))
        ledger_violation(ledger, "pochtactl fsck finds something, see %s", p->server->log);
    return true;
}

/* False: it cannot be tried. */
static bool try_state(struct replay *p, const struct state *s)
{
    bool ok;

    apply_part(p, s);
    ok = disk_mount(p->disk, p->cut.type, p->cut.mount) && compare(p, s);
    server_kill(p->server);
    ok = ok && drop(p);
    disk_take_back(p->disk);
    if (!ok || ledger_violations(p->campaign->ledger) > 0)
        printf("# ... in the state after the flush %u, at the moment %u, with %s of what came "
               "between%s\n",
               s->flush, s->moment, manner_name(s->manner),
               s->interrupted ? ", after a start that was cut off" : "");
    return ok;
}

/* Between this flush, of which another one follows, and that one. */
static struct state choose_after(struct replay *p, const struct flushes *f, unsigned which)
{
    struct state s = {.flush = f->at[which]};
    unsigned end = f->at[which + 1];

    s.moment = below(p, 2) ? end : s.flush + 1 + below(p, end - s.flush);
    return s;
}

/* Just after somebody was told of a message, before the next flush. False: there is none to take.
 */
static bool choose_told(struct replay *p, const struct flushes *f, struct state *s)
{
    unsigned mailbox = below(p, LEDGER_USERS), which;
    uint32_t n = ledger_count(p->campaign->ledger, mailbox);
    struct letter letter;

    if (n == 0)
        return false;
    letter = ledger_letter(p->campaign->ledger, mailbox, below(p, n));
    which = flushes_before(f, letter.told_at);
    if (which == 0 || which == f->n)
        return false;
    s->flush = f->at[which - 1];
    s->moment = letter.told_at + below(p, f->at[which] - letter.told_at + 1);
    return true;
}

static int by_flush(const void *a, const void *b)
{
    const struct state *x = a, *y = b;

    return (x->flush > y->flush) - (x->flush < y->flush);
}

/* In the order of their flushes. NULL: out of memory. */
static struct state *choose_states(struct replay *p, const struct flushes *f)
{
    struct state *states = calloc(p->states, sizeof *states);

    for (unsigned i = 0; states && i < p->states; i++) {
        struct state *s = &states[i];
        if (below(p, 2) || !choose_told(p, f, s))
            *s = choose_after(p, f, (unsigned)((uint64_t)i * (f->n - 1) / p->states));
        s->manner = below(p, MANNERS);
        s->interrupted = below(p, 8) == 0;
    }
    if (states)
        qsort(states, p->states, sizeof *states, by_flush);
    return states;
}

static bool try_states(struct replay *p, const struct flushes *f, unsigned *tried)
{
    struct state *states = choose_states(p, f);
    unsigned applied = 0;
    bool ok = states;

    while (ok && *tried < p->states && ledger_violations(p->campaign->ledger) == 0) {
        const struct state *s = &states[*tried];
        for (; applied < s->flush; applied++)
            disk_apply(p->disk, disk_at(p->disk, applied), 0, disk_at(p->disk, applied)->size);
        disk_keep(p->disk);
        ok = try_state(p, s);
        ++*tried;
    }
    free(states);
    return ok;
}

bool replay_run(struct replay *p)
{
    struct ledger *ledger = p->campaign->ledger;
    struct flushes f;
    unsigned tried = 0;
    int64_t began_ms;
    bool ok = record(p);

    if (!ok)
        return false;
    f = find_flushes(p);
    if (f.n < 2)
        ledger_violation(ledger, "%u flushes have reached the disk", f.n);
    else
        check_flushes(p, &f);
    began_ms = os_clock_ms();
    if (ledger_violations(ledger) == 0)
        ok = try_states(p, &f, &tried);
    printf("# %s: %u writes, %u flushes, %u states, %" PRId64 " ms a state\n", p->cut.type,
           atomic_load(disk_count(p->disk)) - f.n, f.n, tried,
           tried ? (os_clock_ms() - began_ms) / tried : 0);
    free(f.at);
    return ok;
}
