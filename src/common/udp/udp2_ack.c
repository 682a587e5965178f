/* SPDX-License-Identifier: ISC */
/*
 * What the other files of udp2 stand on: the state of the session, and the bodies of
 * acknowledgements and farewells.
 */
#include "base/digits.h"
#include "udp2_private.h"

uint32_t udp2_block(uint64_t number)
{
    return UINT32_C(1) << number / UDP2_ACK_BITS % 32;
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

/* Takes the digits of a report off the front of the body. */
static bool take_report(struct span *body, struct udp2_report *report)
{
    struct span digits = span_first(*body, UDP2_ACK_DIGITS);
    *body = span_skip(*body, UDP2_ACK_DIGITS);
    for (size_t i = 0; i < digits.n; i++) {
        uint64_t four;
        if (!digits_get_hex(span_first(span_skip(digits, i), 1), &four))
            return false;
        report->came[i / 16] |= four << i % 16 * 4;
    }
    return true;
}

bool udp2_ack_parse(const struct datagram *d, struct udp2_ack *ack)
{
    struct span rest = d->body;
    *ack = (struct udp2_ack){.up_to = d->number, .after.from = d->number + 2};
    if (!take_number(&rest, &ack->limit) || !take_number(&rest, &ack->last) ||
        !take_number(&rest, &ack->delay_us) || !take_report(&rest, &ack->after))
        return false;
    return rest.n == 0 ||
           (take_number(&rest, &ack->far.from) && take_report(&rest, &ack->far) && rest.n == 0);
}

/* Writes the digits of at most UDP2_ACK_BITS numbers that begin with from. Returns their end. */
static char *put_report(const struct udp2 *u, char *p, uint64_t from)
{
    for (uint64_t n = from; n <= u->in.highest && n < from + UDP2_ACK_BITS; n += 4) {
        uint64_t four = 0;
        for (unsigned i = 0; i < 4; i++)
            four |= (uint64_t)reorder_came(&u->in, n + i) << i;
        digits_put_hex(p++, four, 1);
    }
    return p;
}

/*
 * Where the first block with news begins, among the numbers from the given one to the highest that
 * came; without news the last block. The news of other blocks are left; all else is no news now.
 */
static uint64_t take_block(struct udp2 *u, uint64_t from)
{
    uint64_t chosen = 0, n = from - from % UDP2_ACK_BITS;
    uint32_t left = 0;
    for (; n <= u->in.highest; n += UDP2_ACK_BITS)
        if (!(u->news & udp2_block(n)))
            continue;
        else if (chosen == 0)
            chosen = n;
        else
            left |= udp2_block(n);
    u->news = left;
    return chosen > 0 ? chosen : n - UDP2_ACK_BITS;
}

size_t udp2_ack_write(struct udp2 *u, char *body, int64_t now_us)
{
    uint64_t delay_us = (uint64_t)(now_us - u->came_us);
    uint64_t after = u->in.next + 1, far = after + UDP2_ACK_BITS;
    digits_put(body, u->in.limit, DATAGRAM_NUMBER);
    digits_put(body + DATAGRAM_NUMBER, u->came, DATAGRAM_NUMBER);
    digits_put(body + 2 * DATAGRAM_NUMBER,
               delay_us < DATAGRAM_NUMBER_MAX ? delay_us : DATAGRAM_NUMBER_MAX, DATAGRAM_NUMBER);
    char *p = put_report(u, body + 3 * DATAGRAM_NUMBER, after);
    if (far > u->in.highest) {
        u->news = 0;
        return (size_t)(p - body);
    }
    far = take_block(u, far);
    digits_put(p, far, DATAGRAM_NUMBER);
    return (size_t)(put_report(u, p + DATAGRAM_NUMBER, far) - body);
}
