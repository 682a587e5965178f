/* SPDX-License-Identifier: ISC */
/*
 * message: the six fields of a message on the wire (PROTOCOL 3), and its dates. Pure.
 *
 *     1^qwe^Sun Dec  3 15:51:33 2017^21^0^jklaskldhakjshdkajdsh^
 *     id from date/time              len state body
 */
#ifndef PROTO_MESSAGE_H
#define PROTO_MESSAGE_H

#include <time.h>

#include "base/buf.h"
#include "base/span.h"
#include "proto/dialect.h"

#define MESSAGE_FIELDS     6
#define MESSAGE_DATE_BYTES 32 /* room for either date, with its NUL */
#define MESSAGE_LINE_BYTES 80 /* how much of the first line Show list sends */

enum message_state { MESSAGE_NORMAL = 0, MESSAGE_DELETED = 1, MESSAGE_UNREAD = 2 };

struct message {
    uint64_t id;
    struct span from;
    struct span date; /* as on the wire; see message_date_parse */
    uint64_t len;     /* size of the stored body */
    enum message_state state;
    struct span body; /* escaped if it comes from a peer of version 2 */
};

/*
 * Reads an argument as a message: exactly six ^, the last one at its end, and decimal fields 1, 4
 * and 5. Returns false for anything else; the sender then meant it as a plain body. The spans point
 * into arg. An unknown state reads as Normal, and a number that is too large as UINT64_MAX.
 */
bool message_parse(struct span arg, struct message *m);

/*
 * Writes everything before the body: five fields, each followed by ^. from and date must not need
 * escaping. The caller adds the body (escape_add with ESCAPE_FIELD) and a final ^.
 */
bool message_add_head(struct buf *out, const struct message *m);

/* How many bytes message_add_head writes. */
size_t message_head_bytes(const struct message *m);

/*
 * Writes a date: in version 1, where tm is in the server's time zone, as asctime does; in version
 * 2, where tm is in UTC, as in RFC 3339.
 */
void message_date_format(unsigned version, const struct tm *tm, char out[MESSAGE_DATE_BYTES]);

/*
 * Reads a date of either version. Sets *tm except tm_wday and tm_yday, and *utc to whether the date
 * is in UTC (RFC 3339) or in the server's time zone (asctime). Returns false and leaves both
 * unchanged if it is neither, or if there is no such day.
 */
bool message_date_parse(struct span date, struct tm *tm, bool *utc);

#endif
