/* SPDX-License-Identifier: ISC */
/*
 * smtp_header: what the header of a message must say before it is stored. Pure; the time grows with
 * the size of the header, and no faster.
 */
#ifndef DOORS_SMTP_HEADER_H
#define DOORS_SMTP_HEADER_H

#include "base/span.h"
#include "mime/mail_address.h"

/* Whom a field names. */
struct smtp_author {
    enum {
        SMTP_AUTHOR_NONE, /* the header has no such field */
        SMTP_AUTHOR_ONE,  /* one field with one address */
        SMTP_AUTHOR_OTHER /* several, or the header can be read in more than one way */
    } is;
    struct mail_address address; /* of SMTP_AUTHOR_ONE */
};

struct smtp_header {
    size_t hops; /* how often mail servers have passed the message on */
    struct smtp_author from, sender;
};

/* text: all its lines end with CR LF, or the last one has no end. */
void smtp_header_read(struct span text, struct smtp_header *h);

#endif
