/* SPDX-License-Identifier: ISC */
/*
 * progress_terminal: standard error is a terminal of the test's own, and the time is the test's,
 * too. For a test that is linked with --wrap for os_clock_ms.
 */
#ifndef PROGRESS_TERMINAL_H
#define PROGRESS_TERMINAL_H

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "os/clock.h"
#include "tap.h"

#define PATIENT_MS 20000
#define HIDDEN     "\r\033[K"

static int terminal; /* the master's side */
static int64_t now_ms = 1000;

/* The linker gives us all calls of os_clock_ms. */
int64_t stopped_ms(void) __asm__("__wrap_os_clock_ms");

int64_t stopped_ms(void)
{
    return now_ms;
}

/* What has been shown since the last call: the test itself writes the end of it. */
static inline const char *shown(void)
{
    static char screen[4096];
    struct pollfd p = {.fd = terminal, .events = POLLIN};
    size_t n = 0;
    if (write(2, "!", 1) != 1)
        return "cannot write";
    while (n < sizeof screen - 1 && poll(&p, 1, PATIENT_MS) == 1 &&
           read(terminal, screen + n, 1) == 1 && screen[n] != '!')
        n++;
    screen[n] = '\0';
    return screen;
}

static inline bool open_terminal(void)
{
    char name[64];
    terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0 ||
        ptsname_r(terminal, name, sizeof name) != 0)
        return false;
    int fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    return fd >= 0 && dup2(fd, 2) == 2 && close(fd) == 0;
}

#endif
