/* SPDX-License-Identifier: ISC */
#include "os/wait.h"

#include <assert.h>
#include <limits.h>

#include "os/clock.h"
#include "windows_private.h"

/* Uses select, since WSAPoll of older systems does not report that a connection was refused. */
static int select_until(const int *fds, int n, enum os_wait_for what, int64_t left_us)
{
    struct timeval left = {(long)(left_us / 1000000), (long)(left_us % 1000000)};
    fd_set wanted = {.fd_count = 0};
    for (int i = 0; i < n; i++)
        wanted.fd_array[wanted.fd_count++] = (SOCKET)fds[i];
    fd_set failed = wanted;
    return select(0, what == OS_WAIT_INPUT ? &wanted : NULL, what == OS_WAIT_ROOM ? &wanted : NULL,
                  &failed, left_us == OS_FOREVER ? NULL : &left);
}

enum os_waited os_wait(const int *fds, int n, enum os_wait_for what, int64_t deadline_us)
{
    int64_t left_us = OS_FOREVER;
    assert(n <= OS_WAIT_MAX && n <= FD_SETSIZE);
    if (deadline_us != OS_FOREVER) {
        left_us = deadline_us - os_clock_us();
        if (left_us <= 0)
            return OS_TIMEOUT;
        if (left_us > (int64_t)LONG_MAX * 1000) /* Sleep takes no more */
            left_us = (int64_t)LONG_MAX * 1000;
    }
    if (n > 0)
        return select_until(fds, n, what, left_us) > 0 ? OS_READY : OS_TIMEOUT;
    Sleep(left_us == OS_FOREVER ? INFINITE : (DWORD)(left_us / 1000 + 1));
    return OS_TIMEOUT;
}

bool os_wait_input(const int *fds, int n, int64_t deadline_ms)
{
    return os_wait(fds, n, OS_WAIT_INPUT, os_clock_ms_to_us(deadline_ms)) == OS_READY;
}

/* Windows has no SIGPIPE, and there are no wakes. */
void os_wake_setup(void)
{
}
