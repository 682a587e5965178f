/* SPDX-License-Identifier: ISC */
#include "base/units.h"

#include "tap.h"

static void test_units(void)
{
    static const struct {
        const struct unit *units;
        const char *text, *printed; /* NULL: it is no number */
        uint64_t value;
    } rows[] = {
        {units_time, "30s", "30s", 30000},
        {units_time, "90", "90s", 90000},
        {units_time, "60s", "1m", 60000},
        {units_time, "1500ms", "1500ms", 1500},
        {units_time, "48h", "2d", 172800000},
        {units_days, "7", "7d", 604800000},
        {units_days, "36h", "36h", 129600000},
        {units_size, "0", "0", 0},
        {units_size, "64K", "64K", 65536},
        {units_size, "10485760", "10M", 10485760},
        {units_size, "5000", "5000", 5000},
        {units_size, "99999999999999999999G", "18446744073709551615", UINT64_MAX},
        {units_size, "18446744073709551615K", "18446744073709551615", UINT64_MAX},
        {units_size, "", NULL, 0},
        {units_size, "K", NULL, 0},
        {units_size, "5k", NULL, 0},
        {units_size, "5 K", NULL, 0},
        {units_size, "-5", NULL, 0},
        {units_time, "5x", NULL, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t value = 1;
        char text[UNITS_BYTES];
        bool good = units_parse(span_str(rows[i].text), rows[i].units, &value);
        ok(good == (rows[i].printed != NULL), "units_parse: \"%s\"", rows[i].text);
        if (!good)
            continue;
        struct span out = units_format(value, rows[i].units, text);
        ok(value == rows[i].value && span_eq(out, span_str(rows[i].printed)),
           "units_format: in the largest unit that divides it: \"%s\"", rows[i].printed);
    }
}

int main(void)
{
    test_units();
    return done_testing();
}
