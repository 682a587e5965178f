/* SPDX-License-Identifier: ISC */
/*
 * smtp_header: what the header of a message must say before it is stored. Pure; the time grows with
 * the size of the header, and no faster.
 */
#ifndef DOORS_SMTP_HEADER_H
#define DOORS_SMTP_HEADER_H

#include "base/span.h"
#include "mime/mail_address.h"

enum smtp_author {
    SMTP_AUTHOR_NONE, /* the header has no From field */
    SMTP_AUTHOR_ONE,  /* one From field with one address */
    SMTP_AUTHOR_OTHER /* several, or the header can be read in more than one way */
};

struct smtp_header {
    size_t hops; /* how often mail servers have passed the message on */
    enum smtp_author author;
    struct mail_address from; /* of SMTP_AUTHOR_ONE */
};

/* text: all its lines end with CR LF, or the last one has no end. */
void smtp_header_read(struct span text, struct smtp_header *h);

#endif
