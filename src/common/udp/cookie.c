/* SPDX-License-Identifier: ISC */
#include "udp/cookie.h"

#include <string.h>

#include "base/crc32c.h"
#include "base/digits.h"

#define ASK    COOKIE_REQUEST "\002"
#define ANSWER "0000000037Cookie|3|2|"

static uint64_t make_id(const unsigned char *key, const struct address *a, uint16_t port,
                        uint64_t slot, unsigned char serial)
{
    char in[sizeof a->b + 2 + 8 + 1];
    memcpy(in, a->b, sizeof a->b);
    in[16] = (char)(port >> 8);
    in[17] = (char)(port & 255);
    for (int i = 0; i < 8; i++)
        in[18 + i] = (char)(slot >> 8 * i & 255);
    in[26] = (char)serial;
    return (siphash(key, span_of(in, sizeof in)) & ~UINT64_C(255)) | serial;
}

uint64_t cookie_id(const unsigned char key[SIPHASH_KEY_BYTES], const struct address *a,
                   uint16_t port, int64_t now_us, unsigned char serial)
{
    return make_id(key, a, port, (uint64_t)(now_us / COOKIE_SLOT_US), serial);
}

bool cookie_known(const unsigned char key[SIPHASH_KEY_BYTES], const struct address *a,
                  uint16_t port, int64_t now_us, uint64_t id)
{
    uint64_t slot = (uint64_t)(now_us / COOKIE_SLOT_US);
    unsigned char serial = (unsigned char)(id & 255);
    return id == make_id(key, a, port, slot, serial) ||
           (slot > 0 && id == make_id(key, a, port, slot - 1, serial));
}

size_t cookie_ask(char *out)
{
    memcpy(out + DATAGRAM_NUMBER, ASK, sizeof ASK - 1);
    return datagram_close_1(out, 1, sizeof ASK - 1);
}

/* The end mark may be missing, and bytes after it are ignored. */
bool cookie_asked(struct span datagram)
{
    struct datagram d;
    struct span ask = span_of(ASK, sizeof ASK - 2);
    return datagram_parse_1(datagram, &d) && d.number == 1 && span_starts(d.body, ask);
}

size_t cookie_answer(char *out, uint64_t id)
{
    char *body = out + DATAGRAM_NUMBER;
    size_t n = sizeof ANSWER - 1;
    memcpy(body, ANSWER, n);
    digits_put_hex(body + n, id, DATAGRAM_ID);
    n += DATAGRAM_ID;
    body[n++] = '|';
    digits_put_hex(body + n, crc32c(0, span_of(body, n)), DATAGRAM_CHECKSUM);
    n += DATAGRAM_CHECKSUM;
    body[n++] = '|';
    body[n++] = DATAGRAM_END_MARK;
    return datagram_close_1(out, 1, n);
}

/* Only the whole answer with this id, except for the end mark, has the right checksum. */
bool cookie_read(struct span datagram, uint64_t *id)
{
    char answer[COOKIE_ANSWER_BYTES];
    size_t before = DATAGRAM_NUMBER + sizeof ANSWER - 1;
    uint64_t got;
    if (!datagram_get_hex(span_first(span_skip(datagram, before), DATAGRAM_ID), DATAGRAM_ID, &got))
        return false;
    size_t n = cookie_answer(answer, got) - 1;
    if (!span_starts(datagram, span_of(answer, n)))
        return false;
    *id = got;
    return true;
}
