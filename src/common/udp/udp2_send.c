/* SPDX-License-Identifier: ISC */
#include "udp2_private.h"

#include <string.h>

static bool may_send_new(const struct udp2 *u)
{
    return u->next < u->full && u->next <= u->limit;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* When the session fails because the peer owes an answer. */
static int64_t silent_us(const struct udp2 *u)
{
    return u->waiting_us == INT64_MAX ? INT64_MAX
                                      : later(u->heard_us, u->waiting_us) + UDP2_SILENT_US;
}

/*
 * When to probe a silent peer: soon at first, then less and less often. Also while data is under
 * way: if its acknowledgements are lost, the window is small and the timer slow, and a probe may
 * bring an acknowledgement sooner.
 */
static int64_t listen_us(const struct udp2 *u)
{
    if (!u->listening)
        return INT64_MAX;
    if (u->unanswered > 0)
        return u->probed_us + udp2_back_off_us(u, u->unanswered - 1);
    return later(u->heard_us, u->waiting_us) +
           earlier(UDP2_LISTEN_US << u->asked, UDP2_LISTEN_MAX_US);
}

static bool timer_runs(const struct udp2 *u)
{
    return u->una < u->next || udp2_shut_out(u);
}

int64_t udp2_timer(const struct udp2 *u)
{
    if (u->farewell)
        return INT64_MIN;
    if (udp2_is_over(u))
        return INT64_MAX;
    bool room = u->in_flight < u->cwnd;
    if ((room && (u->lost > 0 || may_send_new(u))) || u->probe || u->probe_data ||
        (u->state == UDP2_ENDING && udp2_all_acked(u)))
        return INT64_MIN;
    int64_t t = earlier(earlier(u->ack_us, u->rack_at_us), earlier(silent_us(u), listen_us(u)));
    if (timer_runs(u))
        t = earlier(t, u->timer_us + udp2_timeout_us(u));
    if (u->state == UDP2_ENDING)
        t = earlier(t, u->end_us + UDP2_ENDING_US);
    return t;
}

/* Does what is due at this time. */
static void expire(struct udp2 *u, int64_t now_us)
{
    if (u->state == UDP2_ENDING && udp2_all_acked(u)) {
        udp2_over(u, UDP2_WELL);
        u->farewell = true;
    } else if (now_us >= silent_us(u)) {
        udp2_over(u, UDP2_SILENT);
        u->farewell = true;
    } else if (u->state == UDP2_ENDING && now_us >= u->end_us + UDP2_ENDING_US) {
        udp2_over(u, UDP2_NOT_ACKED);
        u->farewell = true;
    }
    if (now_us >= u->rack_at_us)
        udp2_detect_losses(u, now_us);
    if (timer_runs(u) && now_us >= u->timer_us + udp2_timeout_us(u))
        udp2_timed_out(u, now_us);
    if (now_us >= listen_us(u))
        u->probe = true;
}

/*
 * An acknowledgement that was asked for twice is sent twice: one of the two may be lost. Another
 * one follows, too, if this one has no room for all the news.
 */
static size_t send_ack(struct udp2 *u, char *out, int64_t now_us)
{
    size_t n = udp2_ack_write(u, out + DATAGRAM_HEAD, now_us);
    bool again = u->asks > 1;
    u->asks = again;
    u->ack_us = again || u->news > 0 ? now_us : INT64_MAX;
    u->unacked = 0;
    u->told_limit = u->in.limit;
    u->count.acks++;
    return datagram_close_2(out, u->in.next - 1, u->id, UDP2_ACK, n);
}

static size_t send_probe(struct udp2 *u, char *out, int64_t now_us)
{
    u->probe = false;
    u->probed_us = now_us;
    if (u->unanswered == 0 && u->asked < 3)
        u->asked++;
    u->unanswered++;
    if (u->waiting_us == INT64_MAX)
        u->waiting_us = now_us;
    return datagram_close_2(out, u->next - 1, u->id, UDP2_PROBE, 0);
}

static size_t send_data(struct udp2 *u, uint64_t number, char *out, int64_t now_us)
{
    struct udp2_sent *s = udp2_slot(u, number);
    bool first = number == u->next;
    s->repeated = !first;
    u->count.repeated += !first;
    u->count.sent++;
    if (!first && !s->lost)
        udp2_not_under_way(u, number);
    udp2_under_way(u, number, now_us);
    if (first)
        u->asked = 0;
    u->next += first;
    u->timer_us = now_us;
    if (u->waiting_us == INT64_MAX)
        u->waiting_us = now_us;
    u->held = u->in_flight >= u->cwnd;
    bool now = u->held || u->next > u->limit || !first ||
               (may_send_new(u) && number - u->marked >= u->cwnd / 4);
    if (now && first)
        u->marked = number;
    memcpy(out + DATAGRAM_HEAD, s->p, s->n);
    return datagram_close_2(out, number, u->id, now ? UDP2_DATA_NOW : UDP2_DATA, s->n);
}

/* Its acknowledgement tells the most: all that was sent before it and is missing is lost (RFC
 * 8985). */
static uint64_t highest_unacked(struct udp2 *u)
{
    uint64_t n = u->next - 1;
    while (udp2_slot(u, n)->acked)
        n--;
    return n;
}

/* After a pause the old window says nothing about the network any more (RFC 5681, 4.1). */
static void restart_window(struct udp2 *u, int64_t now_us)
{
    if (u->una == u->next && now_us - u->timer_us > later(UDP2_RTO_MIN_US, 2 * u->srtt_us)) {
        u->cwnd = u->cwnd < UDP2_CWND_FIRST ? u->cwnd : UDP2_CWND_FIRST;
        u->cubic.from_us = INT64_MIN;
        u->attempt = 0;
    }
}

size_t udp2_poll(struct udp2 *u, char *out, int64_t now_us)
{
    if (u->state == UDP2_OPEN || u->state == UDP2_ENDING)
        expire(u, now_us);
    if (u->farewell) {
        u->farewell = false;
        return udp2_farewell(out, u->id, u->in.next - 1, udp2_all_acked(u));
    }
    if (udp2_is_over(u))
        return 0;
    if (now_us >= u->ack_us)
        return send_ack(u, out, now_us);
    if (u->probe)
        return send_probe(u, out, now_us);
    if (u->probe_data) {
        u->probe_data = false;
        if (u->una < u->next)
            return send_data(u, highest_unacked(u), out, now_us);
    }
    if (may_send_new(u))
        restart_window(u, now_us);
    if (u->in_flight < u->cwnd && u->lost > 0)
        return send_data(u, udp2_lowest_lost(u), out, now_us);
    if (u->in_flight < u->cwnd && may_send_new(u))
        return send_data(u, u->next, out, now_us);
    return 0;
}
