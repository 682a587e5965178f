/* SPDX-License-Identifier: ISC */
/*
 * smtp_command: reads the commands of SMTP and LMTP (RFC 5321, section 4.1.1), each a line without
 * its end. Pure.
 */
#ifndef DOORS_SMTP_COMMAND_H
#define DOORS_SMTP_COMMAND_H

#include "base/span.h"
#include "mime/mail_address.h"

/*
 * Splits a command into its word and what follows, without the spaces around. False: it has a
 * control character, such as a CR alone; tabs count as spaces.
 */
bool smtp_command_split(struct span line, struct span *word, struct span *rest);

enum smtp_syntax {
    SMTP_SYNTAX_OK,
    SMTP_SYNTAX_PATH,      /* no FROM:<...> or TO:<...>, or not an address in it */
    SMTP_SYNTAX_VALUE,     /* a parameter has a value that it cannot have */
    SMTP_SYNTAX_PARAMETER, /* an unknown parameter */
};

/*
 * Reads what follows MAIL: FROM:<path> and SIZE= (RFC 1870), BODY= (RFC 6152) and AUTH= (RFC 4954),
 * of which only the first matters here. *size: of the message; 0 if it is not told. A size beyond
 * all numbers is UINT64_MAX.
 */
enum smtp_syntax smtp_command_mail(struct span rest, struct mail_address *from, uint64_t *size);

/* Reads what follows RCPT: TO:<path>. It has no parameters here. */
enum smtp_syntax smtp_command_rcpt(struct span rest, struct mail_address *to);

#endif
