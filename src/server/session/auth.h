/* SPDX-License-Identifier: ISC */
/*
 * auth: checks passwords, as slowly as login_throttle.h demands.
 */
#ifndef SESSION_AUTH_H
#define SESSION_AUTH_H

#include "os/crypt.h"
#include "proto/status.h"
#include "session/state.h"
#include "store/account.h"

/*
 * Checks a name and a password. ST_OK: they are right; *who and *a describe the account, and the
 * caller wipes a->hash, which is secret. Waits for the delay of login_throttle.h; ST_TOO_OFTEN: the
 * wait would have been too long, or the session must end; s->try_again_ms says how long.
 */
enum status auth_check(struct session *s, const char *name, const char *password, struct who *who,
                       struct account *a);

/* Hashes a password, in turn with all other hashings of the server. False: out of memory. */
bool auth_hash(const struct service *v, const char *password, char hash[OS_CRYPT_HASH_BYTES]);

#endif
