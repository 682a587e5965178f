/* SPDX-License-Identifier: ISC */
#include "server.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "disk.h"
#include "ledger.h"
#include "machine.h"
#include "session/session.h"
#include "store/account.h"
#include "store/fsck.h"
#include "store/housekeeper.h"
#include "store/invite.h"
#include "store/recovery.h"

#define STORE "/store"

struct server server;

/* As in src/server/server.c. */
static struct {
    struct service service;
    struct gate gate;
    struct budget budget;
    struct watch watch;
    struct leaving leaving;
    struct counters counters;
    unsigned users[LEDGER_USERS];
    unsigned people; /* number of fibers of people that have not ended */
} parts;

/*
 * A crash alone damages no message. After a failed recovery, or one that could not read all
 * records, some look damaged.
 */
static void note_trouble(void *ctx, const char *text)
{
    (void)ctx;
    if (strcmp(text, "the disk cannot read all blocks of the delivery log") == 0)
        server.whole = false;
    if (server.whole && disk_counts.lost == server.lost && strstr(text, " set aside: ") &&
        !strstr(text, "cannot be set aside"))
        machine_violated("%s", text);
    if (machine.trace)
        fprintf(stderr, "         trouble: %s\n", text);
}

static void note_purge(void *ctx, const char *what, const char *user, uint64_t n)
{
    (void)ctx, (void)what, (void)user, (void)n;
}

static void note_clock(void *ctx, int64_t seconds)
{
    (void)ctx, (void)seconds;
}

static const struct store_events events = {
    .trouble = note_trouble, .died = note_trouble, .purged = note_purge, .clock_set = note_clock};

static void begin_service(struct store *s)
{
    static const unsigned char key[SIPHASH_KEY_BYTES] = "0123456789abcde";
    const struct store_limits limits = {.trash_s = server.trash_s,
                                        .kept_bytes = UINT64_C(1) << 30,
                                        .index_bytes = machine_below(2) ? 0 : 1 << 20,
                                        .idle_mailboxes = machine_below(3)};
    gate_init(&parts.gate, 2);
    budget_init(&parts.budget, 16 << 20);
    watch_init(&parts.watch, key);
    memset(&parts.leaving, 0, sizeof parts.leaving);
    memset(&parts.counters, 0, sizeof parts.counters);
    parts.service =
        (struct service){.store = s,
                         .limits = {1800000, 30000, 60000, 10000, 1 << 20, .v6_bits = 64},
                         .hashing = &parts.gate,
                         .memory = &parts.budget,
                         .login_throttle = login_throttle_new(key),
                         .forged_throttle = login_throttle_new(key),
                         .send_rate = send_rate_new(key),
                         .counters = &parts.counters,
                         .watch = &parts.watch,
                         .leaving = &parts.leaving};
    store_set_limits(s, &limits);
    server.house.service = &parts.service;
}

static void end_service(void)
{
    housekeeper_stop(parts.service.housekeeper);
    store_close(parts.service.store);
    watch_destroy(&parts.watch);
    login_throttle_free(parts.service.login_throttle);
    login_throttle_free(parts.service.forged_throttle);
    send_rate_free(parts.service.send_rate);
    gate_destroy(&parts.gate);
    budget_destroy(&parts.budget);
}

static void run_person(void *ctx)
{
    const unsigned *user = ctx;
    person_live(&server.house, *user);
    parts.people--;
}

static void start_people(void)
{
    unsigned n = server.people ? server.people : LEDGER_USERS;
    parts.people = 0;
    for (unsigned user = 0; user < n; user++) {
        parts.users[user] = user;
        parts.people++;
        machine_start(machine_current(), run_person, &parts.users[user]);
    }
}

/* --- the audit --- */

static void find(void *ctx, const char *mailbox, const char *file, const char *what, bool aside)
{
    (void)ctx, (void)aside;
    machine_violated("fsck: %s/%s: %s", mailbox, file ? file : "", what);
}

static void check_store(struct store *s)
{
    struct fsck f = {.store = s, .finding = find};
    if (!fsck_all(&f))
        machine_violated("fsck cannot list the store");
}

static void audit(struct store *s)
{
    start_people();
    while (parts.people > 0 || server.house.sessions > 0)
        machine_sleep(1000);
    for (unsigned user = 0; user < LEDGER_USERS; user++)
        ledger_settle(user);
    check_store(s);
}

/* --- the processes --- */

static void serve(struct store *s)
{
    const char *why;
    if (!store_start_log(s, server.log_bytes, &why) && machine.trace)
        fprintf(stderr, "         no log: %s\n", why);
    parts.service.housekeeper = housekeeper_start(s);
    start_people();
    while (!server.stop) {
        machine_wait(&server.stop, machine.now_us + 1000000);
        store_keep(s);
    }
    server.house.closing = true;
    while (parts.people > 0 || server.house.sessions > 0) {
        person_end_all(&server.house);
        machine_sleep(10000);
    }
}

void server_run(void *unused)
{
    const char *why = "";
    (void)unused;
    errno = 0;
    struct store *s = store_open(STORE, true, events, &why);
    server.opened = s;
    snprintf(server.why, sizeof server.why, "%s: %s", why, errno ? strerror(errno) : "");
    if (!s)
        return;
    begin_service(s);
    server.house.audit = server.audit;
    if (server.audit)
        audit(s);
    else
        serve(s);
    end_service();
    server.stopped = true;
}

static void keep_quota(void *ctx, struct account *a)
{
    (void)ctx, (void)a;
}

/*
 * Beside a running server, fsck must not report deliveries that are under way. But it waits only
 * some seconds for a delivery, a recovery or a lock, and on this machine a sync may take longer, or
 * a thread that naps. A delivery that a server began and did not finish because it died is found by
 * the next server.
 */
static void find_beside(void *ctx, const char *mailbox, const char *file, const char *what,
                        bool aside)
{
    const unsigned *life = ctx;
    if (house_is_strict(&server.house) && disk_faults.slow == 0 && machine.naps == 0 &&
        *life == server.life)
        find(ctx, mailbox, file, what, aside);
}

/* Does the work of an administrator, with or without a running server. */
static void work(struct store *s)
{
    unsigned life = server.life;
    struct fsck f = {.store = s, .finding = find_beside, .ctx = &life};
    struct who who = {.generation = ""};
    struct invite invite;
    struct account a;
    const char *name = ledger_name(machine_below(LEDGER_USERS));
    switch (machine_below(4)) {
    case 0:
        fsck_mailbox(&f, name);
        break;
    case 1:
        fsck_log(&f, NULL, 0);
        break;
    case 2:
        invite_add(s, 3600, &invite);
        break;
    default:
        if (account_find(s, name, &who, &a) == ST_OK)
            account_change(s, &who, keep_quota, NULL);
    }
}

void server_tool(void *unused)
{
    const char *why;
    (void)unused;
    struct store *s = store_open(STORE, false, events, &why);
    for (unsigned n = machine_below(8); s && n > 0; n--)
        work(s);
    store_close(s);
}
