/*
 * sim: sessions in version 2 over UDP in simulated networks. Each seed is a network with its
 * faults, what the two ends have to say to each other, and how they end; the same seed is the same
 * run.
 *
 *     sim [--seeds N] [--from SEED]   that many seeds; TAP, exit 1 at a violation
 *     sim --seed SEED [--trace]       one of them, with every datagram
 *     sim --speed                     how much longer a message takes where datagrams are lost
 *     sim --bench                     how fast two ends are in memory
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cookie.h"
#include "end.h"
#include "random.h"
#include "roll.h"

#define SECOND    INT64_C(1000000)
#define HOUR      (3600 * SECOND)
#define LIVE_MAX  (10 * HOUR) /* simulated; no session of these plans may need it */
#define AFTER_END (40 * SECOND)

static struct run {
    struct net_faults faults;
    struct stream stream[2]; /* what the client, the server writes */
    struct end end[2];
    bool gentle; /* nothing happens that may make it fail */
    unsigned char key[SIPHASH_KEY_BYTES];
    struct roll_entry *entry; /* of the session, once it has begun */
    bool entered_end;
    unsigned sessions;
    size_t from_unknown[NET_SIDES], to_unknown[NET_SIDES]; /* bytes, before a cookie came back */
    uint64_t received;
    int64_t now_us;
} run;

static struct roll roll;

static size_t some(size_t least, size_t most) /* more often small than large */
{
    size_t range = most - least + 1;

    for (size_t halve = random_below(8); halve > 0 && range > 16; halve--)
        range /= 2;
    return least + random_below(range);
}

static void make_stream(struct stream *s, size_t frames, size_t most)
{
    *s = (struct stream){.frames = frames, .ends = malloc(frames * sizeof *s->ends)};
    if (!s->ends)
        abort();
    for (size_t i = 0; i < frames; i++) {
        size_t n = some(0, most);
        s->p = realloc(s->p, s->n + DATAGRAM_NUMBER + n);
        if (!s->p)
            abort();
        datagram_put_decimal(s->p + s->n, n);
        for (size_t j = 0; j < n; j++) /* end marks and digits are the ones that could confuse */
            s->p[s->n + DATAGRAM_NUMBER + j] =
                j % 16 == 3 ? DATAGRAM_END_MARK : (char)('0' + (random_below(97) + j) % 80);
        s->n += DATAGRAM_NUMBER + n;
        s->ends[i] = s->n;
    }
}

static unsigned maybe(unsigned percent, unsigned most)
{
    return random_below(100) < percent ? (unsigned)random_below(most + 1) : 0;
}

static void plan_faults(struct net_faults *f)
{
    static const int64_t delays[] = {20, 100, 1000, 10000, 100000};

    *f = (struct net_faults){.delay_us = delays[random_below(5)], .dark_from_us = INT64_MAX};
    f->jitter_us = random_below(2) ? f->delay_us / 2 : 0;
    f->loss = maybe(60, random_below(4) ? 100 : 400);
    f->twice = maybe(40, 100);
    f->late = maybe(40, 100);
    f->damage = maybe(40, 100);
    f->replay = maybe(40, 50);
    if (random_below(4) == 0) {
        f->per_datagram_us = 10 + (int64_t)random_below(200);
        f->queue = 20 + (unsigned)random_below(100);
    }
    if (random_below(8) == 0) {
        f->dark_from_us = (int64_t)random_below(5000000);
        f->dark_to_us = f->dark_from_us + (int64_t)random_below(45000000);
    }
}

static void plan_end(struct end *e, enum net_side side, bool in_turn, bool ends)
{
    static const size_t sizes[] = {32, 300, 1024, 1200, 1472};

    *e = (struct end){.side = side, .out = &run.stream[side], .in = &run.stream[!side]};
    e->plan = (struct plan){.datagram_size = sizes[random_below(5)],
                            .in_turn = in_turn,
                            .ends = ends,
                            .vanish_us = INT64_MAX,
                            .end_us = INT64_MAX};
    if (random_below(4) == 0) {
        e->plan.read_every_us = 1 + (int64_t)random_below(50000);
        e->plan.read_bytes = 200 + random_below(8000);
    }
    if (random_below(12) == 0)
        e->plan.vanish_us = (int64_t)random_below(3000000);
    if (random_below(12) == 0)
        e->plan.end_us = (int64_t)random_below(3000000);
}

static void plan_run(uint64_t seed)
{
    bool in_turn = random_below(3) == 0;
    size_t frames = 1 + random_below(in_turn ? 60 : 12);
    size_t most = random_below(20) ? 60000 : 3000000;
    bool client_ends = random_below(2);

    plan_faults(&run.faults);
    make_stream(&run.stream[CLIENT], frames, in_turn ? 3000 : most);
    make_stream(&run.stream[SERVER], frames, in_turn ? 20000 : most);
    plan_end(&run.end[CLIENT], CLIENT, in_turn, client_ends);
    plan_end(&run.end[SERVER], SERVER, in_turn, !client_ends);
    run.gentle = run.faults.loss <= 150 && run.faults.dark_from_us == INT64_MAX;
    for (int i = 0; i < 2; i++)
        run.gentle = run.gentle && run.end[i].plan.vanish_us == INT64_MAX &&
                     run.end[i].plan.end_us == INT64_MAX;
    for (int i = 0; i < SIPHASH_KEY_BYTES; i++)
        run.key[i] = (unsigned char)(seed >> i);
}

static struct address address_of(enum net_side side)
{
    const unsigned char b[4] = {192, 0, 2, (unsigned char)side};

    return address_of_v4(b);
}

static void answer(enum net_side to, struct span s)
{
    run.to_unknown[to] += s.n;
    if (run.to_unknown[to] > 3 * run.from_unknown[to])
        violated("the server sent an unknown address more than 3 times what it received");
    net_send(SERVER, to, s, run.now_us);
}

/* What a server does with a datagram that belongs to no session that is on. */
static void receive_unknown(enum net_side from, struct span s)
{
    struct address a = address_of(from);
    struct datagram d;
    char out[DATAGRAM_SIZE_2_MIN];
    struct end *e = &run.end[SERVER];

    run.from_unknown[from] += s.n;
    if (cookie_asked(s)) {
        answer(from, span_of(out, cookie_answer(out, cookie_id(run.key, &a, 5555, run.now_us))));
        return;
    }
    if (!datagram_parse_2(s, &d) || !cookie_known(run.key, &a, 5555, run.now_us, d.id))
        return;
    struct roll_entry *known = roll_find(&roll, d.id, run.now_us);
    if (known && d.type != 'X')
        answer(from, span_of(out, udp2_farewell(out, d.id, known->came, known->in_order)));
    if (known || (d.type != 'D' && d.type != 'd'))
        return;
    run.entry = roll_begin(&roll, d.id, run.now_us);
    if (!run.entry)
        return;
    if (from == STRANGER)
        violated("a forged address began a session");
    if (++run.sessions > 1) {
        violated("a session began a second time");
        return;
    }
    end_begin(e, d.id, run.now_us);
    end_receive(e, s, run.now_us);
}

static void deliver(struct net_packet p)
{
    struct span s = exact(span_of(p.p, p.n));
    struct end *e = &run.end[p.to == CLIENT ? CLIENT : SERVER];

    free(p.p);
    run.received++;
    if (p.to == STRANGER || e->vanished)
        ;
    else if (p.to == CLIENT || (p.from == CLIENT && e->begun && !end_over(e)))
        end_receive(e, s, run.now_us);
    else
        receive_unknown(p.from, s);
    exact_free(s);
}

/* Someone who hears all this, but cannot send from the client's address. */
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
    net_send(STRANGER, SERVER, s, run.now_us);
}

static void note_end(void)
{
    struct end *e = &run.end[SERVER];

    if (run.entered_end || !run.entry || !end_over(e))
        return;
    run.entered_end = true;
    roll_end(run.entry, e->u.in.next - 1, udp2_all_acked(&e->u), run.now_us);
}

/* Simulated time goes on to whatever comes first. */
static void step(int64_t not_after_us)
{
    int64_t t = net_next_us();

    for (int i = 0; i < 2; i++)
        t = end_next_us(&run.end[i]) < t ? end_next_us(&run.end[i]) : t;
    t = t > not_after_us ? not_after_us : t;
    run.now_us = t > run.now_us ? t : run.now_us;
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

/* Over, and what came has been read. */
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
    bool asked_in_vain = run.end[CLIENT].gave_up && run.faults.loss + run.faults.damage > 0;
    if (run.gentle && !asked_in_vain && e->got < e->in->n)
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
    if (run.faults.loss == 0 && run.faults.damage == 0 && run.faults.late == 0 &&
        run.faults.per_datagram_us > 0 && run.gentle && repeated * 3 > data + 600)
        violated("%" PRIu64 " of %" PRIu64 " repeated in a narrow network", repeated, data);
}

static void clean_up(void)
{
    net_end();
    for (int i = 0; i < 2; i++) {
        if (run.end[i].begun)
            udp2_free(&run.end[i].u);
        free(run.stream[i].p);
        free(run.stream[i].ends);
    }
}

/* How long the last progress may be ago, however slow a reader: for the network's worst of plans.
 */
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

    violations_clear();
    memset(&run, 0, sizeof run);
    memset(&roll, 0, sizeof roll);
    random_begin();
    chance.state = seed;
    plan_run(seed);
    net_begin(seed, &run.faults);
    run.now_us = (int64_t)random_below(20000000);
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
        printf("# violation, to see it: sim --seed %" PRIu64 " --trace\n# after %.3f s: %s\n", seed,
               (double)run.now_us / SECOND, violation());
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
        whole += run.end[0].got == run.end[0].in->n && run.end[1].got == run.end[1].in->n;
        failed += run.end[0].u.state == UDP2_FAILED || run.end[1].u.state == UDP2_FAILED;
    }
    printf("ok 1 - %" PRIu64 " seeds from %" PRIu64 "\n# %" PRIu64 " brought all over, %" PRIu64
           " failed\n1..1\n",
           count, from, whole, failed);
    return 0;
}

/* Simulated time until the client has read one message of 1 MiB; the median of some runs. */
static double message_ms(unsigned loss, int64_t delay_us, int64_t per_datagram_us)
{
    enum { RUNS = 21 };
    double ms[RUNS];

    for (int i = 0; i < RUNS; i++) {
        violations_clear();
        memset(&run, 0, sizeof run);
        memset(&roll, 0, sizeof roll);
        chance.state = 1000 + (uint64_t)i;
        run.faults = (struct net_faults){.delay_us = delay_us,
                                         .loss = loss,
                                         .per_datagram_us = per_datagram_us,
                                         .queue = 200,
                                         .dark_from_us = INT64_MAX};
        for (int side = 0; side < 2; side++) {
            make_stream(&run.stream[side], 1, 10);
            run.end[side] = (struct end){.side = side ? SERVER : CLIENT,
                                         .out = &run.stream[side],
                                         .in = &run.stream[!side],
                                         .plan = {.datagram_size = DATAGRAM_SIZE_2_MAX,
                                                  .vanish_us = INT64_MAX,
                                                  .end_us = INT64_MAX,
                                                  .in_turn = true,
                                                  .ends = side == CLIENT}};
        }
        struct stream *s = &run.stream[SERVER];
        s->n = s->ends[0] = DATAGRAM_NUMBER + (1 << 20);
        s->p = realloc(s->p, s->n);
        if (!s->p)
            abort();
        memset(s->p, 'x', s->n);
        datagram_put_decimal(s->p, 1 << 20);
        net_begin(77 + (uint64_t)i, &run.faults);
        while (run.end[CLIENT].got < s->n && !both_over() && !violation()) {
            if (!run.end[SERVER].begun || run.end[SERVER].got < run.stream[CLIENT].n)
                ms[i] = (double)run.now_us / 1000; /* the handshake is not counted */
            step(INT64_MAX - 1);
        }
        ms[i] = (double)run.now_us / 1000 - ms[i];
        clean_up();
    }
    for (int i = 0; i < RUNS; i++)
        for (int j = i + 1; j < RUNS; j++)
            if (ms[j] < ms[i]) {
                double swap = ms[i];
                ms[i] = ms[j];
                ms[j] = swap;
            }
    return ms[RUNS / 2];
}

static int speed(void)
{
    static const int64_t delays[] = {100, 10000};

    for (int i = 0; i < 2; i++)
        for (int64_t each = 0; each <= 10; each += 10) {
            double clean = message_ms(0, delays[i], each);
            double lossy = message_ms(50, delays[i], each);
            printf("# 1 MiB, round trip %" PRId64
                   " us, %s: %.1f ms; 5 %% lost: %.1f ms; ratio %.1f\n",
                   2 * delays[i], each ? "1 Gbit/s" : "no limit", clean, lossy, lossy / clean);
        }
    return 0;
}

/* Processor time of both ends together. */
static int bench(void)
{
    enum { BYTES = 10 << 20, ROUNDS = 40 };
    static char in[DATAGRAM_NUMBER + BYTES];
    static char out[65536];
    static struct udp2 a, b;
    char datagram[DATAGRAM_SIZE_2_MAX];
    size_t total = 0, n;
    int64_t now_us = 0;
    clock_t begin = clock();

    memset(in, 'x', sizeof in);
    datagram_put_decimal(in, BYTES);
    udp2_init(&a, 1, DATAGRAM_SIZE_2_MAX, 0);
    udp2_init(&b, 1, DATAGRAM_SIZE_2_MAX, 0);
    for (int round = 0; round < ROUNDS; round++)
        for (size_t sent = 0, got = 0; got < sizeof in; now_us += 50) {
            sent += udp2_write(&a, span_of(in + sent, sizeof in - sent));
            while ((n = udp2_poll(&a, datagram, now_us)) > 0)
                udp2_receive(&b, span_of(datagram, n), now_us);
            while ((n = udp2_read(&b, out, sizeof out, now_us)) > 0)
                got += n, total += n;
            while ((n = udp2_poll(&b, datagram, now_us)) > 0)
                udp2_receive(&a, span_of(datagram, n), now_us);
        }
    double s = (double)(clock() - begin) / CLOCKS_PER_SEC;
    printf("# %.0f MB/s through two ends\n", (double)total / s / 1e6);
    udp2_free(&a);
    udp2_free(&b);
    return 0;
}

int main(int argc, char **argv)
{
    uint64_t from = 1, count = 300;

    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--speed") == 0)
            return speed();
        if (strcmp(argv[i], "--bench") == 0)
            return bench();
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
