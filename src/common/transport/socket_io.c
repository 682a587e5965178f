/* SPDX-License-Identifier: ISC */
#include "transport/socket_io.h"

#include <errno.h>

#include "os/clock.h"
#include "os/net.h"

_Static_assert(IO_FOREVER == OS_FOREVER, "deadlines are handed on as they are");

/* A pause has no descriptor. */
static enum os_waited wait_for(struct socket_io *s, const int *fd, enum os_wait_for what,
                               int64_t deadline_us)
{
    enum os_waited waited = os_wait(fd, fd ? 1 : 0, what, deadline_us);
    s->woken = s->woken || (waited == OS_WOKEN && s->interrupted);
    return waited;
}

enum os_waited socket_io_wait(struct socket_io *s, enum os_wait_for what, int64_t deadline_us)
{
    return wait_for(s, &s->fd, what, deadline_us);
}

bool socket_io_interrupted(struct socket_io *s)
{
    if (s->interrupted && s->interrupted(s->ctx))
        return true;
    s->hurry_until = IO_FOREVER;
    return false;
}

bool socket_io_take_wake(struct socket_io *s)
{
    bool woken = s->woken;
    s->woken = false;
    return woken;
}

int64_t socket_io_write_until(struct socket_io *s, int64_t deadline_ms)
{
    if (socket_io_interrupted(s) && s->hurry_until == IO_FOREVER && s->hurry_ms != IO_FOREVER)
        s->hurry_until = os_clock_ms() + s->hurry_ms;
    return s->hurry_until < deadline_ms ? s->hurry_until : deadline_ms;
}

bool socket_io_must_end(struct socket_io *s)
{
    int64_t until_ms = socket_io_write_until(s, IO_FOREVER);
    return until_ms != IO_FOREVER && os_clock_ms() >= until_ms;
}

void socket_io_pause(struct socket_io *s, int64_t ms)
{
    int64_t until_us = os_clock_us() + os_clock_ms_to_us(ms);
    while (!socket_io_interrupted(s) && wait_for(s, NULL, OS_WAIT_NOTHING, until_us) != OS_TIMEOUT)
        ;
}

static enum io_result socket_read(struct io *io, void *bytes, size_t size, int64_t deadline_ms,
                                  size_t *n)
{
    struct socket_io *s = (struct socket_io *)io;
    for (;;) {
        if (socket_io_interrupted(s))
            return IO_INTERRUPT;
        int64_t got = os_net_read(s->fd, bytes, size, !s->prompt);
        if (got > 0) {
            *n = (size_t)got;
            return IO_OK;
        }
        if (got == 0 || errno != EAGAIN)
            return IO_CLOSED;
        if (socket_io_take_wake(s))
            return IO_INTERRUPT;
        if (socket_io_wait(s, OS_WAIT_INPUT, os_clock_ms_to_us(deadline_ms)) == OS_TIMEOUT)
            return socket_io_interrupted(s) ? IO_INTERRUPT : IO_TIMEOUT;
    }
}

static enum io_result socket_write(struct io *io, const void *bytes, size_t size,
                                   int64_t deadline_ms)
{
    struct socket_io *s = (struct socket_io *)io;
    const char *p = bytes;
    while (size > 0) {
        if (socket_io_must_end(s))
            return IO_TIMEOUT;
        int64_t sent = os_net_write(s->fd, p, size);
        if (sent >= 0) {
            p += sent;
            size -= (size_t)sent;
            continue;
        }
        int64_t until_ms = s->hurry_until < deadline_ms ? s->hurry_until : deadline_ms;
        if (errno != EAGAIN)
            return IO_CLOSED;
        if (socket_io_wait(s, OS_WAIT_ROOM, os_clock_ms_to_us(until_ms)) == OS_TIMEOUT)
            return IO_TIMEOUT;
    }
    return IO_OK;
}

void socket_io_init(struct socket_io *s, int fd)
{
    *s = (struct socket_io){.io = {.read = socket_read, .write = socket_write},
                            .fd = fd,
                            .hurry_ms = IO_FOREVER,
                            .hurry_until = IO_FOREVER};
}
