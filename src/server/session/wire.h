/*
 * wire: stored messages in the form in which they are sent (PROTOCOL 3). For the session's thread.
 */
#ifndef SESSION_WIRE_H
#define SESSION_WIRE_H

#include "session/session_private.h"
#include "store/message_file.h"

/* Puts the fields of a message that come before its body into s->out. */
void wire_head(struct session *s, const struct mail *m);

enum wire_body { WIRE_WHOLE, WIRE_LINE, WIRE_EMPTY };

/* The length in bytes of a message as an argument, with the | that ends it. */
uint64_t wire_bytes(const struct session *s, const struct mail *m, enum wire_body body);

#endif
