/* SPDX-License-Identifier: ISC */
#include "base/units.h"

#include <inttypes.h>
#include <stdio.h>

#define SECOND_MS UINT64_C(1000)
#define DAY_MS    (24 * 60 * 60 * SECOND_MS)

/* The smallest first; of two names for a unit the last is printed. */
const struct unit units_time[] = {
    {"ms", 1},          {"", SECOND_MS}, {"s", SECOND_MS}, {"m", 60 * SECOND_MS},
    {"h", DAY_MS / 24}, {"d", DAY_MS},   {NULL, 0}};
const struct unit units_days[] = {{"s", SECOND_MS}, {"m", 60 * SECOND_MS}, {"h", DAY_MS / 24},
                                  {"", DAY_MS},     {"d", DAY_MS},         {NULL, 0}};
const struct unit units_size[] = {
    {"", 1}, {"K", 1024}, {"M", 1024 * 1024}, {"G", 1024 * 1024 * 1024}, {NULL, 0}};

bool units_parse(struct span text, const struct unit *units, uint64_t *value)
{
    struct span digits = text;
    uint64_t number;
    while (digits.n > 0 && (digits.p[digits.n - 1] < '0' || digits.p[digits.n - 1] > '9'))
        digits.n--;
    if (!span_number(digits, &number))
        return false;
    for (; units->name; units++) {
        if (span_eq(span_skip(text, digits.n), span_str(units->name))) {
            *value = number > UINT64_MAX / units->factor ? UINT64_MAX : number * units->factor;
            return true;
        }
    }
    return false;
}

struct span units_format(uint64_t number, const struct unit *units, char out[UNITS_BYTES])
{
    const struct unit *best = units;
    for (; units->name; units++)
        if (number % units->factor == 0)
            best = units;
    snprintf(out, UNITS_BYTES, "%" PRIu64 "%s", number / best->factor, number ? best->name : "");
    return span_str(out);
}
