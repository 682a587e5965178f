/* SPDX-License-Identifier: ISC */
/*
 * wire: messages as they are sent to a client.
 */
#ifndef SESSION_WIRE_H
#define SESSION_WIRE_H

#include "session/state.h"
#include "store/message_file.h"

/* Puts into s->out the fields of a message that precede its body. */
void wire_head(struct session *s, const struct mail *m);

/* The bytes of a message as an argument, its | included: with its body, the body's first line, or
 * an empty body. */
enum wire_body { WIRE_WHOLE, WIRE_LINE, WIRE_EMPTY };
uint64_t wire_bytes(const struct session *s, const struct mail *m, enum wire_body body);

#endif
