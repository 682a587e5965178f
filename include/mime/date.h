/* SPDX-License-Identifier: ISC */
/*
 * date: the dates of mail, such as Sun, 03 Dec 2017 12:51:33 +0000 (RFC 5322, section 3.3). Pure.
 */
#ifndef MIME_DATE_H
#define MIME_DATE_H

#include <time.h>

#include "base/buf.h"

/* Appends a date, which is in UTC. Ignores tm_wday and tm_yday. */
bool date_add(struct buf *out, const struct tm *utc);

/*
 * Reads a date as mail programs have written it since 1982: with or without the day of the week and
 * the seconds, with a year of two digits, with a zone by its name, with comments. An unknown zone
 * is UTC. *seconds are those since 1970 in UTC, and may be negative. Returns false and leaves
 * *seconds unchanged if it is not a date.
 */
bool date_parse(struct span value, int64_t *seconds);

#endif
