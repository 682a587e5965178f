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

/* A decoded response of PLAIN: [authzid] NUL authcid NUL passwd. */
struct sasl_plain {
    struct span as; /* the user to act for; may be empty */
    struct span user, password;
};

/* Splits a response; the parts point into it. False: it has another form. Pure. */
bool sasl_plain(struct span response, struct sasl_plain *p);

/* Whether it asks to act for another user than the one who logs in, which nobody may. Two ways to
 * write the name of an account are the same user. */
#define SASL_FOREIGN "you cannot act for another user; leave the authorization identity empty"
bool sasl_is_foreign(const struct session *s, const struct sasl_plain *p);

/*
 * Logs in with login_start, and returns its status. user: an account's name in any case, perhaps
 * with @ and a domain of ours (doors_is_ours). Also returns ST_WRONG_PASSWORD if user cannot be a
 * name, or password cannot be a password. For the session's thread.
 */
enum status sasl_login(struct session *s, struct span user, struct span password);

#endif
