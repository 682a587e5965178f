#include "udp/datagram.h"

#include "base/crc32c.h"

void datagram_put_decimal(char out[DATAGRAM_NUMBER], uint64_t v)
{
    for (int i = DATAGRAM_NUMBER - 1; i >= 0; i--, v /= 10)
        out[i] = (char)('0' + v % 10);
}

bool datagram_get_decimal(struct span ten, uint64_t *v)
{
    return ten.n == DATAGRAM_NUMBER && span_u64(ten, DATAGRAM_NUMBER_MAX, v);
}

void datagram_put_hex(char *out, uint64_t v, size_t digits)
{
    for (size_t i = digits; i-- > 0; v >>= 4)
        out[i] = "0123456789abcdef"[v & 15];
}

/* 16 for what is no digit. */
static unsigned hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

bool datagram_get_hex(struct span in, size_t digits, uint64_t *v)
{
    uint64_t sum = 0;

    if (in.n != digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        unsigned value = hex_value(in.p[i]);
        if (value > 15)
            return false;
        sum = sum << 4 | value;
    }
    *v = sum;
    return true;
}

bool datagram_parse_1(struct span in, struct datagram *d)
{
    uint64_t number;

    if (in.n > DATAGRAM_MAX || !datagram_get_decimal(span_first(in, DATAGRAM_NUMBER), &number))
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
    if (!datagram_get_decimal(span_first(in, DATAGRAM_NUMBER), &got.number) ||
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
    datagram_put_decimal(out, number);
    return DATAGRAM_NUMBER + body_bytes;
}

size_t datagram_close_2(char *out, uint64_t number, uint64_t id, char type, size_t body_bytes)
{
    size_t n = DATAGRAM_HEAD + body_bytes;

    datagram_put_decimal(out, number);
    datagram_put_hex(out + DATAGRAM_NUMBER, id, DATAGRAM_ID);
    out[DATAGRAM_HEAD - 1] = type;
    datagram_put_hex(out + n, crc32c(0, span_of(out, n)), DATAGRAM_CHECKSUM);
    return n + DATAGRAM_CHECKSUM;
}
