/*
 * compose: typing a message.
 *
 * A line with nothing but a dot ends it. Every other line is taken as it is typed, also one that
 * begins with a dot: there is no stuffing to be known. A message with a line that is a single dot
 * can be sent with "pochta send". Lines are joined by LF; the last one has none.
 */
#ifndef CLIENT_COMPOSE_H
#define CLIENT_COMPOSE_H

#include "base/buf.h"

/* Reads a message into *body (cleared first). False at the end of input without a dot. */
bool compose_read(struct buf *body, struct buf *line);

#endif
