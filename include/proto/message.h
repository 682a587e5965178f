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
#define MESSAGE_LINE_BYTES 80 /* how much of a body's first line Show list gives */

enum message_state { MESSAGE_NORMAL = 0, MESSAGE_DELETED = 1, MESSAGE_UNREAD = 2 };

struct message {
    uint64_t id;
    struct span from;
    struct span date; /* as on the wire; see message_date_parse */
    uint64_t len;     /* bytes of the stored body */
    enum message_state state;
    struct span body; /* escaped, when it comes from a peer of version 2 */
};

/*
 * Reads an argument as a message: exactly six ^, the last one at its end, and decimal fields 1, 4
 * and 5. Returns false for anything else, which a sender then meant as the body itself. The spans
 * point into arg. A state that is none of ours reads as Normal, a number too large as the largest.
 */
bool message_parse(struct span arg, struct message *m);

/*
 * Writes all that stands before the body: five fields and their ^. from and date must need no
 * escape. The body and a final ^ follow (escape_add with ESCAPE_FIELD).
 */
bool message_add_head(struct buf *out, const struct message *m);

/* How many bytes message_add_head writes. */
size_t message_head_bytes(const struct message *m);

/* The date of version d.version: local is the server's time zone, utc the same moment in UTC. */
void message_date_format(unsigned version, const struct tm *local, const struct tm *utc,
                         char out[MESSAGE_DATE_BYTES]);

/*
 * Reads a date of either version: sets *tm (tm_wday and tm_yday not), and *utc to whether it is UTC
 * (RFC 3339) or the server's zone (asctime). Returns false when it is neither.
 */
bool message_date_parse(struct span date, struct tm *tm, bool *utc);

#endif
