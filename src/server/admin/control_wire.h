/* SPDX-License-Identifier: ISC */
/*
 * control_wire: the protocol between pochtactl and a server over the store's control.sock.
 *
 * It uses frames in length form with the escapes of version 2 (frame.h). The server greets with
 * Answer|2|Yes|pochta-control 2|. A request is verb|n|argument|...|; the answer is any number of
 * Answer|2|More|rows| and then, to end it, Answer|2|Yes|text| or Answer|3|Noop|code|error|, where
 * code is an exit code of sysexits.h. A part has whole rows. If the connection ends before the
 * answer does, the rest is missing.
 */
#ifndef ADMIN_CONTROL_WIRE_H
#define ADMIN_CONTROL_WIRE_H

#include "base/buf.h"
#include "proto/io.h"
#include "store/layout.h"

#define CONTROL_SOCKET   LAYOUT_CONTROL
#define CONTROL_GREETING "pochta-control 2"
#define CONTROL_LIMIT    ((size_t)64 << 20) /* the longest frame, in bytes */

/*
 * Clears in, reads one frame into it, and nothing of what follows, and splits the frame: op and at
 * most max arguments, *n of them, unescaped, all pointing into in. Returns IO_CLOSED also for
 * anything that is not such a frame.
 */
enum io_result control_wire_read(struct io *io, struct buf *in, int64_t deadline_ms,
                                 struct span *op, struct span *args, size_t max, size_t *n);

/* Writes one frame with n arguments. IO_CLOSED also when out of memory. */
enum io_result control_wire_write(struct io *io, const char *op, const struct span *args, size_t n,
                                  int64_t deadline_ms);

#endif
