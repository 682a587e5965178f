/* SPDX-License-Identifier: ISC */
#include "scenario.h"

#include <stdlib.h>

#include "base/digits.h"
#include "random.h"

#define SHORT 10 /* bytes of a short frame */

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
        digits_put(s->p + s->n, n, DATAGRAM_NUMBER);
        for (size_t j = 0; j < n; j++) /* end marks and digits could be mistaken */
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

/* Large messages in datagrams of 64 bytes would take days. */
static struct plan plan_end(bool in_turn, bool large, bool listens, bool ends)
{
    static const size_t sizes[] = {32, 300, 1024, 1200, 1472};
    struct plan p = {.datagram_size = sizes[large ? 2 + random_below(3) : random_below(5)],
                     .in_turn = in_turn,
                     .listens = listens,
                     .ends = ends,
                     .waiting_bytes = SIZE_MAX,
                     .vanish_us = INT64_MAX,
                     .end_us = INT64_MAX};

    if (random_below(4) == 0) {
        p.read_every_us = 1 + (int64_t)random_below(50000);
        p.read_bytes = 200 + random_below(8000);
    }
    if (random_below(12) == 0)
        p.vanish_us = (int64_t)random_below(3000000);
    if (random_below(12) == 0)
        p.end_us = (int64_t)random_below(3000000);
    return p;
}

static bool is_gentle(const struct scenario *s)
{
    bool gentle =
        s->faults.loss <= 150 && s->faults.dark_from_us == INT64_MAX && s->restart_us == INT64_MAX;

    for (int i = 0; i < 2; i++)
        gentle = gentle && s->plan[i].vanish_us == INT64_MAX && s->plan[i].end_us == INT64_MAX;
    return gentle;
}

static void shift(int64_t *us, int64_t by_us)
{
    if (*us != INT64_MAX)
        *us += by_us;
}

/* Makes planned times relative to the beginning. */
static void from_beginning(struct scenario *s)
{
    shift(&s->faults.dark_from_us, s->begin_us);
    shift(&s->faults.dark_to_us, s->begin_us);
    for (int i = 0; i < 2; i++) {
        shift(&s->plan[i].vanish_us, s->begin_us);
        shift(&s->plan[i].end_us, s->begin_us);
    }
}

void scenario_make(struct scenario *s, uint64_t seed)
{
    random_begin();
    chance.state = seed;
    bool in_turn = random_below(3) == 0;
    size_t frames = 1 + random_below(in_turn ? 60 : 12);
    size_t most = random_below(20) ? 60000 : 3000000;
    bool client_ends = random_below(2);

    plan_faults(&s->faults);
    make_stream(&s->stream[CLIENT], frames, in_turn ? 3000 : most);
    make_stream(&s->stream[SERVER], frames, in_turn ? 20000 : most);
    s->plan[CLIENT] = plan_end(in_turn, most > 60000, true, client_ends);
    s->plan[SERVER] = plan_end(in_turn, most > 60000, random_below(2), !client_ends);
    s->begin_us = (int64_t)random_below(20000000);
    from_beginning(s);
    s->restart_us = INT64_MAX;
    if (random_below(8) == 0) /* mostly during the first round trips */
        s->restart_us = s->begin_us + s->faults.delay_us * (int64_t)random_below(100);
    for (int i = 0; i < 2; i++)
        if (random_below(6) == 0)
            s->plan[i].waiting_bytes = random_below(10000);
    s->gentle = is_gentle(s);
}

static void add_frame(struct stream *s, size_t payload)
{
    size_t n = s->n + DATAGRAM_NUMBER + payload;

    s->p = realloc(s->p, n);
    s->ends = realloc(s->ends, (s->frames + 1) * sizeof *s->ends);
    if (!s->p || !s->ends)
        abort();
    memset(s->p + s->n, 'x', n - s->n);
    digits_put(s->p + s->n, payload, DATAGRAM_NUMBER);
    s->ends[s->frames++] = s->n = n;
}

void scenario_message(struct scenario *s, const struct net_faults *faults, size_t bytes,
                      enum net_side from)
{
    struct plan plan = {.datagram_size = DATAGRAM_SIZE_2_MAX,
                        .in_turn = true,
                        .listens = true,
                        .waiting_bytes = SIZE_MAX,
                        .vanish_us = INT64_MAX,
                        .end_us = INT64_MAX};

    *s = (struct scenario){.faults = *faults, .plan = {plan, plan}, .restart_us = INT64_MAX};
    add_frame(&s->stream[CLIENT], SHORT);
    add_frame(&s->stream[SERVER], from == SERVER ? bytes : SHORT);
    if (from == CLIENT)
        add_frame(&s->stream[CLIENT], bytes);
}

void scenario_free(struct scenario *s)
{
    for (int i = 0; i < 2; i++) {
        free(s->stream[i].p);
        free(s->stream[i].ends);
    }
}
