/* SPDX-License-Identifier: ISC */
/*
 * Where the sender keeps datagrams until they are acknowledged, which of them are under way, in the
 * order in which they were last sent, and which are lost. Nothing here takes longer with a larger
 * window, except adding slots.
 */
#include <stdlib.h>
#include <string.h>

#include "udp2_private.h"

struct udp2_sent *udp2_slot(struct udp2 *u, uint64_t number)
{
    return &u->slot[number & (u->room - 1)];
}

/* What more than the first slots take, with the largest datagrams. */
static size_t bytes_of(const struct udp2 *u, size_t room)
{
    return room * sizeof *u->slot + (room - UDP2_SEND_FIRST) * (u->body_max + REORDER_BLOCK);
}

/* Doubles the slots, all of which are in use. */
static bool add_slots(struct udp2 *u)
{
    size_t room = 2 * u->room;
    if (u->memory.take && !u->memory.take(u->memory.ctx, bytes_of(u, room)))
        return false;
    struct udp2_sent *slot = calloc(room, sizeof *slot);
    if (!slot) {
        if (u->memory.take)
            u->memory.take(u->memory.ctx, u->slot == u->first ? 0 : bytes_of(u, u->room));
        return false;
    }
    for (uint64_t n = u->una; n < u->full; n++)
        slot[n & (room - 1)] = *udp2_slot(u, n);
    if (u->slot != u->first)
        free(u->slot);
    u->slot = slot;
    u->room = room;
    return true;
}

/* Twice the window: until a gap is closed, as much as a window of what follows it must be kept. */
bool udp2_slots_left(struct udp2 *u)
{
    uint64_t kept = u->full - u->una;
    if (kept < UDP2_SEND_FIRST)
        return true;
    return kept < UDP2_SEND_MAX && kept < 2 * (uint64_t)u->cwnd && u->full <= u->limit &&
           (kept < u->room || add_slots(u));
}

void udp2_slots_release(struct udp2 *u)
{
    if (u->slot == u->first)
        return;
    struct udp2_sent written = *udp2_slot(u, u->full);
    free(u->slot);
    memset(u->first, 0, sizeof u->first);
    u->slot = u->first;
    u->room = UDP2_SEND_FIRST;
    *udp2_slot(u, u->full) = written;
    if (u->memory.take)
        u->memory.take(u->memory.ctx, 0);
}

void udp2_under_way(struct udp2 *u, uint64_t number, int64_t now_us)
{
    struct udp2_sent *s = udp2_slot(u, number);
    u->lost -= s->lost;
    s->lost = false;
    s->us = now_us;
    s->before = u->newest;
    s->after = 0;
    if (u->newest > 0)
        udp2_slot(u, u->newest)->after = number;
    else
        u->oldest = number;
    u->newest = number;
    u->in_flight++;
}

void udp2_not_under_way(struct udp2 *u, uint64_t number)
{
    const struct udp2_sent *s = udp2_slot(u, number);
    if (s->before > 0)
        udp2_slot(u, s->before)->after = s->after;
    else
        u->oldest = s->after;
    if (s->after > 0)
        udp2_slot(u, s->after)->before = s->before;
    else
        u->newest = s->before;
    u->in_flight--;
}

void udp2_mark_lost(struct udp2 *u, uint64_t number)
{
    udp2_not_under_way(u, number);
    udp2_slot(u, number)->lost = true;
    u->lost++;
    u->count.losses++;
    if (number < u->lost_from)
        u->lost_from = number;
}

uint64_t udp2_lowest_lost(struct udp2 *u)
{
    if (u->lost_from < u->una)
        u->lost_from = u->una;
    while (!udp2_slot(u, u->lost_from)->lost)
        u->lost_from++;
    return u->lost_from;
}
