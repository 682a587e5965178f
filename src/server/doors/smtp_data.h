/* SPDX-License-Identifier: ISC */
/*
 * smtp_data: finds the text of a message in the stream that follows DATA, and its end (RFC 5321,
 * section 4.1.1.4). Pure.
 *
 * Only CR LF . CR LF ends a message. If a server also accepted another end, it could see two
 * messages where the server before it saw one, and accept a second message that nobody has checked
 * (SMTP smuggling). For the same reason, the caller must refuse a message with a CR or LF alone,
 * once it has read all of it.
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
    bool ended; /* the end of the message has been taken */
};

/*
 * Takes bytes from *in. *piece is the part of the text among them: it points into the bytes of *in,
 * leaves out the dots that the client has added, and may be empty. Once d->alone is true, pieces
 * may lack a CR. To be called again until it returns false: *in was empty, or the message has
 * ended.
 */
bool smtp_data_next(struct smtp_data *d, struct span *in, struct span *piece);

#endif
