/* SPDX-License-Identifier: ISC */
#undef _FORTIFY_SOURCE /* for ppoll: see wait.c */

#include "os/pipe.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "os/clock.h"

/* Nothing tells the writer that a reader has read: it looks, at first often. */
#define STEP_LEAST_US 20
#define STEP_MOST_US  20000

static bool is_empty(int fd)
{
    int left = 0;
    return ioctl(fd, FIONREAD, &left) != 0 || left == 0;
}

/* Waits, but not if there are no readers. */
static bool has_readers(int fd, int64_t wait_us)
{
    const struct timespec wait = {.tv_nsec = wait_us * 1000};
    struct pollfd p = {.fd = fd};
    return ppoll(&p, 1, &wait, NULL) <= 0 || !(p.revents & POLLERR);
}

enum os_pipe_state os_pipe_wait(int fd, int64_t most_ms)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISFIFO(st.st_mode))
        return OS_PIPE_TAKEN;
    int64_t until_ms = os_clock_ms() + most_ms, step_us = STEP_LEAST_US;
    bool readers = has_readers(fd, 0);
    while (readers && !is_empty(fd) && os_clock_ms() < until_ms) {
        readers = has_readers(fd, step_us);
        step_us = 2 * step_us < STEP_MOST_US ? 2 * step_us : STEP_MOST_US;
    }
    if (is_empty(fd))
        return OS_PIPE_TAKEN;
    return readers ? OS_PIPE_WAITING : OS_PIPE_LEFT;
}
