/* SPDX-License-Identifier: ISC */
#include "udp/udp1.h"

#include <string.h>

void udp1_init(struct udp1 *u, size_t size_max, int64_t now_us)
{
    *u = (struct udp1){.size = DATAGRAM_SIZE_MIN,
                       .size_max = size_max < DATAGRAM_MAX ? size_max : DATAGRAM_MAX,
                       .heard_us = now_us,
                       .gap_us = INT64_MAX};
    reorder_init(&u->in);
}

void udp1_free(struct udp1 *u)
{
    reorder_free(&u->in);
}

/* The other end has room for datagrams as long as it sends itself. */
static void note_size(struct udp1 *u, size_t bytes)
{
    size_t size = bytes < u->size_max ? bytes : u->size_max;
    if (size > u->size)
        u->size = size;
}

/* Notes since when a datagram is missing, so that the owner can give up. */
static void note_gap(struct udp1 *u, enum reorder_result r, int64_t now_us)
{
    if (u->in.highest < u->in.next && r != REORDER_MEMORY)
        u->gap_us = INT64_MAX;
    else if (r == REORDER_NEXT || u->gap_us == INT64_MAX)
        u->gap_us = now_us;
}

enum udp1_result udp1_receive(struct udp1 *u, struct span datagram, int64_t now_us)
{
    struct datagram d;
    if (!datagram_parse_1(datagram, &d))
        return UDP1_DROPPED;
    if (d.number == 1 && u->in.next > 1 && now_us - u->heard_us >= UDP1_RESTART_US)
        return UDP1_RESTART;
    u->heard_us = now_us;
    note_size(u, datagram.n);
    enum reorder_result r = reorder_put(&u->in, d.number, d.body);
    note_gap(u, r, now_us);
    return r == REORDER_NEXT || r == REORDER_EARLY ? UDP1_TAKEN : UDP1_DROPPED;
}

bool udp1_ready(const struct udp1 *u)
{
    return reorder_ready(&u->in);
}

size_t udp1_read(struct udp1 *u, char *out, size_t size)
{
    return reorder_read(&u->in, out, size);
}

static char sent_as(char c)
{
    return c == '\r' || c == '\0' || c == DATAGRAM_END_MARK ? ' ' : c;
}

size_t udp1_write(struct udp1 *u, struct span s)
{
    size_t room = u->size - DATAGRAM_NUMBER - u->body_n;
    bool end;
    if (u->body_full || s.n == 0 || u->sent == DATAGRAM_NUMBER_MAX)
        return 0;
    size_t n = frame_bounds_take(&u->bounds, span_first(s, room), &end);
    for (size_t i = 0; i < n; i++)
        u->body[u->body_n++] = sent_as(s.p[i]);
    u->body_full = end || n == room;
    if (end && n < room)
        u->body[u->body_n++] = DATAGRAM_END_MARK;
    return n;
}

int64_t udp1_pace_ms(struct udp1 *u, int64_t now_us)
{
    static const struct bucket_rule rule = {UDP1_EACH_US, UDP1_BURST * UDP1_EACH_US};
    return bucket_take(&u->pace, rule, now_us);
}

size_t udp1_poll(struct udp1 *u, char *out)
{
    size_t n = u->body_n;
    if (!u->body_full)
        return 0;
    memcpy(out + DATAGRAM_NUMBER, u->body, n);
    u->body_n = 0;
    u->body_full = false;
    return datagram_close_1(out, ++u->sent, n);
}
