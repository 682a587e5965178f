/*
 * io: a connection as a session or a link sees it: two functions. Behind it stand a socket, the
 * standard input and output of a command, or a test's memory.
 */
#ifndef PROTO_IO_H
#define PROTO_IO_H

#include <stddef.h>
#include <stdint.h>

enum io_result {
    IO_OK,
    IO_CLOSED,   /* the peer has closed, or the connection broke */
    IO_LOST,     /* read: a part of what the peer sent is missing for good; writes still go */
    IO_TIMEOUT,  /* the deadline passed */
    IO_INTERRUPT /* someone wants the connection's owner to look up: see the owner */
};

#define IO_FOREVER INT64_MAX

/*
 * Deadlines are milliseconds of the clock that os_clock_ms() reads (a test's io may have another);
 * one in the past still takes what is there at once.
 */
struct io {
    /* Waits until at least one byte is there; reads at most size bytes, *n of them. */
    enum io_result (*read)(struct io *io, void *bytes, size_t size, int64_t deadline_ms, size_t *n);

    /* Writes all size bytes or fails. After a failure the connection is of no more use. */
    enum io_result (*write)(struct io *io, const void *bytes, size_t size, int64_t deadline_ms);
};

#endif
