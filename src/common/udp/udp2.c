/* SPDX-License-Identifier: ISC */
#include "udp2_private.h"

#include <stdlib.h>
#include <string.h>

void udp2_init(struct udp2 *u, uint64_t id, size_t size, int64_t now_us)
{
    size = size < DATAGRAM_SIZE_2_MIN ? DATAGRAM_SIZE_2_MIN : size;
    size = size > DATAGRAM_SIZE_2_MAX ? DATAGRAM_SIZE_2_MAX : size;
    *u = (struct udp2){.id = id,
                       .body_max = size - DATAGRAM_AROUND,
                       .heard_us = now_us,
                       .waiting_us = INT64_MAX,
                       .ack_us = INT64_MAX,
                       .rack_at_us = INT64_MAX,
                       .told_limit = UDP2_WINDOW,
                       .una = 1,
                       .next = 1,
                       .full = 1,
                       .limit = UDP2_WINDOW,
                       .cwnd = UDP2_CWND_FIRST,
                       .ssthresh = UDP2_SEND_MAX,
                       .round = {.least_us = INT64_MAX},
                       .slot = u->first,
                       .room = UDP2_SEND_FIRST,
                       .recovery_us = INT64_MIN,
                       .cubic.from_us = INT64_MIN,
                       .rack_us = INT64_MIN,
                       .timer_us = now_us};
    reorder_init(&u->in);
}

void udp2_free(struct udp2 *u)
{
    reorder_free(&u->in);
    for (size_t i = 0; i < u->room; i++) {
        free(u->slot[i].p);
        u->slot[i].p = NULL;
    }
    udp2_slots_release(u);
}

static void take_data(struct udp2 *u, const struct datagram *d, int64_t now_us)
{
    bool in_order = u->in.highest < u->in.next;
    enum reorder_result r = reorder_put(&u->in, d->number, d->body);
    u->count.old += r == REORDER_OLD;
    u->count.beyond += r == REORDER_FAR;
    if (r == REORDER_MEMORY)
        return;
    if (r == REORDER_NEXT || r == REORDER_EARLY) {
        u->asked = 0;
        u->came_us = now_us;
        u->came = d->number;
    }
    if (r != REORDER_FAR)
        u->news |= udp2_block(d->number);
    u->unacked++;
    u->asks += d->type == UDP2_DATA_NOW;
    if (r != REORDER_NEXT || !in_order || d->type == UDP2_DATA_NOW || u->unacked >= UDP2_ACK_EVERY)
        u->ack_us = now_us;
    else if (u->ack_us == INT64_MAX)
        u->ack_us = now_us + UDP2_ACK_DELAY_US;
}

static void take_farewell(struct udp2 *u, const struct datagram *d)
{
    bool well = d->body.n == 1 && d->body.p[0] == '0' && d->number + 1 >= u->full &&
                u->in.highest < u->in.next;
    udp2_over(u, well ? UDP2_WELL : UDP2_CUT);
}

/* Notes since when the peer owes an answer: while data is not acknowledged, or the owner waits. */
static void note_debt(struct udp2 *u, int64_t now_us)
{
    if (udp2_all_acked(u) && !u->listening)
        u->waiting_us = INT64_MAX;
    else if (u->waiting_us == INT64_MAX)
        u->waiting_us = now_us;
}

bool udp2_receive(struct udp2 *u, struct span datagram, int64_t now_us)
{
    struct datagram d;
    struct udp2_ack ack;
    if (!datagram_parse_2(datagram, &d)) {
        u->count.bad++;
        return false;
    }
    if (d.id != u->id) {
        u->count.wrong_id++;
        return false;
    }
    if (udp2_is_over(u))
        return true;
    u->heard_us = now_us;
    u->unanswered = 0;
    if (udp2_is_data(&d))
        take_data(u, &d, now_us);
    else if (d.type == UDP2_PROBE)
        u->ack_us = now_us;
    else if (udp2_is_farewell(&d))
        take_farewell(u, &d);
    else if (d.type == UDP2_ACK && udp2_ack_parse(&d, &ack) && udp2_acked(u, &ack, now_us))
        note_debt(u, now_us);
    else
        u->count.bad++;
    return true;
}

/* Adds bytes of s to the datagram that is being written. Returns 0 if out of memory. */
static size_t fill(struct udp2 *u, struct span s)
{
    struct udp2_sent *slot = udp2_slot(u, u->full);
    bool end;
    if (!slot->p) {
        *slot = (struct udp2_sent){.p = malloc(u->body_max)};
        if (!slot->p)
            return 0;
    }
    size_t room = u->body_max - slot->n;
    size_t n = frame_bounds_take(&u->bounds, span_first(s, room), &end);
    memcpy(slot->p + slot->n, s.p, n);
    slot->n = (uint16_t)(slot->n + n);
    if (end && n < room)
        slot->p[slot->n++] = DATAGRAM_END_MARK;
    u->full += end || n == room;
    return n;
}

size_t udp2_write(struct udp2 *u, struct span s)
{
    size_t taken = 0;
    while (u->state == UDP2_OPEN && taken < s.n && udp2_slots_left(u) &&
           u->full <= DATAGRAM_NUMBER_MAX) {
        size_t n = fill(u, span_skip(s, taken));
        if (n == 0)
            break;
        taken += n;
    }
    return taken;
}

bool udp2_ready(const struct udp2 *u)
{
    return reorder_ready(&u->in);
}

/*
 * Lets the receiver's window grow if more than a quarter of it came in order and was read within a
 * round trip. The peer may send twice as much in the next round trip, and as much again must be
 * kept while a lost datagram is repeated. So the window does not grow for a peer that sends little,
 * or whose data nobody reads.
 */
static void widen(struct udp2 *u, uint64_t reading_before, int64_t now_us)
{
    if (now_us - u->read_us >= u->srtt_us) {
        u->read_us = now_us;
        u->read_from = reading_before;
    }
    if (u->in.reading - u->read_from <= u->in.window / 4)
        return;
    reorder_grow(&u->in);
    u->read_us = now_us;
    u->read_from = u->in.reading;
}

size_t udp2_read(struct udp2 *u, char *out, size_t size, int64_t now_us)
{
    uint64_t reading = u->in.reading;
    size_t n = reorder_read(&u->in, out, size);
    if (u->srtt_us > 0)
        widen(u, reading, now_us);
    bool stopped = u->in.highest >= u->told_limit; /* the peer has used up its limit */
    if (u->in.limit >= u->told_limit + u->in.window / 4 || (stopped && u->in.limit > u->told_limit))
        u->ack_us = now_us;
    return n;
}

void udp2_listen(struct udp2 *u, bool listening, int64_t now_us)
{
    u->listening = listening;
    note_debt(u, now_us);
}

void udp2_hurry(struct udp2 *u, int64_t now_us)
{
    if (u->ack_us != INT64_MAX)
        u->ack_us = now_us;
}

void udp2_end(struct udp2 *u, int64_t now_us)
{
    if (u->state != UDP2_OPEN)
        return;
    u->state = UDP2_ENDING;
    u->end_us = now_us;
}

void udp2_abort(struct udp2 *u)
{
    if (udp2_is_over(u))
        return;
    udp2_over(u, UDP2_GIVEN_UP);
    u->farewell = true;
}
