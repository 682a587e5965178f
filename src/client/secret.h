/*
 * secret: a password or an invite, from where it was kept to where it is forgotten. Never an
 * argument: those are seen by every user of a machine.
 */
#ifndef CLIENT_SECRET_H
#define CLIENT_SECRET_H

#include "client/error.h"
#include "proto/name.h"

struct secret {
    char text[PASSWORD_BYTES + 1]; /* not terminated */
    size_t n;
};

enum secret_result {
    SECRET_OK,
    SECRET_NONE, /* end of input with nothing read */
    SECRET_BAD   /* what was read is no password; see PASSWORD_RULE */
};

/* Reads a line from the terminal, without echo. The caller has asked for it. */
enum secret_result secret_ask(struct secret *s);

/*
 * From a file's first line without its line end ("-": standard input), else from the variable
 * POCHTA_PASSWORD, else asked for. Otherwise than ERROR_NONE it has said what is wrong.
 */
enum error_code secret_get(struct secret *s, const char *file, const char *user);

/*
 * An invite, from a file's first line in the same way, else from the variable POCHTA_INVITE; empty
 * when there is neither.
 */
enum error_code secret_get_invite(struct secret *s, const char *file);

struct span secret_span(const struct secret *s);
bool secret_same(const struct secret *a, const struct secret *b);
void secret_wipe(struct secret *s);

#endif
