/* SPDX-License-Identifier: ISC */
#include "os/pipe.h"

#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "os/clock.h"

#define STEP_MOST_MS 20 /* nothing tells the writer that a reader has read */

static bool is_empty(int fd)
{
    int left = 0;
    return ioctl(fd, FIONREAD, &left) != 0 || left == 0;
}

/* Waits, but not if there are no readers. */
static bool has_readers(int fd, int wait_ms)
{
    struct pollfd p = {.fd = fd};
    return poll(&p, 1, wait_ms) <= 0 || !(p.revents & POLLERR);
}

bool os_pipe_taken(int fd, int64_t *patience_ms)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISFIFO(st.st_mode))
        return true;
    int64_t began_ms = os_clock_ms(), gone_ms = 0;
    bool readers = has_readers(fd, 0);
    int step_ms = 1;
    while (readers && !is_empty(fd) && gone_ms < *patience_ms) {
        readers = has_readers(fd, step_ms);
        step_ms = 2 * step_ms < STEP_MOST_MS ? 2 * step_ms : STEP_MOST_MS;
        gone_ms = os_clock_ms() - began_ms;
    }
    *patience_ms -= gone_ms < *patience_ms ? gone_ms : *patience_ms;
    if (readers || is_empty(fd))
        return true;
    errno = EPIPE;
    return false;
}
