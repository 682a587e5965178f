/* SPDX-License-Identifier: ISC */
#include "base/crc32c.h"

#include "random.h"
#include "tap.h"

/* One bit at a time, as the polynomial says. */
static uint32_t slow(struct span s)
{
    uint32_t c = UINT32_MAX;

    for (size_t i = 0; i < s.n; i++) {
        c ^= (unsigned char)s.p[i];
        for (int bit = 0; bit < 8; bit++)
            c = c >> 1 ^ (c & 1 ? 0x82f63b78u : 0);
    }
    return ~c;
}

static void test_vectors(void)
{
    char zeros[32] = {0};
    char ones[32];
    char up[32];
    char down[32];

    memset(ones, 0xff, sizeof ones);
    for (int i = 0; i < 32; i++) {
        up[i] = (char)i;
        down[i] = (char)(31 - i);
    }
    is_int(crc32c(0, span_of(zeros, 32)), 0x8a9136aa, "crc32c: 32 bytes of 0 (RFC 3720)");
    is_int(crc32c(0, span_of(ones, 32)), 0x62a8ab43, "crc32c: 32 bytes of 0xff (RFC 3720)");
    is_int(crc32c(0, span_of(up, 32)), 0x46dd794e, "crc32c: bytes 0 to 31 (RFC 3720)");
    is_int(crc32c(0, span_of(down, 32)), 0x113fdb5c, "crc32c: bytes 31 to 0 (RFC 3720)");
    is_int(crc32c(0, SPAN("123456789")), 0xe3069283, "crc32c: the usual check value of 123456789");
    is_int(crc32c(0, SPAN("")), 0, "crc32c: no bytes");
}

static void test_pieces(void)
{
    char bytes[200];
    int wrong = 0;

    for (int i = 0; i < 5000; i++) {
        struct span s = exact(random_bytes(bytes, sizeof bytes));
        struct span rest = s;
        uint32_t c = 0;
        while (rest.n > 0) {
            size_t n = 1 + random_below(rest.n);
            c = crc32c(c, span_first(rest, n));
            rest = span_skip(rest, n);
        }
        wrong += c != slow(s);
        exact_free(s);
    }
    is_int(wrong, 0, "crc32c: random bytes, in pieces of any size, as computed bit by bit");
    if (wrong)
        random_diag();
}

/* Of any length and at any place in memory: the machine's instructions take whole blocks and words.
 */
static void test_both_ways(void)
{
    static char bytes[5000];
    int wrong = 0;

    for (int i = 0; i < 3000; i++) {
        struct span s = random_bytes(bytes, sizeof bytes - 8);
        memmove(bytes + i % 8, bytes, s.n);
        s.p = bytes + i % 8;
        s = exact(s);
        uint32_t before = (uint32_t)random_below(UINT32_MAX);
        wrong += crc32c(before, s) != crc32c_by_table(before, s);
        wrong += i % 100 == 0 && crc32c(0, s) != slow(s);
        exact_free(s);
    }
    is_int(wrong, 0, "crc32c: by the machine's instructions as by the table");
    if (wrong)
        random_diag();
}

int main(void)
{
    random_begin();
    test_vectors();
    test_both_ways();
    test_pieces();
    return done_testing();
}
