/*
 * auth: checks and hashes passwords. For the session's thread.
 */
#ifndef SESSION_AUTH_H
#define SESSION_AUTH_H

#include "os/crypt.h"
#include "proto/status.h"
#include "session/session_private.h"
#include "store/account.h"

/*
 * ST_OK when the password is that of the account, which *who and *a then describe; the caller wipes
 * a->hash. Waits as long as login_throttle.h demands; if that is too long, ST_TOO_OFTEN, and
 * s->try_again_ms says after how long to try again.
 */
enum status auth_check(struct session *s, const char *name, const char *password, struct who *who,
                       struct account *a);

/* Hashes a password when it is this session's turn. False: out of memory. */
bool auth_hash(struct session *s, const char *password, char hash[OS_CRYPT_HASH_BYTES]);

#endif
