/* SPDX-License-Identifier: ISC */
/*
 * login: makes a session one of an account's, and ends that. For the session's thread.
 */
#ifndef SESSION_LOGIN_H
#define SESSION_LOGIN_H

#include "proto/status.h"
#include "session/state.h"

/*
 * Logs a user in with a password (auth_check says how, and when it waits), logs the event, and
 * counts it. name must have passed name_fold. If the session belonged to another user, that user is
 * logged out; on any status but ST_OK the session stays as it was, unless the account has changed
 * since its password was checked: then nobody is logged in.
 */
enum status login_start(struct session *s, const char *name, const char *password);

/* Logs the user out. s->who stays as it was. */
void login_end(struct session *s);

#endif
