/* SPDX-License-Identifier: ISC */
/*
 * sasl: how mail programs log in: reads the responses of AUTH PLAIN (RFC 4616) and AUTH LOGIN, and
 * finds the name of the account in a login.
 */
#ifndef DOORS_SASL_H
#define DOORS_SASL_H

#include "base/span.h"
#include "proto/status.h"
#include "session/state.h"

#define SASL_BYTES 1024 /* the most that a response has after decoding */

/*
 * Decodes a response, which is base64 on one line (line.h); *n is its length. "=" is an empty
 * response (RFC 4954, section 4). False: it is not base64, or longer than SASL_BYTES. The caller
 * wipes out, which may contain a password, even after a failure. Takes no memory.
 */
bool sasl_decode(struct span base64, char out[SASL_BYTES], size_t *n);

/*
 * Splits the decoded response of PLAIN, [authzid] NUL authcid NUL passwd; *user and *password point
 * into it. False: it has another form, or asks to act for another user, which nobody may. Pure.
 */
bool sasl_plain(struct span response, struct span *user, struct span *password);

/*
 * Logs in with login_start, and returns its status. user: an account's name in any case, perhaps
 * with @ and a domain of ours (doors_is_ours). Also returns ST_WRONG_PASSWORD if user cannot be a
 * name, or password cannot be a password. For the session's thread.
 */
enum status sasl_login(struct session *s, struct span user, struct span password);

#endif
