/* SPDX-License-Identifier: ISC */
/*
 * args: reads the arguments of a request. Each function answers Noop with the rule, and returns
 * false, if the argument is not valid.
 */
#ifndef SESSION_ARGS_H
#define SESSION_ARGS_H

#include "proto/name.h"
#include "session/state.h"
#include "store/message_file.h"

#define ARGS_NUMBER_RULE "an id or a count must be a decimal number"
#define ARGS_STATE_RULE  "a state is 0 (Normal) or 2 (Unread)"
#define ARGS_DATE_RULE \
    "a date has the form 2017-12-03T12:51:33Z, exists, and lies between 1970 and tomorrow"

/* Resolves the escapes of an argument in place, in version 2. */
bool args_unescape(struct session *s, struct span *arg);

/* A message id or a count. A number that is too large becomes UINT64_MAX. */
bool args_number(struct session *s, struct span arg, uint64_t *number);

/* The state that a message is given: MAIL_NORMAL or MAIL_UNREAD. */
bool args_state(struct session *s, struct span arg, enum mail_state *state);

/* When a message was written: seconds since 1970, UTC. */
bool args_date(struct session *s, struct span arg, int64_t *time);

/* A user's name, folded. */
bool args_name(struct session *s, struct span arg, char name[NAME_BYTES + 1]);

/* A password, ended by a NUL. The caller wipes it. */
bool args_password(struct session *s, struct span arg, char password[PASSWORD_BYTES + 1]);

/* The optional argument at a position, a token; empty if it was left out. */
bool args_token(struct session *s, const struct span *arg, size_t nargs, size_t at,
                struct span *token);

#endif
