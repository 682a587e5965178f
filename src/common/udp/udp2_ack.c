/* SPDX-License-Identifier: ISC */
/*
 * What the other files of udp2 stand on: where a datagram is kept, the state of the session, and
 * the bodies of acknowledgements and farewells.
 */
#include "base/digits.h"
#include "udp2_private.h"

struct udp2_sent *udp2_slot(struct udp2 *u, uint64_t number)
{
    return &u->slot[number % UDP2_SEND_MAX];
}

bool udp2_all_acked(const struct udp2 *u)
{
    return u->una == u->full;
}

bool udp2_shut_out(const struct udp2 *u)
{
    return u->una == u->next && u->next < u->full && u->next > u->limit;
}

bool udp2_is_over(const struct udp2 *u)
{
    return u->state == UDP2_ENDED || u->state == UDP2_FAILED;
}

void udp2_over(struct udp2 *u, enum udp2_why why)
{
    u->state = why == UDP2_WELL ? UDP2_ENDED : UDP2_FAILED;
    u->why = why;
}

bool udp2_is_data(const struct datagram *d)
{
    return d->type == UDP2_DATA || d->type == UDP2_DATA_NOW;
}

bool udp2_is_farewell(const struct datagram *d)
{
    return d->type == UDP2_FAREWELL;
}

size_t udp2_farewell(char *out, uint64_t id, uint64_t came, bool in_order)
{
    out[DATAGRAM_HEAD] = in_order ? '0' : '1';
    return datagram_close_2(out, came, id, UDP2_FAREWELL, 1);
}

/* Takes a number off the front of the body. */
static bool take_number(struct span *body, uint64_t *v)
{
    struct span field = span_first(*body, DATAGRAM_NUMBER);
    *body = span_skip(*body, DATAGRAM_NUMBER);
    return datagram_get_number(field, v);
}

bool udp2_ack_parse(const struct datagram *d, struct udp2_ack *ack)
{
    struct span bits = d->body;
    *ack = (struct udp2_ack){.up_to = d->number};
    if (!take_number(&bits, &ack->limit) || !take_number(&bits, &ack->last) ||
        !take_number(&bits, &ack->delay_us) || bits.n > UDP2_ACK_BITS / 4)
        return false;
    for (size_t i = 0; i < bits.n; i++) {
        uint64_t four;
        if (!digits_get_hex(span_first(span_skip(bits, i), 1), &four))
            return false;
        ack->came[i / 16] |= four << i % 16 * 4;
    }
    return true;
}

size_t udp2_ack_write(const struct udp2 *u, char *body, int64_t now_us)
{
    char *p = body + 3 * DATAGRAM_NUMBER;
    uint64_t delay_us = (uint64_t)(now_us - u->came_us);
    digits_put(body, reorder_limit(&u->in), DATAGRAM_NUMBER);
    digits_put(body + DATAGRAM_NUMBER, u->came, DATAGRAM_NUMBER);
    digits_put(body + 2 * DATAGRAM_NUMBER,
               delay_us < DATAGRAM_NUMBER_MAX ? delay_us : DATAGRAM_NUMBER_MAX, DATAGRAM_NUMBER);
    for (uint64_t n = u->in.next + 1; n <= u->in.highest && p < body + UDP2_ACK_BODY; n += 4) {
        uint64_t four = 0;
        for (unsigned i = 0; i < 4; i++)
            four |= (uint64_t)reorder_came(&u->in, n + i) << i;
        digits_put_hex(p++, four, 1);
    }
    return (size_t)(p - body);
}
