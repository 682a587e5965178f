/* SPDX-License-Identifier: ISC */
/*
 * error: the exit codes of pochta, and error messages: one line each on standard error. The numbers
 * are those of sysexits.h, which not every system has. For one thread.
 */
#ifndef CLIENT_ERROR_H
#define CLIENT_ERROR_H

#include "client/reply.h"

enum error_code {
    ERROR_NONE = 0,
    ERROR_NOTHING = 1,        /* nothing was found: error_nothing() */
    ERROR_USAGE = 64,         /* the command line is wrong */
    ERROR_DATA = 65,          /* the server refused the request, or a password is malformed */
    ERROR_NO_INPUT = 66,      /* a file that the user names cannot be read */
    ERROR_NO_USER = 67,       /* the recipient does not exist */
    ERROR_UNAVAILABLE = 69,   /* the server cannot be reached */
    ERROR_SOFTWARE = 70,      /* out of memory */
    ERROR_IO = 74,            /* standard input or output failed, or a file cannot be written */
    ERROR_TEMPORARY = 75,     /* try again: connection lost, mailbox or disk full */
    ERROR_PROTOCOL = 76,      /* the peer does not speak the protocol */
    ERROR_NO_PERMISSION = 77, /* wrong name or password */
    ERROR_CONFIG = 78         /* the configuration file cannot be read, or is wrong */
};

/* Writes "pochta: " and the text, which should end with what is allowed. Returns code. */
enum error_code error_say(enum error_code code, const char *format, ...)
    __attribute__((format(__printf__, 2, 3)));

/* Writes a text to standard error: on a terminal with its rows broken at spaces. */
void error_note(const char *format, ...) __attribute__((format(__printf__, 1, 2)));

/* Says that a list is empty, as error_say() does, if standard output is a terminal. */
void error_nothing(const char *text);

/* The same with a reason that was collected, unless code is ERROR_NONE. Frees the reason. */
enum error_code error_why(enum error_code code, struct buf *why);

/* The exit code for the result of a request, as error_reply returns it. */
enum error_code error_of(enum reply_result result, struct span words);

/*
 * Writes "pochta: what: words", the words made safe to print. Returns the exit code for the result
 * of a request. words: the server's; they decide the code only for REPLY_NOOP.
 */
enum error_code error_reply(const char *what, enum reply_result result, struct span words);

#endif
