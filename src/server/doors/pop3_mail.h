/* SPDX-License-Identifier: ISC */
/*
 * pop3_mail: a message of the session's user as the mail that POP3 sends. For the session's thread.
 */
#ifndef DOORS_POP3_MAIL_H
#define DOORS_POP3_MAIL_H

#include "mime/render.h"
#include "session/state.h"
#include "store/mailbox.h"

struct pop3_mail {
    struct mail m; /* with the state that it had when it was opened */
    struct render text;
    struct buf body;           /* as it is stored */
    struct budget_share share; /* for body and the header in text */
};

/*
 * Reads a message and begins to render it. The caller calls pop3_mail_close whatever is returned.
 * ST_NO_MESSAGE: the message is gone, or in the trash. Otherwise the statuses of reader_open, and
 * ST_NO_MEMORY.
 */
enum status pop3_mail_open(struct session *s, struct mailbox *mb, uint32_t id, struct pop3_mail *p);
void pop3_mail_close(struct session *s, struct pop3_mail *p);

#endif
