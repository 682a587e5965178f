/* SPDX-License-Identifier: ISC */
/*
 * smtp_command: parses the commands of SMTP and LMTP (RFC 5321, section 4.1.1), each a line without
 * its end. Pure.
 */
#ifndef DOORS_SMTP_COMMAND_H
#define DOORS_SMTP_COMMAND_H

#include "base/span.h"
#include "mime/mail_address.h"

/*
 * Splits a command into its word and the rest, both without spaces around them; they point into
 * line. Tabs count as spaces. False: the line has another control character, such as a CR alone.
 */
bool smtp_command_split(struct span line, struct span *word, struct span *rest);

enum smtp_syntax {
    SMTP_SYNTAX_OK,
    SMTP_SYNTAX_PATH,      /* FROM:<...> or TO:<...> is missing, or has no address in it */
    SMTP_SYNTAX_TOO_LONG,  /* the address in it is longer than a mail_address can be */
    SMTP_SYNTAX_VALUE,     /* a parameter has a value that is not allowed, or lacks one */
    SMTP_SYNTAX_PARAMETER, /* an unknown parameter */
};

/*
 * Parses what follows MAIL: FROM:<path>, SIZE= (RFC 1870), BODY= (RFC 6152), SMTPUTF8 (RFC
 * 6531) and AUTH= (RFC 4954). *size is the value of SIZE, in bytes; 0 if it is missing, UINT64_MAX
 * if it does not fit. The others are checked, and then ignored: addresses and texts may contain any
 * bytes above 127 anyway.
 */
enum smtp_syntax smtp_command_mail(struct span rest, struct mail_address *from, uint64_t *size);

/* Parses what follows RCPT: TO:<path>. Any parameter is unknown. */
enum smtp_syntax smtp_command_rcpt(struct span rest, struct mail_address *to);

#endif
