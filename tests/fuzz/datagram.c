/* SPDX-License-Identifier: ISC */
/* The forms of a datagram, and of the cookie's: what is taken is what would have been written. */
#include "udp/datagram.h"

#include "base/crc32c.h"
#include "base/digits.h"
#include "fuzz.h"
#include "udp/cookie.h"

static void test_1(struct span in)
{
    struct datagram d = {.number = 77};
    char again[DATAGRAM_MAX];

    if (!datagram_parse_1(in, &d)) {
        must(d.number == 77);
        return;
    }
    must(in.n <= DATAGRAM_MAX && fuzz_within(d.body, in));
    memcpy(again + DATAGRAM_NUMBER, d.body.p, d.body.n);
    must(span_eq(span_of(again, datagram_close_1(again, d.number, d.body.n)), in));
}

static bool taken_2(struct span in)
{
    struct datagram d = {.number = 77};
    char again[DATAGRAM_SIZE_2_MAX];

    if (!datagram_parse_2(in, &d)) {
        must(d.number == 77);
        return false;
    }
    must(in.n <= DATAGRAM_SIZE_2_MAX && fuzz_within(d.body, in));
    memcpy(again + DATAGRAM_HEAD, d.body.p, d.body.n);
    size_t n = datagram_close_2(again, d.number, d.id, d.type, d.body.n);
    must(span_eq(span_of(again, n), in));
    return true;
}

/* No 32 bits in a row can change unseen. */
static void damage(struct span s, size_t at)
{
    for (int bit = 0; bit < 8; bit++) {
        exact_bytes(s)[at] ^= (char)(1 << bit);
        must(!taken_2(s));
        exact_bytes(s)[at] ^= (char)(1 << bit);
    }
}

/* The checksum set right: what is taken then is what has digits where they belong. */
static void test_2(struct span in, size_t at)
{
    struct span s = exact(in);
    uint64_t v;

    taken_2(s);
    if (s.n >= DATAGRAM_AROUND) {
        struct span before = span_first(s, s.n - DATAGRAM_CHECKSUM);
        struct span id = span_first(span_skip(s, DATAGRAM_NUMBER), DATAGRAM_ID);
        digits_put_hex(exact_bytes(s) + before.n, crc32c(0, before), DATAGRAM_CHECKSUM);
        bool form = s.n <= DATAGRAM_SIZE_2_MAX && span_is_decimal(span_first(s, DATAGRAM_NUMBER)) &&
                    datagram_get_hex(id, DATAGRAM_ID, &v);
        must(taken_2(s) == form);
        if (form)
            damage(s, at % s.n);
    }
    exact_free(s);
}

/* The same for the cookie, whose checksum stands behind the 49 bytes that end with the id's |. */
static void test_cookie(struct span in)
{
    const size_t summed = COOKIE_ANSWER_BYTES - 2 - DATAGRAM_CHECKSUM;
    char answer[COOKIE_ANSWER_BYTES];
    uint64_t id = 77;
    struct span s = exact(in);

    if (s.n > summed + DATAGRAM_CHECKSUM) {
        uint32_t sum = crc32c(0, span_of(s.p + DATAGRAM_NUMBER, summed - DATAGRAM_NUMBER));
        digits_put_hex(exact_bytes(s) + summed, sum, DATAGRAM_CHECKSUM);
    }
    if (cookie_read(s, &id)) {
        must(cookie_answer(answer, id) == COOKIE_ANSWER_BYTES);
        must(span_starts(s, span_of(answer, COOKIE_ANSWER_BYTES - 1)));
    } else {
        must(id == 77);
    }
    size_t n = cookie_ask(answer);
    must(!cookie_asked(s) || span_starts(s, span_of(answer, n - 1)));
    exact_free(s);
}

void fuzz_one(struct span in)
{
    size_t at = fuzz_below(&in, 1300);

    test_1(in);
    test_2(in, at);
    test_cookie(in);
}
