/* SPDX-License-Identifier: ISC */
/*
 * smtp_header: reads what must be checked in the header of a message before it is stored. Pure. The
 * time grows in proportion to the size of the header.
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
    size_t hops; /* Received fields: how often mail servers have passed the message on */
    struct smtp_author from, sender;
};

/* text: the message; its lines end with CR LF, except that the last one may have no end. */
void smtp_header_read(struct span text, struct smtp_header *h);

#endif
