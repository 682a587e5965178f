/*
 * reply: puts answers into s->out, and writes them out. For the session's thread.
 */
#ifndef SESSION_REPLY_H
#define SESSION_REPLY_H

#include "proto/status.h"
#include "session/session_private.h"

/* Answer|1|Yes| */
void reply_yes(struct session *s);

/* Answer|2|Yes|text| */
void reply_text(struct session *s, const char *text);

/* Answer|2|Noop|text| */
void reply_noop(struct session *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ST_OK: Yes. ST_UNKNOWN: Exit, which ends the session. Any other: Noop with the status in words.
 */
void reply_status(struct session *s, enum status st);

/* Noop for ST_TOO_OFTEN: says what happened too often, and after how long to try again. */
void reply_too_often(struct session *s, const char *what, int64_t try_again_ms);

/* Exit|1|reason|, and the session ends. The reason is valid until the session has ended. */
void reply_exit(struct session *s, const char *reason);

/* Writes out what is in s->out. False: the connection is broken, nothing more will be written. */
bool reply_flush(struct session *s);

/* The same, but only when enough has gathered. For answers of any length. */
bool reply_pour(struct session *s);

/* Ends the session once what is in s->out is written. */
void reply_close(struct session *s, const char *reason);

/* Writes out what is in s->out and drops the connection there, even inside a frame. */
void reply_break(struct session *s, const char *reason);

#endif
