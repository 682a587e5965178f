/*
 * fault: what went wrong, for the person at the terminal: one line on standard error.
 */
#ifndef CLIENT_FAULT_H
#define CLIENT_FAULT_H

#include "base/span.h"
#include "client/exits.h"

/* Writes "pochta: " and the text, which should end in what is allowed. Returns code. */
enum exits fault_say(enum exits code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Writes "pochta: what: words" with a server's words made safe, and returns the code they mean. */
enum exits fault_reply(const char *what, enum reply_result result, struct span words);

#endif
