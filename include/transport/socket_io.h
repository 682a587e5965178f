/* SPDX-License-Identifier: ISC */
/*
 * socket_io: a stream socket as a struct io. It owns nothing; the caller closes the socket. For one
 * thread.
 *
 * If a recv on the socket waits for a limited time (os_net_accept), a read begins with such a recv.
 * This costs less than to wait by poll, but no wake ends it: a read may notice a wake or its
 * deadline later by this time. With prompt, a read does not begin with such a recv.
 *
 * If interrupted is not NULL, it tells whether the owner is wanted elsewhere, for example because
 * the server stops. A read asks it before it takes anything and ends with IO_INTERRUPT once it
 * returns true. A read also ends with IO_INTERRUPT if OS_WAKE came (os/wait.h) while it waited, or
 * during an earlier write or pause. A write is not interrupted, so that an answer that has begun
 * can be finished; but once interrupted returns true, this write and the following ones together
 * get hurry_ms more and then end with IO_TIMEOUT.
 */
#ifndef TRANSPORT_SOCKET_IO_H
#define TRANSPORT_SOCKET_IO_H

#include "os/wait.h"
#include "proto/io.h"

struct socket_io {
    struct io io; /* first: a pointer to one is a pointer to the other */
    int fd;
    bool (*interrupted)(void *ctx); /* may be NULL */
    void *ctx;
    bool prompt;         /* see above; changed by the socket's thread */
    int64_t hurry_ms;    /* IO_FOREVER: writes are never cut short */
    int64_t hurry_until; /* private: when writes must have ended; IO_FOREVER unless interrupted */
    bool woken;          /* private: a wake came where no read could end */
};

/*
 * A socket that is non-blocking, or whose recv waits for a limited time. interrupted is NULL,
 * prompt false and hurry_ms IO_FOREVER; change them afterwards.
 */
void socket_io_init(struct socket_io *s, int fd);

/* Waits for some milliseconds, or until interrupted. */
void socket_io_pause(struct socket_io *s, int64_t ms);

/* --- for another struct io that waits in the same way (udp_io) --- */

/* As os_wait does for the socket. */
enum os_waited socket_io_wait(struct socket_io *s, enum os_wait_for what, int64_t deadline_us);

/* Asks the owner whether it is wanted. */
bool socket_io_interrupted(struct socket_io *s);

/* Whether a wake came in a wait since the last call. A read that would wait now ends instead. */
bool socket_io_take_wake(struct socket_io *s);

/* The deadline of a write: deadline_ms, or an earlier one once the owner is wanted. */
int64_t socket_io_write_until(struct socket_io *s, int64_t deadline_ms);

/* Whether the time for writes is over because the owner is wanted, however fast the peer reads. */
bool socket_io_must_end(struct socket_io *s);

#endif
