/* SPDX-License-Identifier: ISC */
/*
 * units: numbers as people write them in a configuration: 30s, 64K. Pure.
 */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include "base/span.h"

struct unit {
    const char *name; /* "": a number without a unit */
    uint64_t factor;
};

/* Each ends with a NULL name. Durations in milliseconds: in seconds, or in days without a unit. */
extern const struct unit units_time[], units_days[], units_size[];

/* What each of them accepts, for messages that say "X is not ...". */
#define UNITS_TIME_RULE "a duration (30s, 5m, 2h)"
#define UNITS_DAYS_RULE "a number of days (7, 36h)"
#define UNITS_SIZE_RULE "a number (5000, 64K, 10M, 1G)"

/*
 * Reads a decimal number with a unit. UINT64_MAX stands for all larger numbers. Returns false and
 * leaves *value unchanged if the text is anything else.
 */
bool units_parse(struct span text, const struct unit *units, uint64_t *value);

#define UNITS_BYTES 24 /* room for any number with its unit, with its NUL */

/* Writes a number in the largest unit that divides it, with a NUL. Returns that text. */
struct span units_format(uint64_t number, const struct unit *units, char out[UNITS_BYTES]);

#endif
