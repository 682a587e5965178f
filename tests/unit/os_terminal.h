/* SPDX-License-Identifier: ISC */
/*
 * os_terminal: the code under test runs in a child with a terminal of its own. The test plays the
 * person at the terminal: it sees the screen and, in the terminal's settings, whether echo is on.
 */
#ifndef OS_TERMINAL_H
#define OS_TERMINAL_H

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/tty.h"
#include "tap.h"

#define PATIENT_MS 20000

struct child {
    int terminal; /* the master's side */
    pid_t pid;
};

/* Runs act with a new terminal as descriptor 0 to 2; its result is the exit code. */
static inline struct child child_start(int (*act)(void))
{
    struct child c = {.terminal = posix_openpt(O_RDWR | O_NOCTTY)};
    char name[64];

    if (grantpt(c.terminal) != 0 || unlockpt(c.terminal) != 0 ||
        ptsname_r(c.terminal, name, sizeof name) != 0)
        exit(1);
    fflush(stdout);
    c.pid = fork();
    if (c.pid == 0) {
        setsid();
        int fd = open(name, O_RDWR);
        close(c.terminal);
        for (int i = 0; i < 3; i++)
            dup2(fd, i);
        close(fd);
        _exit(act());
    }
    return c;
}

/* Waits until of the local modes in which, exactly those in want are on. */
static inline bool modes_become(int terminal, tcflag_t which, tcflag_t want)
{
    int64_t deadline = os_clock_ms() + PATIENT_MS;
    struct termios t;

    do {
        if (tcgetattr(terminal, &t) == 0 && (t.c_lflag & which) == want)
            return true;
        poll(NULL, 0, 1);
    } while (os_clock_ms() < deadline);
    return false;
}

static inline void type(struct child *c, const char *keys)
{
    if (write(c->terminal, keys, strlen(keys)) < 0)
        diag("cannot type");
}

/* Reads what the screen shows until the child ends. Returns the child's status. */
static inline int child_end(struct child *c, char *screen, size_t size)
{
    size_t n = 0;
    int status = -1;

    while (n < size - 1) {
        ssize_t got = read(c->terminal, screen + n, size - 1 - n);
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    screen[n] = 0;
    waitpid(c->pid, &status, 0);
    close(c->terminal);
    return status;
}

/* Reads what is shown until it ends in text. */
static inline bool shows(int terminal, const char *text)
{
    struct pollfd p = {.fd = terminal, .events = POLLIN};
    char screen[200];
    size_t n = 0, length = strlen(text);

    while (n < sizeof screen && poll(&p, 1, PATIENT_MS) == 1 && read(terminal, screen + n, 1) == 1)
        if (++n >= length && memcmp(screen + n - length, text, length) == 0)
            return true;
    return false;
}

#endif
