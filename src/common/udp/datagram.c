/* SPDX-License-Identifier: ISC */
#include "udp/datagram.h"

#include "base/crc32c.h"
#include "base/digits.h"

bool datagram_get_hex(struct span in, size_t n, uint64_t *v)
{
    return in.n == n && digits_get_hex(in, v);
}

bool datagram_get_number(struct span in, uint64_t *number)
{
    return in.n == DATAGRAM_NUMBER && span_u64(in, DATAGRAM_NUMBER_MAX, number);
}

bool datagram_parse_1(struct span in, struct datagram *d)
{
    uint64_t number;
    if (in.n > DATAGRAM_MAX || !datagram_get_number(span_first(in, DATAGRAM_NUMBER), &number))
        return false;
    *d = (struct datagram){.number = number, .body = span_skip(in, DATAGRAM_NUMBER)};
    return true;
}

bool datagram_parse_2(struct span in, struct datagram *d)
{
    struct datagram got = {0};
    uint64_t sum;
    if (in.n < DATAGRAM_AROUND || in.n > DATAGRAM_SIZE_2_MAX)
        return false;
    struct span before = span_first(in, in.n - DATAGRAM_CHECKSUM);
    struct span id = span_first(span_skip(in, DATAGRAM_NUMBER), DATAGRAM_ID);
    if (!datagram_get_number(span_first(in, DATAGRAM_NUMBER), &got.number) ||
        !datagram_get_hex(id, DATAGRAM_ID, &got.id) ||
        !datagram_get_hex(span_skip(in, before.n), DATAGRAM_CHECKSUM, &sum) ||
        sum != crc32c(0, before))
        return false;
    got.type = in.p[DATAGRAM_HEAD - 1];
    got.body = span_skip(before, DATAGRAM_HEAD);
    *d = got;
    return true;
}

size_t datagram_close_1(char *out, uint64_t number, size_t body_bytes)
{
    digits_put(out, number, DATAGRAM_NUMBER);
    return DATAGRAM_NUMBER + body_bytes;
}

size_t datagram_close_2(char *out, uint64_t number, uint64_t id, char type, size_t body_bytes)
{
    size_t n = DATAGRAM_HEAD + body_bytes;
    digits_put(out, number, DATAGRAM_NUMBER);
    digits_put_hex(out + DATAGRAM_NUMBER, id, DATAGRAM_ID);
    out[DATAGRAM_HEAD - 1] = type;
    digits_put_hex(out + n, crc32c(0, span_of(out, n)), DATAGRAM_CHECKSUM);
    return n + DATAGRAM_CHECKSUM;
}
