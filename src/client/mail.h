/* SPDX-License-Identifier: ISC */
/*
 * mail: turns a message of a mailbox into mail of other programs; see mime/envelope.h. For one
 * thread.
 */
#ifndef CLIENT_MAIL_H
#define CLIENT_MAIL_H

#include <time.h>

#include "base/address.h"
#include "base/buf.h"
#include "client/maildir.h"
#include "proto/message.h"

struct mail {
    char name[MAILDIR_NAME_BYTES]; /* which message it is: the same at each export */
    struct tm utc;
    int64_t date; /* in seconds since 1970 */
    bool dated;   /* the date is known */
    struct buf text;
};

/*
 * Sets all of *m, whose text the caller has initialized, to a message in the mailbox of a user.
 * buf_ok(&m->text) tells whether there was enough memory.
 */
void mail_make(struct mail *m, const struct message *message, const char *user,
               const struct address_place *place);

#endif
