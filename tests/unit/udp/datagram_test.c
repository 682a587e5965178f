/* SPDX-License-Identifier: ISC */
#include "udp/datagram.h"

#include "base/crc32c.h"
#include "base/digits.h"
#include "random.h"
#include "tap.h"

static void test_forms(void)
{
    struct datagram d = {0};
    char out[100] = "..........0000000011Show all|0|\002";

    is_int(datagram_close_1(out, 5, 22), 32, "datagram_close_1: the size of the report's datagram");
    ok(memcmp(out, "00000000050000000011Show all|0|\002", 32) == 0,
       "datagram_close_1: the bytes of the report's datagram");
    ok(datagram_parse_1(span_of(out, 32), &d) && d.number == 5 &&
           span_eq(d.body, SPAN("0000000011Show all|0|\002")),
       "datagram_parse_1: splits that datagram");

    memcpy(out + DATAGRAM_HEAD, "0000000001x\002", 12);
    size_t n = datagram_close_2(out, 7, UINT64_C(0x0123456789abcdef), 'D', 12);
    is_int(n, DATAGRAM_AROUND + 12, "datagram_close_2: the size");
    ok(memcmp(out, "00000000070123456789abcdefD0000000001x\002", 39) == 0,
       "datagram_close_2: head and body");
    ok(memcmp(out + 39, "de0f27c7", 8) == 0, "datagram_close_2: the checksum");
    ok(datagram_parse_2(span_of(out, n), &d) && d.number == 7 &&
           d.id == UINT64_C(0x0123456789abcdef) && d.type == 'D' && d.body.n == 12,
       "datagram_parse_2: splits that datagram");
}

static void test_bad(void)
{
    struct datagram d = {.number = 77};
    char big[DATAGRAM_MAX + 1];

    memset(big, '0', sizeof big);
    ok(!datagram_parse_1(SPAN(""), &d), "datagram_parse_1: refuses an empty datagram");
    ok(!datagram_parse_1(SPAN("000000005"), &d),
       "datagram_parse_1: refuses a datagram that is too short");
    ok(!datagram_parse_1(SPAN("00000000a5x"), &d),
       "datagram_parse_1: refuses a number with a letter");
    ok(!datagram_parse_1(SPAN("+000000005x"), &d),
       "datagram_parse_1: refuses a number with a sign");
    ok(!datagram_parse_1(span_of(big, sizeof big), &d),
       "datagram_parse_1: refuses a datagram that is too long");
    ok(datagram_parse_1(span_of(big, DATAGRAM_MAX), &d),
       "datagram_parse_1: takes the longest datagram");
    is_int(d.number, 0, "datagram_parse_1: the number of that datagram");
    ok(!datagram_parse_2(span_of(big, DATAGRAM_SIZE_2_MAX), &d),
       "datagram_parse_2: refuses a datagram without a checksum");
    d.number = 77;
    datagram_close_2(big, 1, 1, 'D', 1400);
    ok(!datagram_parse_2(span_of(big, 1400 + DATAGRAM_AROUND), &d),
       "datagram_parse_2: refuses a datagram that is too long");
    size_t n = datagram_close_2(big, 1, 0xabc, 'D', 0);
    big[25] = 'C';
    digits_put_hex(big + DATAGRAM_HEAD, crc32c(0, span_of(big, DATAGRAM_HEAD)), 8);
    ok(!datagram_parse_2(span_of(big, n), &d), "datagram_parse_2: refuses an id with a capital");
    is_int(d.number, 77, "datagram_parse_2: leaves the result unchanged on failure");
}

/* A few changed bits must be noticed, and nothing outside of the datagram may be read. */
static void test_damage(void)
{
    int passed = 0, lost = 0;

    for (int round = 0; round < 20000; round++) {
        char out[DATAGRAM_SIZE_2_MAX];
        struct datagram d;
        size_t body = random_below(sizeof out - DATAGRAM_AROUND + 1);
        for (size_t i = 0; i < body; i++)
            out[DATAGRAM_HEAD + i] = (char)random_below(256);
        uint64_t number = random_below(DATAGRAM_NUMBER_MAX);
        uint64_t id = random_below(SIZE_MAX);
        size_t n = datagram_close_2(out, number, id, 'D', body);
        struct span s = exact(span_of(out, n));
        lost += !datagram_parse_2(s, &d) || d.number != number || d.id != id || d.body.n != body;
        for (size_t i = 0, bits = 1 + random_below(3); i < bits; i++)
            exact_bytes(s)[random_below(n)] ^= (char)(1 << random_below(8));
        passed += memcmp(s.p, out, n) != 0 && datagram_parse_2(s, &d);
        passed += datagram_parse_2(span_first(s, random_below(n)), &d);
        exact_free(s);
        char garbage[100];
        struct span g = exact(random_bytes(garbage, sizeof garbage));
        datagram_parse_1(g, &d);
        passed += datagram_parse_2(g, &d);
        exact_free(g);
    }
    is_int(lost, 0, "datagram_parse_2: parses random datagrams");
    is_int(passed, 0, "datagram_parse_2: refuses damaged, cut and random datagrams");
    if (lost + passed)
        random_diag();
}

int main(void)
{
    random_begin();
    test_forms();
    test_bad();
    test_damage();
    return done_testing();
}
