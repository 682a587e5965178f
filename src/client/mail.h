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

/*
 * The id, in the mailbox of the user, of the message from which mail with this header was made, as
 * the header tells. Returns false if it was not made by mail_make for this user.
 */
bool mail_origin(struct span header, const char *user, uint64_t *id);

/* Whether mail, which may have changed its way of ending, has the name and the text of m->text. */
bool mail_is_made(const struct mail *m, struct span mail);

#endif
