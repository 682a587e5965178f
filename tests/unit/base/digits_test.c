/* SPDX-License-Identifier: ISC */
#include "base/digits.h"

#include <string.h>

#include "random.h"
#include "tap.h"

static void test_decimal(void)
{
    char out[6] = "......";

    digits_put(out, 42, 5);
    ok(memcmp(out, "00042.", 6) == 0, "digits_put: a number of fewer digits gets leading zeros");
    digits_put(out, 1234567, 4);
    ok(memcmp(out, "4567", 4) == 0, "digits_put: higher digits are left out");
    digits_put(out, 9, 0);
    ok(memcmp(out, "4567", 4) == 0, "digits_put: no digits write nothing");
}

static void test_hex(void)
{
    static const char *const wrong[] = {"",  "g", "0x1", "A", "1 ", "-1", "00000000000000000",
                                        "/", ":", "`"};
    char out[16];
    uint64_t v = 5;

    digits_put_hex(out, UINT64_C(0x0123456789abcdef), 16);
    ok(memcmp(out, "0123456789abcdef", 16) == 0, "digits_put_hex: all sixteen digits");
    ok(digits_get_hex(span_of(out, 16), &v) && v == UINT64_C(0x0123456789abcdef),
       "digits_get_hex: reads what digits_put_hex has written");
    digits_put_hex(out, 0xabc, 2);
    ok(memcmp(out, "bc", 2) == 0, "digits_put_hex: higher digits are left out");
    ok(digits_get_hex(SPAN("f"), &v) && v == 15, "digits_get_hex: one digit");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct span in = exact(span_str(wrong[i]));
        v = 5;
        ok(!digits_get_hex(in, &v) && v == 5, "digits_get_hex: \"%s\" is not a number", wrong[i]);
        exact_free(in);
    }
    ok(digits_get_hex_folded(SPAN("aBCdeF09"), &v) && v == 0xabcdef09,
       "digits_get_hex_folded: letters of either case");
    v = 5;
    ok(!digits_get_hex_folded(SPAN("G"), &v) && !digits_get_hex_folded(SPAN("\x11"), &v) &&
           !digits_get_hex_folded(SPAN("00000000000000000"), &v) &&
           !digits_get_hex_folded(SPAN(""), &v) && v == 5,
       "... nothing else");
    ok(digits_is_hex(SPAN("00000000000000000f")), "digits_is_hex: any number of digits");
    ok(!digits_is_hex(SPAN("")), "digits_is_hex: an empty text has no digits");
}

int main(void)
{
    test_decimal();
    test_hex();
    return done_testing();
}
