/* SPDX-License-Identifier: ISC */
/*
 * sim: sessions in version 2 over UDP in simulated networks. Each seed stands for a network with
 * its faults, the data of both ends, and how the session ends. The same seed gives the same run.
 *
 *     sim [--seeds N] [--from SEED]   runs N seeds; TAP, exit code 1 after a violation
 *     sim --seed SEED [--trace]       runs one seed; --trace shows every datagram
 *     sim --speed                     measures how much longer a message takes with lost datagrams
 *     sim --link                      measures how much of a long link a message uses; TAP
 *     sim --bench                     measures how fast two ends are in memory
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "memory.h"
#include "random.h"
#include "scenario.h"
#include "udp/cookie.h"
#include "udp/hello.h"
#include "udp/session_ids.h"

#define SECOND    INT64_C(1000000)
#define HOUR      (3600 * SECOND)
#define LIVE_MAX  (100 * HOUR) /* simulated; no session may take this long */
#define AFTER_END (40 * SECOND)

static struct run {
    struct scenario s;
    struct end end[2];
    unsigned char key[SIPHASH_KEY_BYTES];
    struct session_ids_entry *entry; /* of the session, once it has begun */
    bool entered_end;
    unsigned sessions;
    int64_t begun_us; /* when the server's session began */
    bool restarted;
    int64_t strange_us; /* when a datagram of an old session first came to a restarted server */
    bool whole;         /* everything was delivered */
    uint64_t received;
    uint64_t sent, repeated; /* datagrams of a measured message */
    int64_t now_us;
} run;

static struct session_ids ids;

static struct address address_of(enum net_side side)
{
    const unsigned char b[4] = {192, 0, 2, (unsigned char)side};

    return address_of_v4(b);
}

static void answer_cookie(enum net_side to, size_t received)
{
    struct address a = address_of(to);
    char out[COOKIE_ANSWER_BYTES];
    struct span s =
        span_of(out, cookie_answer(out, cookie_id(run.key, &a, 5555, run.now_us, run.restarted)));

    if (s.n > 3 * received)
        violated("the server sent an unknown address more than 3 times what it received");
    net_send(SERVER, to, s, run.now_us);
}

static void answer_2(enum net_side to, const struct session_ids_verdict *v,
                     const struct datagram *d, size_t received)
{
    if (d->type == 'X')
        violated("the server answers a farewell, as another server would its own");
    if (v->answer_bytes > received + 1)
        violated("the server sent an unknown address more than it received");
    net_send(SERVER, to, span_of(v->answer, v->answer_bytes), run.now_us);
}

static void begin_session(enum net_side from, struct session_ids_entry *entry, struct span s)
{
    struct end *e = &run.end[SERVER];

    if (from == STRANGER)
        violated("a forged address began a session");
    if (++run.sessions > 1) {
        violated("a session began a second time");
        return;
    }
    run.entry = entry;
    run.begun_us = run.now_us;
    end_begin(e, entry->recent.key, run.now_us);
    end_receive(e, s, run.now_us);
}

/* The server receives a datagram at the socket at which all sessions begin. */
static void receive_unknown(enum net_side from, struct span s)
{
    struct address a = address_of(from);
    struct datagram d;
    struct session_ids_verdict v;

    enum hello hello = hello_read(s, &d);
    if (hello == HELLO_ASKS)
        answer_cookie(from, s.n);
    if (hello != HELLO_VERSION_2)
        return;
    bool known = cookie_known(run.key, &a, 5555, run.now_us, d.id);
    if (run.restarted && from == CLIENT && d.id == run.end[CLIENT].u.id && d.type != 'X' &&
        !known && run.strange_us == INT64_MAX)
        run.strange_us = run.now_us;
    session_ids_judge(&ids, &d, known, run.now_us, &v);
    if (v.answer_bytes > 0)
        answer_2(from, &v, &d, s.n);
    if (v.begins)
        begin_session(from, v.begins, s);
}

/* While a session begins, its client's datagrams may come to the socket of all sessions. */
static bool comes_beside(void)
{
    return run.now_us - run.begun_us < 2000 && random_below(8) == 0;
}

static void deliver(struct net_packet p)
{
    struct span s = exact(span_of(p.p, p.n));
    struct end *e = &run.end[p.to == CLIENT ? CLIENT : SERVER];

    free(p.p);
    run.received++;
    if (p.to == STRANGER || (e->vanished && !(p.to == SERVER && run.restarted)))
        ;
    else if (p.to == CLIENT || (p.from == CLIENT && e->begun && !end_over(e) && !comes_beside()))
        end_receive(e, s, run.now_us);
    else
        receive_unknown(p.from, s);
    exact_free(s);
}

/* A stranger who hears everything, but cannot send from the client's address. */
static void meddle(void)
{
    char out[DATAGRAM_SIZE_2_MIN];

    if (run.received % 64 != 5)
        return;
    net_replay(STRANGER, SERVER, 0, run.now_us);
    uint64_t id = run.received % 128 > 64 ? run.end[CLIENT].u.id : chance.state;
    memcpy(out + DATAGRAM_HEAD, "0000000001x", 11);
    struct span s = span_of(out, datagram_close_2(out, 1, id, 'D', 11));
    net_send(STRANGER, SERVER, s, run.now_us);
    out[DATAGRAM_HEAD] = '0';
    s = span_of(out, datagram_close_2(out, 9999, chance.state, 'X', 1));
    net_send(CLIENT, SERVER, s, run.now_us);
    s = span_of(out, cookie_ask(out));
    net_send(STRANGER, SERVER, span_first(s, 1 + random_below(s.n)), run.now_us);
}

static void note_end(void)
{
    struct end *e = &run.end[SERVER];

    if (run.entered_end || !run.entry || !end_over(e))
        return;
    run.entered_end = true;
    session_ids_end(run.entry, e->u.in.next - 1, udp2_all_acked(&e->u), run.now_us);
}

/* The server is killed and started again; it then knows nothing of the session. */
static void restart(void)
{
    run.s.restart_us = INT64_MAX;
    run.restarted = true;
    run.end[SERVER].vanished = run.end[SERVER].begun;
    run.entry = NULL;
    run.key[0] ^= 1;
    memset(&ids, 0, sizeof ids);
}

/* The client of an old session must learn of its end as fast as the network allows. */
static void check_told(void)
{
    const struct net_faults *f = &run.s.faults;
    bool lossless =
        f->loss == 0 && f->damage == 0 && f->per_datagram_us == 0 && f->dark_from_us == INT64_MAX;

    if (lossless && run.strange_us != INT64_MAX && !end_over(&run.end[CLIENT]) &&
        run.now_us > run.strange_us + 10 * f->delay_us + 2000)
        violated("the client is not told that its server knows nothing of it");
}

/* Advances the simulated time to the next event. */
static void step(int64_t not_after_us)
{
    int64_t t = net_next_us();

    for (int i = 0; i < 2; i++)
        t = end_next_us(&run.end[i]) < t ? end_next_us(&run.end[i]) : t;
    t = run.s.restart_us < t ? run.s.restart_us : t;
    t = t > not_after_us ? not_after_us : t;
    run.now_us = t > run.now_us ? t : run.now_us;
    check_told();
    if (run.now_us >= run.s.restart_us)
        restart();
    while (net_next_us() <= run.now_us && !violation()) {
        deliver(net_take());
        meddle();
        end_work(&run.end[SERVER], run.now_us);
        end_work(&run.end[CLIENT], run.now_us);
        note_end();
    }
    end_work(&run.end[CLIENT], run.now_us);
    end_work(&run.end[SERVER], run.now_us);
    note_end();
}

/* The session is over, and everything that came has been read. */
static bool all_over(const struct end *e)
{
    return end_over(e) && (e->vanished || !e->begun || !udp2_ready(&e->u));
}

static bool both_over(void)
{
    const struct end *s = &run.end[SERVER];

    return all_over(&run.end[CLIENT]) && (all_over(s) || !s->begun);
}

static void check_ended(const struct end *e, const struct end *peer)
{
    const char *name = e->side == CLIENT ? "client" : "server";

    if (e->begun && !e->vanished && e->u.state == UDP2_ENDED && peer->begun &&
        peer->u.in.next < e->u.full)
        violated("%s ended well, and not all it wrote came", name);
    bool asked_in_vain = run.sessions == 0 && run.s.faults.loss + run.s.faults.damage > 0;
    if (run.s.gentle && !asked_in_vain && e->got < e->in->n)
        violated("%s failed (%d) in a network where it need not", name, (int)e->u.why);
}

/* Late datagrams of a session that is over must not begin it again. */
static void after_end(void)
{
    int64_t end_us = run.now_us + AFTER_END;

    for (int64_t at_us = run.now_us; at_us < end_us && !violation(); at_us += SECOND / 2) {
        while (run.now_us < at_us && !violation())
            step(at_us);
        for (unsigned i = 0; i < 12; i++)
            net_replay(CLIENT, SERVER, i, run.now_us);
    }
}

static void check_economy(void)
{
    uint64_t sent = 0, needed = 0, repeated = 0, data = 0;

    for (int i = 0; i < 2; i++) {
        const struct end *e = &run.end[i];
        sent += e->datagrams;
        needed += e->begun ? e->u.next : 0;
        repeated += e->u.count.repeated;
        data += e->u.count.sent;
    }
    if (sent > 2000 + 8 * needed)
        violated("%" PRIu64 " datagrams for %" PRIu64, sent, needed);
    bool roomy = run.s.plan[CLIENT].waiting_bytes == SIZE_MAX &&
                 run.s.plan[SERVER].waiting_bytes == SIZE_MAX;
    if (roomy && run.s.faults.loss == 0 && run.s.faults.damage == 0 && run.s.faults.late == 0 &&
        run.s.faults.per_datagram_us > 0 && run.s.gentle && repeated * 5 > data + 600)
        violated("%" PRIu64 " of %" PRIu64 " repeated in a narrow network", repeated, data);
}

/* Sets up both ends and the network of run.s. */
static void begin(uint64_t seed)
{
    violations_clear();
    memset(&ids, 0, sizeof ids);
    random_begin();
    chance.state = seed + 77;
    for (int i = 0; i < 2; i++)
        run.end[i] = (struct end){.side = i ? SERVER : CLIENT,
                                  .plan = run.s.plan[i],
                                  .out = &run.s.stream[i],
                                  .in = &run.s.stream[!i]};
    for (int i = 0; i < SIPHASH_KEY_BYTES; i++)
        run.key[i] = (unsigned char)(seed >> i);
    net_begin(seed, &run.s.faults);
    run.now_us = run.s.begin_us;
    run.strange_us = INT64_MAX;
}

static void clean_up(void)
{
    net_end();
    for (int i = 0; i < 2; i++)
        if (run.end[i].begun)
            udp2_free(&run.end[i].u);
    scenario_free(&run.s);
}

/* Even with a slow reader and the worst network, there must be some progress in 200 s. */
static void check_progress(int64_t *since_us, size_t *bytes)
{
    size_t now_bytes = run.end[0].got + run.end[1].got;

    if (now_bytes != *bytes) {
        *bytes = now_bytes;
        *since_us = run.now_us;
    } else if (run.now_us - *since_us > 200 * SECOND) {
        violated("no progress and no end for 200 s");
    }
}

static bool run_seed(uint64_t seed)
{
    int64_t since_us = 0;
    size_t bytes = 0;

    memset(&run, 0, sizeof run);
    scenario_make(&run.s, seed);
    begin(seed);
    while (!both_over() && !violation()) {
        step(INT64_MAX - 1);
        check_progress(&since_us, &bytes);
        if (run.now_us > LIVE_MAX)
            violated("no end");
    }
    check_ended(&run.end[CLIENT], &run.end[SERVER]);
    check_ended(&run.end[SERVER], &run.end[CLIENT]);
    check_economy();
    if (!violation())
        after_end();
    if (violation())
        printf("# violation after %.3f s: %s; to see it: sim --seed %" PRIu64 " --trace\n",
               (double)run.now_us / SECOND, violation(), seed);
    run.whole = run.end[0].got == run.end[0].in->n && run.end[1].got == run.end[1].in->n;
    clean_up();
    return !violation();
}

static int run_seeds(uint64_t from, uint64_t count)
{
    uint64_t whole = 0, failed = 0;

    for (uint64_t seed = from; seed < from + count; seed++) {
        if (!run_seed(seed)) {
            printf("not ok 1 - seed %" PRIu64 "\n1..1\n", seed);
            return 1;
        }
        whole += run.whole;
        failed += run.end[0].u.state == UDP2_FAILED || run.end[1].u.state == UDP2_FAILED;
    }
    printf("ok 1 - %" PRIu64 " seeds from %" PRIu64 "\n# %" PRIu64 " brought all over, %" PRIu64
           " failed\n1..1\n",
           count, from, whole, failed);
    return 0;
}

/*
 * The simulated time from when a side has what it needs to send the message until the other has
 * read all of it.
 */
static double message_ms(const struct net_faults *faults, uint64_t seed, size_t bytes,
                         enum net_side from)
{
    int64_t asked_us = 0;

    memset(&run, 0, sizeof run);
    scenario_message(&run.s, faults, bytes, from);
    begin(seed);
    const struct end *sender = &run.end[from], *reader = &run.end[from == CLIENT];
    while (reader->got < reader->in->n && !both_over() && !violation()) {
        if (!sender->begun || sender->got < sender->in->n)
            asked_us = run.now_us;
        step(INT64_MAX - 1);
    }
    double ms = (double)(run.now_us - asked_us) / 1000;
    run.sent = sender->begun ? sender->u.count.sent : 0;
    run.repeated = sender->begun ? sender->u.count.repeated : 0;
    clean_up();
    return ms;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median_ms(const struct net_faults *faults)
{
    double ms[21];

    for (unsigned i = 0; i < 21; i++)
        ms[i] = message_ms(faults, i + 1, 1 << 20, SERVER);
    qsort(ms, 21, sizeof *ms, by_size);
    return ms[10];
}

static int speed(void)
{
    static const int64_t delays[] = {100, 10000};

    for (int i = 0; i < 2; i++)
        for (int64_t each = 0; each <= 10; each += 10) {
            struct net_faults f = {.delay_us = delays[i],
                                   .per_datagram_us = each,
                                   .queue = 200,
                                   .dark_from_us = INT64_MAX};
            double clean = median_ms(&f);
            f.loss = 50;
            double lossy = median_ms(&f);
            printf("# 1 MiB, round trip %" PRId64
                   " us, %s: %.1f ms; 5 %% lost: %.1f ms; ratio %.1f\n",
                   2 * delays[i], each ? "1 Gbit/s" : "no limit", clean, lossy, lossy / clean);
        }
    return 0;
}

/*
 * A link of 10 Mbit/s, 300 ms each way, whose queue holds what a round trip carries. Returns what
 * part of it the message uses.
 */
static double link_used(size_t bytes, enum net_side from, unsigned loss, unsigned queue)
{
    const struct net_faults f = {.delay_us = 300000,
                                 .per_byte_ns = 800,
                                 .queue = queue,
                                 .loss = loss,
                                 .dark_from_us = INT64_MAX};
    double ms = message_ms(&f, 1, bytes, from);
    double used = violation() ? 0 : (double)bytes * 8 / 10000 / ms;

    printf("# the %s sends %zu MiB, queue %u, %.1f %% lost: %.2f of the link, %.1f s, %" PRIu64
           " datagrams, %" PRIu64 " repeated\n",
           from == CLIENT ? "client" : "server", bytes >> 20, queue, loss / 10.0, used, ms / 1000,
           run.sent, run.repeated);
    return used;
}

static int long_link(void)
{
    int failed = 0;

    for (int from = CLIENT; from <= SERVER; from++) {
        bool ok = link_used(32 << 20, from, 0, 610) >= 0.8 && run.repeated * 100 < run.sent;
        printf("%sok %d - 32 MiB use 0.8 of a link of 10 Mbit/s, 300 ms each way, and hardly "
               "overflow its queue\n",
               ok ? "" : "not ", 2 * from + 1);
        failed += !ok;
        ok = link_used(32 << 20, from, 0, 100) >= 0.7;
        printf("%sok %d - ... and 0.7 if its queue is a sixth as long, and overflows\n",
               ok ? "" : "not ", 2 * from + 2);
        failed += !ok;
        link_used(8 << 20, from, 10, 610);
    }
    printf("1..4\n");
    return failed > 0;
}

int main(int argc, char **argv)
{
    uint64_t from = 1, count = 300;

    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--speed") == 0)
            return speed();
        if (strcmp(argv[i], "--link") == 0)
            return long_link();
        if (strcmp(argv[i], "--bench") == 0)
            return memory_bench();
        if (strcmp(argv[i], "--trace") == 0)
            trace = true;
        else if (strcmp(argv[i], "--seeds") == 0)
            count = strtoull(value, NULL, 10), i++;
        else if (strcmp(argv[i], "--from") == 0)
            from = strtoull(value, NULL, 10), i++;
        else if (strcmp(argv[i], "--seed") == 0)
            from = strtoull(value, NULL, 10), count = 1, i++;
        else
            return fprintf(stderr, "sim: what is %s?\n", argv[i]), 2;
    }
    return run_seeds(from, count);
}
