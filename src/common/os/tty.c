/* SPDX-License-Identifier: ISC */
/*
 * Input is read byte by byte from the descriptor, never through stdio, so that the input after a
 * line stays where it is, for the next call or for another program.
 *
 * While the terminal's settings are changed, the signals that end or stop a program are blocked and
 * noticed through a signalfd. The settings are restored first, then the signals are unblocked and
 * do what they do. After a stop, reading goes on. So no handler and no global variable is needed.
 */
#include "os/tty.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "os/clock.h"

#define TTY       0
#define SCREEN    1
#define ESC       0x1b
#define EOT       0x04 /* Ctrl-D, which means the end only in line mode */
#define KEY_BYTES 8    /* sent by the longest key */
#define LINE_ROOM 8192 /* more than a terminal's longest line */

static const struct os_tty_aside *aside;

void os_tty_meanwhile(const struct os_tty_aside *what)
{
    aside = what;
}

/* The time that is left, for poll. */
static int ms_until(int64_t until_ms)
{
    if (until_ms == INT64_MAX)
        return -1;
    int64_t left = until_ms - os_clock_ms();
    return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

/*
 * Waits until descriptor 0 can be read, and returns true; or one of two others can (-1: none), or
 * the time has come, and returns false.
 */
static bool wait_or(int one, int other, int64_t until_ms)
{
    struct pollfd fds[] = {{.fd = TTY, .events = POLLIN},
                           {.fd = one, .events = POLLIN},
                           {.fd = other, .events = POLLIN},
                           {.fd = -1, .events = POLLIN}};
    for (;;) {
        fds[3].fd = aside ? aside->fd : -1;
        int n = TEMP_FAILURE_RETRY(poll(fds, 4, ms_until(until_ms)));
        if (n > 0 && aside && fds[3].revents && !aside->act(aside->ctx))
            aside = NULL;
        if (n < 0 || fds[0].revents)
            return true;
        if (fds[1].revents || fds[2].revents || os_clock_ms() >= until_ms)
            return false;
    }
}

bool os_tty_is_terminal(int fd)
{
    return isatty(fd) == 1;
}

unsigned os_tty_columns(int fd)
{
    struct winsize size;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

bool os_tty_has_sequences(int fd)
{
    const char *term = getenv("TERM");
    return term && *term && strcmp(term, "dumb") != 0 && os_tty_is_terminal(fd);
}

struct guard {
    struct termios before;
    struct termios during;
    bool pastes;      /* pasted text is marked meanwhile */
    sigset_t signals; /* blocked meanwhile */
    sigset_t mask;    /* from before */
    int fd;           /* the signalfd, or -1 */
};

/* Turns the marks around pasted text on or off. A terminal that does not know them ignores this. */
static void mark_pastes(bool on)
{
    ssize_t n = write(SCREEN, on ? "\033[?2004h" : "\033[?2004l", 8);
    (void)n;
}

/* TCSADRAIN, not TCSAFLUSH, which would discard input that was typed ahead. */
static void guard_close(struct guard *g)
{
    int saved = errno;
    if (g->pastes)
        mark_pastes(false);
    tcsetattr(TTY, TCSADRAIN, &g->before);
    pthread_sigmask(SIG_SETMASK, &g->mask, NULL);
    errno = saved;
}

static void guard_open(struct guard *g)
{
    pthread_sigmask(SIG_BLOCK, &g->signals, &g->mask);
    tcsetattr(TTY, TCSADRAIN, &g->during);
    if (g->pastes)
        mark_pastes(true);
}

/*
 * Turns local modes of the terminal off and on, and with raw also everything that changes input.
 * Returns false if this is not a terminal.
 */
static bool guard_begin(struct guard *g, tcflag_t off, tcflag_t on, bool raw)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
    if (tcgetattr(TTY, &g->before) != 0)
        return false;
    g->pastes = raw;
    g->during = g->before;
    if (raw)
        g->during.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | ISTRIP | IXON);
    g->during.c_lflag = (g->before.c_lflag & ~off) | on;
    g->during.c_cc[VMIN] = 1;
    g->during.c_cc[VTIME] = 0;
    sigemptyset(&g->signals);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaddset(&g->signals, signals[i]);
    if (raw) { /* the screen must be drawn again after these */
        sigaddset(&g->signals, SIGWINCH);
        sigaddset(&g->signals, SIGCONT);
    }
    g->fd = signalfd(-1, &g->signals, SFD_CLOEXEC);
    guard_open(g);
    return true;
}

static void guard_end(struct guard *g)
{
    guard_close(g);
    if (g->fd >= 0)
        close(g->fd);
}

/* Waits for a byte or the end of input, and lets signals through meanwhile. */
static void guard_wait(struct guard *g)
{
    while (!wait_or(g->fd, -1, INT64_MAX)) {
        guard_close(g);
        guard_open(g);
    }
}

/* Reads one byte; -1 at the end of input. g is NULL if the terminal's settings are unchanged. */
static int read_byte(struct guard *g)
{
    unsigned char c;
    if (g)
        guard_wait(g);
    else if (aside)
        wait_or(-1, -1, INT64_MAX);
    ssize_t n = TEMP_FAILURE_RETRY(read(TTY, &c, 1));
    if (n == 0)
        errno = 0;
    return n == 1 ? c : -1;
}

/* Reads to the end of the line even if the buffer is full, so that the next call reads the next
 * line. */
static bool read_line(struct buf *line, struct guard *g)
{
    int c = read_byte(g);
    if (c < 0)
        return false;
    for (; c >= 0 && c != '\n'; c = read_byte(g))
        buf_add_char(line, (char)c);
    return buf_ok(line) && (c >= 0 || errno == 0);
}

bool os_tty_line(struct buf *line, bool echo)
{
    struct guard g;
    buf_clear(line);
    if (echo || !guard_begin(&g, ECHO, ECHONL, false))
        return read_line(line, NULL);
    bool ok = read_line(line, &g);
    guard_end(&g);
    return ok;
}

bool os_tty_part(struct buf *text, bool *end)
{
    char *room = buf_space(text, LINE_ROOM);
    errno = ENOMEM;
    if (!room)
        return false;
    ssize_t n = TEMP_FAILURE_RETRY(read(TTY, room, LINE_ROOM));
    if (n < 0)
        return false;
    *end = n == 0 || (room[n - 1] != '\n' && isatty(TTY));
    buf_added(text, (size_t)n);
    return true;
}

bool os_tty_enter(int *before)
{
    *before = fcntl(TTY, F_DUPFD_CLOEXEC, TTY + 1);
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd == TTY)
        return true;
    bool is_there = fd >= 0 && dup2(fd, TTY) == TTY;
    if (fd >= 0)
        close(fd);
    if (!is_there && *before >= 0)
        close(*before);
    return is_there;
}

void os_tty_leave(int before)
{
    if (before < 0) {
        close(TTY);
        return;
    }
    dup2(before, TTY);
    close(before);
}

void os_tty_say(const char *text)
{
    ssize_t n = write(TTY, text, strlen(text));
    (void)n;
}

bool os_tty_wait(int fd, int64_t until_ms)
{
    return wait_or(fd, -1, until_ms);
}

/*
 * Some keys send several bytes: discards the others, but no input that was typed ahead. An escape
 * sequence ends with a letter, except O, which begins some, or with ~.
 */
static void drop_rest_of_key(int first)
{
    struct pollfd p = {.fd = TTY, .events = POLLIN};
    int left = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0;
    unsigned char c;
    if (first == ESC)
        left = KEY_BYTES;
    while (left-- > 0 && poll(&p, 1, 0) > 0 && read(TTY, &c, 1) == 1) {
        if (first == ESC && (c == '~' || (isalpha(c) && c != 'O')))
            break;
    }
}

void os_tty_forget(void)
{
    tcflush(TTY, TCIFLUSH);
}

bool os_tty_key(void)
{
    struct guard g;
    struct buf line;
    if (!guard_begin(&g, ECHO | ICANON, 0, false)) {
        buf_init(&line, 0);
        return read_line(&line, NULL) || !buf_ok(&line);
    }
    int c = read_byte(&g);
    drop_rest_of_key(c);
    guard_end(&g);
    return c >= 0 && c != EOT;
}

/* The signals of a crash. */
static const int crashes[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV};

#define CRASHES (sizeof crashes / sizeof crashes[0])

/* There is one terminal; a handler must find what it was like before. */
static struct {
    struct guard guard;
    struct sigaction before[CRASHES];
    void (*at_end)(void *ctx);
    void *ctx;
} raw;

static void put_back(int number)
{
    mark_pastes(false);
    tcsetattr(TTY, TCSANOW, &raw.guard.before);
    for (size_t i = 0; i < CRASHES; i++)
        if (crashes[i] == number)
            sigaction(number, &raw.before[i], NULL);
    raise(number);
}

static void expect_no_crash(void)
{
    for (size_t i = 0; i < CRASHES; i++)
        sigaction(crashes[i], &raw.before[i], NULL);
}

bool os_tty_raw_begin(void)
{
    struct sigaction crash = {.sa_handler = put_back, .sa_flags = SA_NODEFER};
    if (!os_tty_has_sequences(SCREEN))
        return false;
    if (tcgetattr(TTY, &raw.guard.before) != 0)
        return false;
    for (size_t i = 0; i < CRASHES; i++)
        sigaction(crashes[i], &crash, &raw.before[i]);
    if (guard_begin(&raw.guard, ECHO | ICANON | ISIG | IEXTEN, 0, true))
        return true;
    expect_no_crash();
    return false;
}

void os_tty_raw_end(void)
{
    guard_end(&raw.guard);
    expect_no_crash();
}

void os_tty_raw_stop(void)
{
    guard_close(&raw.guard);
    kill(0, SIGTSTP);
    guard_open(&raw.guard);
}

void os_tty_raw_at_end(void (*act)(void *ctx), void *ctx)
{
    raw.at_end = act;
    raw.ctx = ctx;
}

/* Whether a signal waits that may end the process. */
static bool may_end(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    sigset_t waiting;
    bool any = false;
    sigpending(&waiting);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        any = any || sigismember(&waiting, signals[i]) == 1;
    return any;
}

/* A terminal that is gone is read before its signal comes, or after it. */
static void end_soon(void)
{
    if (raw.at_end)
        raw.at_end(raw.ctx);
}

enum os_tty_event os_tty_raw_wait(int fd, int64_t until_ms, char *bytes, size_t size, size_t *n)
{
    struct pollfd signalled = {.fd = raw.guard.fd, .events = POLLIN};
    if (!wait_or(raw.guard.fd, fd, until_ms)) {
        if (poll(&signalled, 1, 0) == 0)
            return os_clock_ms() >= until_ms ? OS_TTY_TIME : OS_TTY_READY;
        if (may_end())
            end_soon();
        guard_close(&raw.guard);
        guard_open(&raw.guard);
        return OS_TTY_REDRAW;
    }
    ssize_t got = TEMP_FAILURE_RETRY(read(TTY, bytes, size));
    *n = got > 0 ? (size_t)got : 0;
    if (got > 0)
        return OS_TTY_INPUT;
    end_soon();
    return OS_TTY_ENDED;
}

void os_tty_draw(struct span text)
{
    while (text.n > 0) {
        ssize_t n = TEMP_FAILURE_RETRY(write(SCREEN, text.p, text.n));
        if (n < 0)
            return;
        text = span_skip(text, (size_t)n);
    }
}

void os_tty_size(unsigned *columns, unsigned *rows)
{
    struct winsize size = {.ws_col = 0};
    ioctl(SCREEN, TIOCGWINSZ, &size);
    *columns = size.ws_col > 0 ? size.ws_col : 80;
    *rows = size.ws_row > 0 ? size.ws_row : 24;
}
