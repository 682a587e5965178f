/* SPDX-License-Identifier: ISC */
/*
 * secret: a password or an invite: reads it and wipes it. It is never taken from an argument,
 * because every user of a machine can see those. For one thread.
 */
#ifndef CLIENT_SECRET_H
#define CLIENT_SECRET_H

#include "client/error.h"
#include "client/settings.h"
#include "proto/name.h"

struct secret {
    char text[PASSWORD_BYTES + 1]; /* no NUL at the end */
    size_t n;
};

enum secret_result {
    SECRET_OK,
    SECRET_NONE, /* end of input, nothing read; or out of memory */
    SECRET_BAD   /* the line is not a password; see PASSWORD_RULE */
};

/* Reads a line from the terminal, without echo. The caller has printed a prompt. */
enum secret_result secret_ask(struct secret *s);

/*
 * Gets the user's password from the variable POCHTA_PASSWORD, from the first line of a file ("-":
 * standard input) or from the first line of a command's output. The command line comes before the
 * variables, and these before the configuration file; of several in one place, the first in the
 * order above counts. If none of them is given, asks on the process's terminal, whatever standard
 * input and standard error are. If the result is not ERROR_NONE, it has written an error message.
 * The caller wipes the secret in every case.
 */
enum error_code secret_get(struct secret *s, const struct settings *set, const char *user);

/* The same for the password of a new account, which it asks for twice, since nobody sees it. */
enum error_code secret_get_first(struct secret *s, const struct settings *set, const char *user);

/* Whether secret_get has something to take the password from, so that it asks nobody. */
bool secret_is_given(const struct settings *set);

/* Whether secret_get would read standard input. */
bool secret_is_standard(const struct settings *set);

/*
 * The same for a new password of the user's: from a file ("-": standard input), or, if that is
 * NULL, asked for twice on the terminal.
 */
enum error_code secret_get_new(struct secret *s, const char *file, const char *user);

/* The same for an invite, with POCHTA_INVITE. If that is not set, the invite is empty. */
enum error_code secret_get_invite(struct secret *s, const char *file);

struct span secret_span(const struct secret *s); /* valid as long as *s */
bool secret_same(const struct secret *a, const struct secret *b);
void secret_wipe(struct secret *s);

#endif
