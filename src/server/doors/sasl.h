/* SPDX-License-Identifier: ISC */
/*
 * sasl: how mail programs log in: the responses of AUTH PLAIN (RFC 4616) and AUTH LOGIN, and what
 * of a login is the name of an account.
 */
#ifndef DOORS_SASL_H
#define DOORS_SASL_H

#include "base/span.h"
#include "proto/status.h"
#include "session/state.h"

#define SASL_BYTES 1024 /* of a response after decoding */

/*
 * Decodes a response, which is base64 on one line. "=" is an empty response (RFC 4954, section 4).
 * False: it is not base64, or longer than SASL_BYTES. The caller wipes out, which may have a
 * password in it, also after a failure. Pure.
 */
bool sasl_decode(struct span base64, char out[SASL_BYTES], size_t *n);

/*
 * Splits the decoded response of PLAIN, [authzid] NUL authcid NUL passwd. False: it has another
 * form, or asks to act for another user, which nobody may. Pure.
 */
bool sasl_plain(struct span response, struct span *user, struct span *password);

/*
 * Logs in as login_start. user: an account's name in any case, perhaps with @ and a domain of ours
 * (doors_is_ours). ST_WRONG_PASSWORD also if it cannot
 * be a name, or the password no password. For the session's thread.
 */
enum status sasl_login(struct session *s, struct span user, struct span password);

#endif
