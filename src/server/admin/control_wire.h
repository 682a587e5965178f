/*
 * control_wire: what pochtactl and a server say to each other over the store's control.sock.
 *
 * Frames in length form with the escapes of version 2 (frame.h). Who connects is greeted with
 * Answer|2|Yes|pochta-control 1| and then asks: verb|n|argument|...|. The answer is
 * Answer|2|Yes|text| or Answer|3|Noop|code|words|, where the code is one of sysexits.h.
 */
#ifndef ADMIN_CONTROL_WIRE_H
#define ADMIN_CONTROL_WIRE_H

#include "base/buf.h"
#include "proto/io.h"
#include "store/layout.h"

#define CONTROL_SOCKET   LAYOUT_CONTROL
#define CONTROL_GREETING "pochta-control 1"
#define CONTROL_LIMIT    ((size_t)64 << 20) /* bytes of a frame */

/*
 * Reads one frame into in, whose contents are dropped first, and takes it apart: op and at most max
 * arguments, *n of them, their escapes undone, pointing into in. IO_CLOSED also for what is no
 * frame.
 */
enum io_result control_wire_read(struct io *io, struct buf *in, int64_t deadline_ms,
                                 struct span *op, struct span *args, size_t max, size_t *n);

/* Writes one frame. */
enum io_result control_wire_write(struct io *io, const char *op, const struct span *args, size_t n,
                                  int64_t deadline_ms);

#endif
