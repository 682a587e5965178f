/*
 * args: checks the arguments of a command. Each function that returns false has answered Noop with
 * the rule that the argument breaks. For the session's thread.
 */
#ifndef SESSION_ARGS_H
#define SESSION_ARGS_H

#include "proto/name.h"
#include "session/session_private.h"

#define ARGS_NUMBER_RULE "an id or a count is a decimal number"

/* A message's id, or a count. A number too large to be one becomes UINT64_MAX. */
bool args_number(struct session *s, struct span arg, uint64_t *number);

/* A user's name, its capitals folded. */
bool args_name(struct session *s, struct span arg, char name[NAME_BYTES + 1]);

/* A password, copied and ended by NUL. The caller wipes it. */
bool args_password(struct session *s, struct span arg, char password[PASSWORD_BYTES + 1]);

/* The token, which is the third argument; empty if there are only two. */
bool args_token(struct session *s, const struct span *arg, size_t nargs, struct span *token);

/* Undoes the escapes of an argument in place, in version 2. */
bool args_unescape(struct session *s, struct span *arg);

#endif
