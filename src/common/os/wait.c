/* SPDX-License-Identifier: ISC */
/*
 * On 32 bits, the fortified ppoll of glibc 2.36 and older reads a 64-bit time as one of 32 bits, so
 * a wait of less than a second ends at once. Without _FORTIFY_SOURCE, ppoll is __ppoll64.
 */
#undef _FORTIFY_SOURCE

#include "os/wait.h"

#include <assert.h>
#include <poll.h>
#include <time.h>

#include "os/clock.h"

/* ppoll unblocks OS_WAKE only while it waits. */
enum os_waited os_wait(const int *fds, int n, enum os_wait_for what, int64_t deadline_us)
{
    static const short events[] = {[OS_WAIT_INPUT] = POLLIN, [OS_WAIT_ROOM] = POLLOUT};
    struct pollfd polled[OS_WAIT_MAX];
    struct timespec left = {0};
    sigset_t mask;
    assert(n <= OS_WAIT_MAX);
    for (int i = 0; i < n; i++)
        polled[i] = (struct pollfd){.fd = fds[i], .events = events[what]};
    if (deadline_us != OS_FOREVER) {
        int64_t now = os_clock_us();
        if (deadline_us <= now)
            return OS_TIMEOUT;
        left.tv_sec = (deadline_us - now) / 1000000;
        left.tv_nsec = (deadline_us - now) % 1000000 * 1000;
    }
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    sigdelset(&mask, OS_WAKE);

    int ready = ppoll(polled, (nfds_t)n, deadline_us == OS_FOREVER ? NULL : &left, &mask);
    if (ready > 0)
        return OS_READY;
    return ready == 0 ? OS_TIMEOUT : OS_WOKEN;
}

bool os_wait_input(const int *fds, int n, int64_t deadline_ms)
{
    return os_wait(fds, n, OS_WAIT_INPUT, os_clock_ms_to_us(deadline_ms)) == OS_READY;
}

/* The handler only has to end a wait. */
static void on_wake(int signal_number)
{
    (void)signal_number;
}

void os_wake_setup(void)
{
    struct sigaction wake = {.sa_handler = on_wake};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t mask;
    sigemptyset(&wake.sa_mask);
    sigemptyset(&ignore.sa_mask);
    sigaction(OS_WAKE, &wake, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
    sigemptyset(&mask);
    sigaddset(&mask, OS_WAKE);
    pthread_sigmask(SIG_BLOCK, &mask, NULL);
}

void os_wake_undo(void)
{
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, OS_WAKE);
    pthread_sigmask(SIG_UNBLOCK, &mask, NULL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
}
