/* SPDX-License-Identifier: ISC */
/*
 * reply: writes a session's answers. The functions up to reply_exit put a frame into s->out.
 * reply_flush writes s->out; the session calls it, too, before it waits for its client.
 */
#ifndef SESSION_REPLY_H
#define SESSION_REPLY_H

#include "proto/status.h"
#include "session/state.h"

void reply_yes(struct session *s);
void reply_text(struct session *s, const char *text); /* Yes and one argument */

/*
 * Begins a Yes that has nargs more arguments. Together, each with its |, they have args_bytes
 * bytes. The caller adds them to s->out and then calls frame_end.
 */
void reply_begin_yes(struct session *s, uint64_t nargs, uint64_t args_bytes);

void reply_noop(struct session *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Yes for ST_OK, Exit for ST_UNKNOWN, otherwise Noop with the status's text. The session ends after
 * Exit; if it must end anyway, Exit says why.
 */
void reply_status(struct session *s, enum status st);

/* The words for ST_TOO_OFTEN: what was too often, and when to try again. Returns words. */
#define REPLY_TOO_OFTEN_BYTES 160
#define REPLY_WRONG_PASSWORDS "wrong passwords from this address"
const char *reply_too_often_words(char words[REPLY_TOO_OFTEN_BYTES], const char *what,
                                  int64_t try_again_ms);

/* Noop for ST_TOO_OFTEN: says what was too often, and when to try again. */
void reply_too_often(struct session *s, const char *what, int64_t try_again_ms);

/* Exit with this reason, and reply_close. */
void reply_exit(struct session *s, const char *reason);

/* Says that all frames in s->out are complete: if memory is short for the next, they are sent. */
void reply_is_whole(struct session *s);

/* Writes s->out, which ends with a whole frame. False: the connection is broken, and nothing more
 * will be written. */
bool reply_flush(struct session *s);

/* The same if s->out is large, otherwise nothing: for long answers. */
bool reply_pour(struct session *s);

/* Adds bytes that need no escape to s->out and pours, or writes them directly if they are many. */
bool reply_add_plain(struct session *s, struct span bytes);

/*
 * Makes the session end once s->out is written. The reason must stay valid until then; if there are
 * several, the first counts.
 */
void reply_close(struct session *s, const char *reason);

/* Ends the session with Exit in place of the answers in s->out, which are not sent: nobody knows
 * whether the store is still this server's. */
void reply_abandon(struct session *s, const char *reason);

/* Writes s->out and ends the session there, even in the middle of a frame. */
void reply_break(struct session *s, const char *reason);

#endif
