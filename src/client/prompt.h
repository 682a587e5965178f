/* SPDX-License-Identifier: ISC */
/*
 * prompt: asks the user, and asks again until the answer is valid.
 *
 * All functions return false at the end of input. For one thread.
 */
#ifndef CLIENT_PROMPT_H
#define CLIENT_PROMPT_H

#include "base/buf.h"
#include "client/secret.h"

#define PROMPT_LINE_BYTES 4096

/* Shows text and reads any line into *line, at most as long as the buffer's limit. */
bool prompt_line(struct buf *line, const char *text);

/* A user name. An empty line means preset, unless that is NULL. */
bool prompt_name(struct buf *line, const char *text, const char *preset);

/* A message ID; *line becomes the number without leading zeros. */
bool prompt_id(struct buf *line, const char *text);

/*
 * A message, into *body (cleared first); *line is room for one line. A line that is a single dot
 * ends it. Every other line is taken as typed, even if it begins with a dot. Lines are joined by
 * LF; the last one has none. On true the caller checks buf_ok(body).
 */
bool prompt_message(struct buf *body, struct buf *line);

/* A password, not echoed. The caller wipes it. */
bool prompt_password(struct secret *s, const char *text);

/* Yes or no. */
bool prompt_yes(struct buf *line, const char *text, bool *yes);

/* Shows text and waits for a key. */
bool prompt_key(const char *text);

#endif
