/* SPDX-License-Identifier: ISC */
/*
 * session_log: the events that a session logs.
 */
#ifndef SESSION_SESSION_LOG_H
#define SESSION_SESSION_LOG_H

#include "proto/status.h"
#include "session/state.h"

/* A request's outcome: the caller adds its own fields between begin and end. */
void session_log_begin(struct event *e, const char *name, enum event_level level, enum status st);
void session_log_end(struct session *s, struct event *e, enum status st);

/* The outcome of a request about an account. */
void session_log_account(struct session *s, const char *name, enum event_level level,
                         const char *user, enum status st);

/* The client does not follow the protocol, and the session ends. */
void session_log_protocol(struct session *s, enum event_level level, const char *reason);

/* A message was refused. command: which, with what stood after it; reason: as the client hears it.
 */
void session_log_not_sent(struct session *s, const char *command, struct span argument,
                          struct span reason);

/* The session has ended, for the reason in s->ending. */
void session_log_disconnect(struct session *s);

#endif
