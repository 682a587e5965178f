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
 * ST_CROWDED: too many others wait for the processor. A password that this session has proven
 * before, and that has not changed since, costs nothing.
 */
enum status auth_check(struct session *s, const char *name, const char *password, struct who *who,
                       struct account *a);

/*
 * Hashes a password for a session, or for the administrator if s is NULL, in turn with all other
 * hashings of the server. ST_CROWDED: there was no turn; ST_NO_MEMORY.
 */
enum status auth_hash(const struct service *v, struct session *s, const char *password,
                      char hash[OS_CRYPT_HASH_BYTES]);

/* Forgets the password that the session has proven. */
void auth_forget(struct session *s);

#endif
