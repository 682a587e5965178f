/* SPDX-License-Identifier: ISC */
/*
 * What follows from acknowledgements: the round trip (RFC 6298), which datagrams are lost (by time,
 * as in RFC 8985), and the window (RFC 5681, 9406 and 9438, counted in datagrams).
 */
#include <stdlib.h>

#include "udp2_private.h"

/* RFC 6298, 2. Returns the round trip without the delay. */
static int64_t measure(struct udp2 *u, int64_t rtt_us, int64_t delay_us)
{
    rtt_us = delay_us < rtt_us ? rtt_us - delay_us : rtt_us;
    rtt_us = rtt_us < 1 ? 1 : rtt_us;
    if (u->min_rtt_us == 0 || rtt_us < u->min_rtt_us)
        u->min_rtt_us = rtt_us;
    if (u->srtt_us == 0) {
        u->srtt_us = rtt_us;
        u->rttvar_us = rtt_us / 2;
        return rtt_us;
    }
    int64_t off = rtt_us > u->srtt_us ? rtt_us - u->srtt_us : u->srtt_us - rtt_us;
    u->rttvar_us += (off - u->rttvar_us) / 4;
    u->srtt_us += (rtt_us - u->srtt_us) / 8;
    u->srtt_us = u->srtt_us < 1 ? 1 : u->srtt_us;
    return rtt_us;
}

void udp2_round_trip(struct udp2 *u, int64_t rtt_us)
{
    measure(u, rtt_us, 0);
}

/* A part of the shortest round trip, but at least a delay that is not likely to be chance. */
static int64_t queue_us(const struct udp2 *u, int64_t part)
{
    return u->min_rtt_us / part > UDP2_QUEUE_MIN_US ? u->min_rtt_us / part : UDP2_QUEUE_MIN_US;
}

/*
 * Ends slow start before it overflows a queue, much as HyStart++ does (RFC 9406): if even the
 * shortest round trip of a round shows that datagrams queue, the window may be as large as the
 * path. It then stays as it is for some rounds: if one of them shows no queue, it was something
 * else.
 */
static void watch_queue(struct udp2 *u, int64_t rtt_us)
{
    struct udp2_round *r = &u->round;
    if (u->una > r->last) {
        int64_t most_us = queue_us(u, 8) < UDP2_QUEUE_MAX_US ? queue_us(u, 8) : UDP2_QUEUE_MAX_US;
        bool queue = r->least_us - u->min_rtt_us >= most_us;
        unsigned queued = r->samples < UDP2_ROUND_SAMPLES ? r->queued : queue ? r->queued + 1 : 0;
        if (u->cwnd < u->ssthresh && queued == UDP2_QUEUED_ROUNDS)
            u->ssthresh = u->cwnd;
        *r = (struct udp2_round){
            .last = u->next, .least_us = INT64_MAX, .most_before_us = r->most_us, .queued = queued};
    }
    r->samples++;
    r->most_us = u->srtt_us > r->most_us ? u->srtt_us : r->most_us;
    r->least_us = rtt_us < r->least_us ? rtt_us : r->least_us;
}

/*
 * Slow start sends twice as fast as the path carries, so a queue builds in each round. Once it
 * takes a quarter of a round trip, the next doubling may be too much.
 */
static unsigned slow_start_part(const struct udp2 *u)
{
    const struct udp2_round *r = &u->round;
    int64_t most_us = r->most_us > r->most_before_us ? r->most_us : r->most_before_us;
    return most_us - u->min_rtt_us >= queue_us(u, 4) ? UDP2_CAREFUL_PART : 1;
}

/* Whether the round trips show that datagrams queue. */
static bool is_queued(const struct udp2 *u)
{
    int64_t us = u->srtt_us - u->min_rtt_us;
    return us >= UDP2_GRAIN_US && us >= u->srtt_us / 8;
}

/* How many ms the cubic function below takes to grow by these datagrams: 2.5 = 1 / 0.4. */
static int64_t cubic_ms(unsigned datagrams)
{
    const int64_t cube = datagrams * INT64_C(2500000000);
    int64_t ms = 0;
    for (int64_t step = 1 << 15; step > 0; step /= 2)
        if ((ms + step) * (ms + step) * (ms + step) <= cube)
            ms += step;
    return ms;
}

/*
 * By how many datagrams to grow in this round trip: one, or as many as CUBIC (RFC 9438) would if
 * that is more, so that a loss on a long link does not cost minutes. But with a queue the path is
 * full, and one is enough.
 */
static unsigned growth(struct udp2 *u, int64_t now_us)
{
    if (u->cubic.from_us == INT64_MIN)
        u->cubic = (struct udp2_cubic){.from_us = now_us, .middle = u->cwnd};
    int64_t ms = (now_us - u->cubic.from_us + u->srtt_us) / 1000 - u->cubic.middle_ms;
    ms = ms < UDP2_CUBIC_MAX_MS ? ms : UDP2_CUBIC_MAX_MS;
    int64_t more = u->cubic.middle + ms * ms * ms / INT64_C(2500000000) - u->cwnd;
    more = more < u->cwnd / 2 ? more : u->cwnd / 2;
    return is_queued(u) || more < 1 ? 1 : (unsigned)more;
}

static void grow(struct udp2 *u, unsigned acked, int64_t now_us)
{
    if (!u->held || u->cwnd >= UDP2_SEND_MAX)
        return;
    if (u->cwnd < u->ssthresh) {
        if (u->round.queued > 0)
            return;
        unsigned part = slow_start_part(u);
        u->grown += acked;
        u->cwnd += u->grown / part;
        u->grown %= part;
    } else {
        unsigned whole = u->cwnd;
        u->grown += acked * growth(u, now_us);
        u->cwnd += u->grown / whole;
        u->grown %= whole;
    }
    if (u->cwnd > UDP2_SEND_MAX)
        u->cwnd = UDP2_SEND_MAX;
}

/* What is new in an acknowledgement. */
struct news {
    unsigned acked;
    unsigned counted; /* how many of them let the window grow */
    uint64_t timed;   /* the number that came last, whose round trip can be measured */
    int64_t timed_us; /* when it was sent; INT64_MIN: it is not new or was sent more than once */
};

static void mark_acked(struct udp2 *u, uint64_t number, int64_t now_us, struct news *news)
{
    struct udp2_sent *s = udp2_slot(u, number);
    if (s->acked)
        return;
    s->acked = true;
    free(s->p);
    s->p = NULL;
    if (s->lost)
        u->lost--;
    else
        udp2_not_under_way(u, number);
    s->lost = false;
    news->acked++;
    news->counted += s->us > u->recovery_us;
    if (number == news->timed && !s->repeated) /* Karn: of two copies nobody knows which one came */
        news->timed_us = s->us;
    bool first_copy = s->repeated && now_us - s->us < u->min_rtt_us;
    if (!first_copy && s->us >= u->rack_us) {
        u->rack_us = s->us;
        u->rack_number = number;
    }
}

static void mark_reported(struct udp2 *u, const struct udp2_report *report, int64_t now_us,
                          struct news *news)
{
    for (unsigned i = 0; i < UDP2_ACK_BITS; i++) {
        uint64_t n = report->from + i;
        if (n >= u->next || report->came[i / 64] >> i % 64 == 0)
            i |= 63; /* no more bits in this word */
        else if (report->came[i / 64] >> i % 64 & 1 && n >= u->una)
            mark_acked(u, n, now_us, news);
    }
}

bool udp2_acked(struct udp2 *u, const struct udp2_ack *ack, int64_t now_us)
{
    struct news news = {.timed = ack->last, .timed_us = INT64_MIN};
    if (ack->up_to >= u->next)
        return false;
    for (uint64_t n = u->una; n <= ack->up_to; n++)
        mark_acked(u, n, now_us, &news);
    mark_reported(u, &ack->after, now_us, &news);
    mark_reported(u, &ack->far, now_us, &news);
    /* The next numbers may have been reported in an earlier acknowledgement. */
    while (u->una < u->next && udp2_slot(u, u->una)->acked)
        udp2_slot(u, u->una++)->acked = false;
    if (ack->limit > u->limit) {
        u->limit = ack->limit;
        u->timer_us = now_us;
        u->attempt = 0;
    }
    if (news.acked == 0)
        return true;
    if (news.timed_us != INT64_MIN)
        watch_queue(u, measure(u, now_us - news.timed_us, (int64_t)ack->delay_us));
    if (udp2_all_acked(u))
        udp2_slots_release(u);
    u->attempt = 0;
    u->timer_us = now_us;
    u->waiting_us = now_us;
    grow(u, news.counted, now_us);
    udp2_detect_losses(u, now_us);
    return true;
}

/* By half if datagrams queue (RFC 5681); otherwise congestion was hardly the cause (TCP Veno). */
static void reduce(struct udp2 *u, int64_t now_us)
{
    unsigned whole = u->cwnd, parts = whole * whole + u->grown; /* a datagram has cwnd parts */
    parts = is_queued(u) ? parts / 2 : parts * 4 / 5;
    u->recovery_us = now_us;
    u->cwnd = parts / whole;
    u->grown = parts % whole * u->cwnd / whole;
    if (u->cwnd < UDP2_CWND_MIN)
        u->cwnd = UDP2_CWND_MIN;
    u->ssthresh = u->cwnd;
    u->cubic = (struct udp2_cubic){.from_us = now_us, .middle = whole};
    if (whole > u->cwnd)
        u->cubic.middle_ms = cubic_ms(whole - u->cwnd);
}

/* Whether it was sent before a datagram that has come, perhaps in the same microsecond. */
static bool sent_before_rack(const struct udp2 *u, const struct udp2_sent *s, uint64_t number)
{
    return s->us < u->rack_us || (s->us == u->rack_us && number < u->rack_number);
}

/*
 * A datagram is lost if it was sent before one that has come, and more than a round trip plus a
 * quarter of the shortest one ago. Its last sending counts, so a lost repetition is repeated, too.
 */
void udp2_detect_losses(struct udp2 *u, int64_t now_us)
{
    int64_t patience_us = u->srtt_us + u->min_rtt_us / 4;
    int64_t newest_us = INT64_MIN;
    u->rack_at_us = INT64_MAX;
    uint64_t after;
    for (uint64_t n = u->oldest; n > 0; n = after) {
        const struct udp2_sent *s = udp2_slot(u, n);
        after = s->after;
        if (s->us > u->rack_us)
            break; /* and so were all after it */
        if (!sent_before_rack(u, s, n))
            continue;
        if (now_us < s->us + patience_us) {
            u->rack_at_us = s->us + patience_us;
            break;
        }
        udp2_mark_lost(u, n);
        newest_us = s->us;
    }
    if (newest_us > u->recovery_us)
        reduce(u, now_us);
}

/* How long an answer should take at most. */
static int64_t soon_us(const struct udp2 *u)
{
    int64_t spread_us = 4 * u->rttvar_us > UDP2_GRAIN_US ? 4 * u->rttvar_us : UDP2_GRAIN_US;
    int64_t delay_us = u->marked + 1 == u->next ? 0 : UDP2_ACK_DELAY_US;
    return u->srtt_us + spread_us + delay_us;
}

int64_t udp2_back_off_us(const struct udp2 *u, unsigned doublings)
{
    int64_t most_us = u->srtt_us > 0 ? UDP2_RTO_MAX_US : UDP2_RTO_FIRST_MAX_US;
    int64_t us = soon_us(u) > UDP2_RTO_MIN_US ? soon_us(u) : UDP2_RTO_MIN_US;
    if (u->srtt_us == 0)
        us = UDP2_RTO_FIRST_US;
    while (doublings-- > 0 && us < most_us)
        us *= 2;
    return us < most_us ? us : most_us;
}

int64_t udp2_timeout_us(const struct udp2 *u)
{
    if (u->srtt_us == 0 || u->una == u->next)
        return udp2_back_off_us(u, u->attempt);
    if (u->attempt >= UDP2_PROBES)
        return udp2_back_off_us(u, u->attempt - UDP2_PROBES);
    int64_t us = soon_us(u) << u->attempt;
    return us < UDP2_RTO_MAX_US ? us : UDP2_RTO_MAX_US;
}

/* Considers everything under way lost, and restarts the window at one (RFC 5681, 3.1). */
static void collapse(struct udp2 *u, int64_t now_us)
{
    unsigned half = u->in_flight / 2 > UDP2_CWND_MIN ? u->in_flight / 2 : UDP2_CWND_MIN;
    while (u->oldest > 0)
        udp2_mark_lost(u, u->oldest);
    if (u->cwnd > 1)
        u->ssthresh = half;
    u->cwnd = 1;
    u->grown = 0;
    u->cubic.from_us = INT64_MIN;
    u->recovery_us = now_us;
    u->rack_at_us = INT64_MAX;
}

void udp2_timed_out(struct udp2 *u, int64_t now_us)
{
    bool early = u->srtt_us > 0 && u->attempt < UDP2_PROBES;
    u->timer_us = now_us;
    u->attempt++;
    u->count.timeouts++;
    if (udp2_shut_out(u))
        u->probe = true;
    else if (early)
        u->probe_data = true;
    else
        collapse(u, now_us);
}
