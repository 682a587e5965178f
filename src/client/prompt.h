/*
 * prompt: questions to a person, asked again until the answer is one that is allowed.
 *
 * All functions return false at the end of input.
 */
#ifndef CLIENT_PROMPT_H
#define CLIENT_PROMPT_H

#include "base/buf.h"
#include "client/secret.h"

#define PROMPT_LINE_BYTES 4096

/* Shows text and reads a line into *line, of any contents. */
bool prompt_line(struct buf *line, const char *text);

/* A user's name. preset: what an empty line stands for; NULL: nothing. */
bool prompt_name(struct buf *line, const char *text, const char *preset);

/* The id of a message; *line becomes the number without leading zeros. */
bool prompt_id(struct buf *line, const char *text);

/* A password; nothing of it shows. */
bool prompt_password(struct secret *s, const char *text);

/* Yes or no. */
bool prompt_yes(struct buf *line, const char *text, bool *yes);

/* Shows text and waits for a key. */
bool prompt_key(const char *text);

#endif
