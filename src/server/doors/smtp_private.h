/* SPDX-License-Identifier: ISC */
/*
 * smtp_private: the state of an SMTP or LMTP session, and its parts: smtp.c runs commands,
 * smtp_auth.c logs in, smtp_envelope.c takes MAIL and RCPT, smtp_text.c reads and checks the text,
 * and smtp_deliver.c stores it. For the session's thread.
 */
#ifndef DOORS_SMTP_PRIVATE_H
#define DOORS_SMTP_PRIVATE_H

#include "doors/line.h"
#include "mime/mail_address.h"
#include "proto/name.h"
#include "session/doors_service.h"
#include "session/outgoing.h"
#include "session/state.h"

#define SMTP_RECIPIENTS    100 /* RFC 5321, section 4.5.3.1.8 */
#define SMTP_ADDRESS_BYTES (MAIL_ADDRESS_LOCAL_BYTES + 1 + MAIL_ADDRESS_DOMAIN_BYTES + 1)

enum smtp_door { SMTP_SUBMISSION = 1, SMTP_LMTP = 2 };

struct smtp {
    struct session *s;
    const struct service_doors *doors;
    enum smtp_door door;
    bool trusted;   /* the client may send without a login */
    bool greeted;   /* it has said EHLO, HELO or LHLO */
    unsigned wrong; /* wrong commands and passwords in a row */

    bool mail;                       /* MAIL was accepted */
    char sender[SMTP_ADDRESS_BYTES]; /* its address, as it was written; "" for <> */
    size_t nto;
    char to[SMTP_RECIPIENTS][NAME_BYTES + 1]; /* users and groups, one for each accepted RCPT */
};

/* --- answers --- */

struct smtp_code {
    int basic;
    const char *enhanced; /* RFC 3463 */
};

/* Answers with one line; the text is formatted as by printf. */
void smtp_answer(struct smtp *m, struct smtp_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for one line of several; more: another one follows. Does not count wrong commands. */
void smtp_answer_line(struct smtp *m, struct smtp_code code, bool more, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * Answers a command that is refused to a client who may send, and logs it: otherwise nobody could
 * say later why a user's mail was not sent. argument: what stood after the command. What outgoing.h
 * refuses is logged there.
 */
void smtp_refuse(struct smtp *m, const char *command, struct span argument, struct smtp_code code,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The code for what became of a message, or of a recipient. */
struct smtp_code smtp_code_of(enum status st);

/*
 * Writes the reason for a status into why: the text of the status; for ST_TOO_OFTEN also which
 * limit was reached, and when to try again.
 */
#define SMTP_WHY_BYTES 200 /* at least REPLY_TOO_OFTEN_BYTES */
void smtp_why(char why[SMTP_WHY_BYTES], enum status st, const struct outgoing *o);

/* --- lines --- */

/*
 * Ends the previous line (line_done) and waits for the next one (line_next). Never returns
 * LINE_WOKEN: if the session must end, it returns LINE_ENDED.
 */
enum line_result smtp_next_line(struct smtp *m, struct span *line);

/* Answers a line that is not accepted: LINE_TOO_LONG or LINE_LF_ALONE. */
void smtp_refuse_line(struct smtp *m, enum line_result why);

/* Whether the client has logged in, so that its mail is from that user. */
bool smtp_has_user(const struct smtp *m);

/* --- commands: rest is what follows the word; it is valid until smtp_next_line --- */

void smtp_cmd_auth(struct smtp *m, struct span rest);
void smtp_cmd_mail(struct smtp *m, struct span rest);
void smtp_cmd_rcpt(struct smtp *m, struct span rest);
void smtp_cmd_data(struct smtp *m, struct span rest);

/* Forgets sender and recipients. */
void smtp_reset(struct smtp *m);

/* --- addresses --- */

enum smtp_whose {
    SMTP_OURS,   /* name is the user's or the group's, if there is one */
    SMTP_NOBODY, /* the domain is ours, but no account can have such a name */
    SMTP_FOREIGN /* another domain */
};

/*
 * A message, or a question whether one would be accepted: from the user who has logged in, or else
 * from NAME_OUTSIDE. request: as the log calls it.
 */
struct outgoing smtp_outgoing(const struct smtp *m, const char *request, const char *to);

/* Whose address this is: ann, Ann@ours and ann+detail@ours are all ann's. */
enum smtp_whose smtp_whose(const struct smtp *m, const struct mail_address *a,
                           char name[NAME_BYTES + 1]);

/* --- the text --- */

/* The most bytes that a text may have, as SIZE announces it. */
uint64_t smtp_text_most(const struct smtp *m);

/* The answer to a text, or an announcement of one, that is larger. Returns words. */
#define SMTP_TOO_LARGE_BYTES 100
#define SMTP_TOO_LARGE       ((struct smtp_code){552, "5.3.4"})
const char *smtp_too_large_words(const struct smtp *m, char words[SMTP_TOO_LARGE_BYTES]);

/* Stores a message for all recipients, and answers. body: as it is stored; text: as it came. */
void smtp_deliver(struct smtp *m, struct span body, struct span text);

/* Answers that a text was refused, LMTP once for each recipient, and logs it once. */
void smtp_refuse_text(struct smtp *m, struct smtp_code code, const char *words);

#endif
