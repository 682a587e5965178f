/* SPDX-License-Identifier: ISC */
#include "person.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "os/clock.h"

#define WORDS 24

/* In the child: the terminal becomes the one it is controlled by, and its standard streams. */
static void enter_terminal(int terminal)
{
    const struct winsize size = {.ws_row = 40, .ws_col = 100};
    int fd = -1;
    setsid();
    if (grantpt(terminal) == 0 && unlockpt(terminal) == 0)
        fd = open(ptsname(terminal), O_RDWR);
    if (fd < 0)
        _exit(126);
    ioctl(fd, TIOCSWINSZ, &size);
    for (int i = 0; i < 3; i++)
        dup2(fd, i);
    if (fd > 2)
        close(fd);
}

bool person_start(struct person *p, struct relay *relay, const char *const *words)
{
    *p = (struct person){.relay = relay, .since_ms = os_clock_ms()};
    buf_init(&p->seen, (size_t)1 << 24);
    p->terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (p->terminal < 0)
        return false;
    p->pid = fork();
    if (p->pid == 0) {
        char *argv[WORDS] = {NULL};
        for (size_t i = 0; words[i] && i + 1 < WORDS; i++)
            argv[i] = strdup(words[i]);
        enter_terminal(p->terminal);
        if (argv[0])
            execv(argv[0], argv);
        _exit(127);
    }
    return p->pid > 0;
}

static void close_terminal(struct person *p)
{
    if (p->terminal >= 0)
        close(p->terminal);
    p->terminal = -1;
}

void person_kill(struct person *p)
{
    if (p->pid <= 0)
        return;
    kill(p->pid, SIGKILL);
    waitpid(p->pid, &p->status, 0);
    p->pid = 0;
}

void person_free(struct person *p)
{
    person_kill(p);
    close_terminal(p);
    buf_free(&p->seen);
}

void person_type(struct person *p, const char *bytes, size_t n)
{
    p->since_ms = os_clock_ms();
    while (n > 0) {
        ssize_t written = write(p->terminal, bytes, n);
        if (written < 0 && errno != EINTR)
            return; /* it has ended, and that will be read */
        if (written > 0) {
            bytes += written;
            n -= (size_t)written;
        }
    }
}

/* ESC [ ... letter, and ESC with one character. */
static void see(struct person *p, char c)
{
    if (p->escape == 1)
        p->escape = c == '[' ? 2 : 0;
    else if (p->escape == 2)
        p->escape = c >= '@' && c <= '~' ? 0 : 2;
    else if (c == '\033')
        p->escape = 1;
    else if (c != '\r')
        buf_add_char(&p->seen, c);
}

/* False: there is nothing more to read, since all who had the terminal open have ended. */
static bool look(struct person *p)
{
    char bytes[4096];
    ssize_t n = read(p->terminal, bytes, sizeof bytes);
    if (n < 0 && errno == EINTR)
        return true;
    p->since_ms = os_clock_ms();
    p->bytes += n > 0 ? (uint64_t)n : 0;
    for (ssize_t i = 0; i < n; i++)
        see(p, bytes[i]);
    return n > 0;
}

/* How the program ended, once its terminal says that it has. */
static void bury(struct person *p)
{
    close_terminal(p);
    if (p->pid > 0)
        waitpid(p->pid, &p->status, 0);
    p->pid = 0;
}

bool person_wait(struct person *p, int ms)
{
    struct pollfd fds[RELAY_FDS + 1];
    if (p->pid <= 0)
        return false;
    relay_wants(p->relay, fds);
    fds[RELAY_FDS] = (struct pollfd){.fd = p->terminal, .events = POLLIN};
    int n = poll(fds, RELAY_FDS + 1, ms);
    p->stuck = os_clock_ms() - p->since_ms >= PERSON_STUCK_MS;
    if (n > 0)
        relay_serve(p->relay, fds);
    if (n > 0 && p->pid > 0 && fds[RELAY_FDS].revents && !look(p))
        bury(p);
    return p->pid > 0 && !p->stuck;
}

size_t person_find(const struct person *p, const char *text, size_t n)
{
    for (size_t at = p->read; at + n <= p->seen.n; at++)
        if (memcmp(p->seen.p + at, text, n) == 0)
            return at + n;
    return 0;
}

size_t person_find_last(const struct person *p, const char *text, size_t n)
{
    for (size_t end = p->seen.n; end >= p->read + n && end > 0; end--)
        if (memcmp(p->seen.p + end - n, text, n) == 0)
            return end;
    return 0;
}

bool person_is_raw(const struct person *p)
{
    struct termios t;
    return tcgetattr(p->terminal, &t) == 0 && !(t.c_lflag & (ICANON | ECHO));
}

void person_hang_up(struct person *p)
{
    int64_t until_ms = os_clock_ms() + PERSON_STUCK_MS;
    close_terminal(p);
    while (p->pid > 0 && !p->stuck) {
        struct pollfd fds[RELAY_FDS];
        relay_wants(p->relay, fds);
        if (poll(fds, RELAY_FDS, 1) > 0)
            relay_serve(p->relay, fds);
        if (waitpid(p->pid, &p->status, WNOHANG) == p->pid)
            p->pid = 0;
        p->stuck = os_clock_ms() >= until_ms;
    }
}
