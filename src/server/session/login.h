/* SPDX-License-Identifier: ISC */
/*
 * login: logs the user of a session in and out. For the session's thread.
 */
#ifndef SESSION_LOGIN_H
#define SESSION_LOGIN_H

#include "proto/status.h"
#include "session/state.h"

/*
 * Logs a user in with a password, logs the event, and counts it. The statuses, and the delays, are
 * those of auth_check. name must have passed name_fold. If another user was logged in, that user is
 * logged out. On any status but ST_OK the session stays as it was, unless the account changed while
 * its password was checked: then nobody is logged in.
 */
enum status login_start(struct session *s, const char *name, const char *password);

/* Logs the user out. s->who stays as it was. */
void login_end(struct session *s);

#endif
