/* SPDX-License-Identifier: ISC */
/*
 * auth: limits what a client may take of scarce resources: processor time, for checking passwords
 * (as slowly as login_throttle.h demands), and memory.
 */
#ifndef SESSION_AUTH_H
#define SESSION_AUTH_H

#include "base/address.h"
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

/*
 * Changes a share of the memory for long frames to want bytes, in the name of the session's user
 * and address; see budget_take. Clients of an address that send mail without a login are one user.
 */
bool auth_take_memory(struct session *s, struct budget_share *share, size_t want);

/*
 * Whose memory a client takes before it has logged in, as an owner of a budget_share: that of its
 * address, or of all whose address may be forged. Safe for threads.
 */
uint64_t auth_memory_owner(const struct service *v, const struct address *a, bool forgeable);

/* Forgets the password that the session has proven. */
void auth_forget(struct session *s);

#endif
