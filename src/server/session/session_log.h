/*
 * session_log: what a session reports to the log. For the session's thread.
 */
#ifndef SESSION_SESSION_LOG_H
#define SESSION_SESSION_LOG_H

#include "proto/status.h"
#include "session/session_private.h"

/*
 * Begin and end an event that reports the outcome of a request. The caller may add fields in
 * between. A failure of the server, and a wrong password, is logged as a warning at least.
 */
void session_log_begin(struct event *e, const char *name, enum event_level level, enum status st);
void session_log_end(struct session *s, struct event *e, enum status st);

/* The outcome of a request about an account. */
void session_log_account(struct session *s, const char *name, enum event_level level,
                         const char *user, enum status st);

/* The session ends because its input cannot be understood. */
void session_log_protocol(struct session *s, const char *reason);

/* The session has ended. */
void session_log_disconnect(struct session *s);

#endif
