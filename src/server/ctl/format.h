/* SPDX-License-Identifier: ISC */
/*
 * format: how pochtactl prints rows, each ended by LF, their columns separated by tabs. Pure,
 * except for format_print.
 */
#ifndef CTL_FORMAT_H
#define CTL_FORMAT_H

#include "admin/verbs.h"
#include "base/buf.h"

/* Appends text of unknown origin, such as a file's name: all but printable ASCII as \xHH. */
void format_text(struct buf *out, struct span s);

/* Appends rows as a JSON array of objects; columns has the names, separated by tabs. */
void format_json(struct buf *out, const char *columns, struct span rows);

/* Appends rows of a name and a number each in the text format of Prometheus. */
void format_prometheus(struct buf *out, struct span rows);

/* Prints rows on standard output, as they are or as form says. EX_OK, or EX_OSERR and a message. */
int format_print(const struct verb *verb, const struct buf *rows, enum verb_flags form);

#endif
