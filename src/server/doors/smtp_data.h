/* SPDX-License-Identifier: ISC */
/*
 * smtp_data: finds the text of a message in the stream that follows DATA, and its end (RFC 5321,
 * section 4.1.1.4). Pure.
 *
 * Only CR LF . CR LF ends a message. A server that also took another end could be made to see two
 * messages where another server saw one, and so to accept a second one that nobody has checked
 * (SMTP smuggling). For the same reason, a message with a CR or LF alone must be refused, at its
 * end.
 */
#ifndef DOORS_SMTP_DATA_H
#define DOORS_SMTP_DATA_H

#include "base/span.h"

/* All zeros: the text begins. */
struct smtp_data {
    enum {
        SMTP_DATA_BEGIN,  /* of a line */
        SMTP_DATA_DOT,    /* after the dot that begins a line */
        SMTP_DATA_DOT_CR, /* and the CR after it */
        SMTP_DATA_LINE,   /* within a line */
        SMTP_DATA_CR      /* after a CR */
    } at;
    bool alone; /* there was a CR or an LF alone */
    bool ended; /* the last byte that was taken was the message's end */
};

/*
 * Takes bytes from *in: as many as there are, or up to the end of the message. *piece is the part
 * of the text among them, which may be empty; it points into *in, and is without the dots that were
 * put before others. After d->alone became true, pieces may lack a CR. Returns false when there was
 * nothing to take, or the message has ended.
 */
bool smtp_data_next(struct smtp_data *d, struct span *in, struct span *piece);

#endif
