/* SPDX-License-Identifier: ISC */
/*
 * io: a connection as a session or a client sees it: two functions. The implementation may be a
 * socket, UDP, or memory in a test.
 */
#ifndef PROTO_IO_H
#define PROTO_IO_H

#include <stddef.h>
#include <stdint.h>

enum io_result {
    IO_OK,
    IO_CLOSED,   /* the peer has closed the connection, or it broke */
    IO_LOST,     /* read: a part of the peer's data is lost for good; writes still work */
    IO_TIMEOUT,  /* the deadline has passed */
    IO_INTERRUPT /* someone wants the attention of the connection's owner */
};

#define IO_FOREVER INT64_MAX /* as a deadline: none */

/*
 * Deadlines are milliseconds of os_clock_ms() (a test may use another clock). A deadline in the
 * past does not wait, but still takes what is there.
 */
struct io {
    /* Waits for at least one byte and reads at most size bytes; *n is how many. */
    enum io_result (*read)(struct io *io, void *bytes, size_t size, int64_t deadline_ms, size_t *n);

    /* Writes all size bytes or fails. After a failure the connection cannot be used any more. */
    enum io_result (*write)(struct io *io, const void *bytes, size_t size, int64_t deadline_ms);
};

#endif
