/* SPDX-License-Identifier: ISC */
#include "os/tty.h"

#include <signal.h>

#include "os_terminal.h"

static int read_secret(void)
{
    struct buf line;
    buf_init(&line, 100);
    bool good = os_tty_line(&line, false) && span_eq(buf_span(&line), SPAN("secret"));
    buf_free(&line);
    return good ? 0 : 1;
}

static int read_keys(void)
{
    /* NOLINTNEXTLINE(misc-redundant-expression): each call takes a key. */
    return os_tty_key() && os_tty_key() && os_tty_key() && !os_tty_key() ? 0 : 1;
}

static void test_hidden(void)
{
    char screen[200];
    struct child c = child_start(read_secret);

    ok(modes_become(c.terminal, ECHO | ICANON, ICANON),
       "os_tty_line: echo is off, line mode stays on");
    type(&c, "secret\n");
    is_int(child_end(&c, screen, sizeof screen), 0, "os_tty_line: reads the line");
    is_str(screen, "\r\n", "os_tty_line: only the end of the line is shown");
}

static void test_signal(const char *key, int signal_number)
{
    struct termios t;
    struct child c = child_start(read_secret);

    int other = open(ptsname(c.terminal),
                     O_RDWR | O_NOCTTY); /* keeps the terminal's settings after the child's end */
    ok(modes_become(c.terminal, ECHO, 0), "os_tty_line: echo is off");
    if (key)
        type(&c, key);
    else
        kill(c.pid, signal_number);
    int status = -1;
    waitpid(c.pid, &status, 0);
    ok(WIFSIGNALED(status) && WTERMSIG(status) == signal_number,
       "os_tty_line: signal %d ends the process", signal_number);
    ok(tcgetattr(other, &t) == 0 && (t.c_lflag & ECHO),
       "os_tty_line: echo is on again after the signal");
    close(other);
    close(c.terminal);
}

static void test_keys(void)
{
    char screen[200];
    struct child c = child_start(read_keys);

    ok(modes_become(c.terminal, ECHO | ICANON, 0), "os_tty_key: line mode is off");
    type(&c, "\033[3~x\033OA\004");
    is_int(child_end(&c, screen, sizeof screen), 0,
           "os_tty_key: three keys that were typed ahead, then the end");
    is_str(screen, "", "os_tty_key: nothing is shown");
}

/* The input after a line must stay for the next reader. */
static void test_pipe(void)
{
    static const char text[] = "one\n\nthree is long\nkey\nfour";
    struct buf line;
    int ends[2];
    char rest[100];

    if (pipe(ends) != 0 || dup2(ends[0], 0) < 0 || write(ends[1], text, sizeof text - 1) < 0)
        return ok(false, "a pipe"), (void)0;
    close(ends[0]);
    close(ends[1]);
    buf_init(&line, 5);
    ok(os_tty_line(&line, true) && span_eq(buf_span(&line), SPAN("one")),
       "os_tty_line: a line from a pipe");
    ok(os_tty_line(&line, false) && line.n == 0, "os_tty_line: an empty line");
    ok(!os_tty_line(&line, true) && !buf_ok(&line), "os_tty_line: fails if the line is too long");
    ok(os_tty_key(), "os_tty_key: takes a line from a pipe");
    is_int(read(0, rest, 1), 1, "os_tty_line: leaves the input after a line alone");
    ok(os_tty_line(&line, true) && span_eq(buf_span(&line), SPAN("our")),
       "os_tty_line: a line without LF");
    ok(!os_tty_line(&line, true) && buf_ok(&line), "os_tty_line: false at the end of input");
    ok(!os_tty_key(), "os_tty_key: false at the end of input");
    buf_free(&line);
}

struct pipe {
    int ends[2], acted;
};

static bool take_byte(void *ctx)
{
    struct pipe *p = ctx;
    char c;

    p->acted++;
    return read(p->ends[0], &c, 1) == 1 && c == '+' && write(1, &c, 1) == 1;
}

/* act is called until it returns false; the byte that is left must not be waited for. */
static int read_with_aside(void)
{
    struct pipe p = {.acted = 0};
    struct os_tty_aside aside = {-1, take_byte, &p};
    struct buf line;

    if (pipe(p.ends) != 0 || write(p.ends[1], "++-?", 4) != 4)
        return 2;
    aside.fd = p.ends[0];
    os_tty_meanwhile(&aside);
    buf_init(&line, 100);
    bool good = os_tty_line(&line, true) && os_tty_key() && p.acted == 3 &&
                span_eq(buf_span(&line), SPAN("a line"));
    buf_free(&line);
    return good ? 0 : 1;
}

static bool shows_plus(int terminal)
{
    struct pollfd p = {.fd = terminal, .events = POLLIN};
    char c;

    return poll(&p, 1, PATIENT_MS) == 1 && read(terminal, &c, 1) == 1 && c == '+';
}

static void test_aside(void)
{
    char screen[200];
    struct child c = child_start(read_with_aside);

    ok(shows_plus(c.terminal) && shows_plus(c.terminal),
       "os_tty_meanwhile: act is called while a line is awaited");
    type(&c, "a line\n");
    ok(modes_become(c.terminal, ICANON, 0), "os_tty_meanwhile: the line is read afterwards");
    type(&c, "x");
    is_int(child_end(&c, screen, sizeof screen), 0, "os_tty_meanwhile: a key is read afterwards");
}

/* In raw mode Ctrl-C, Ctrl-D and CR are bytes like others; then comes and a new size is told. */
static int read_raw(void)
{
    char bytes[8];
    size_t n = 0, more = 0;
    unsigned columns, rows;

    setenv("TERM", "xterm", 1);
    if (!os_tty_raw_begin())
        return 2;
    while (n < 4 &&
           os_tty_raw_wait(-1, INT64_MAX, bytes + n, sizeof bytes - n, &more) == OS_TTY_INPUT)
        n += more;
    if (n != 4 || memcmp(bytes, "\003\004\r\032", 4) != 0)
        return 3;
    if (os_tty_raw_wait(-1, os_clock_ms(), bytes, sizeof bytes, &n) != OS_TTY_TIME ||
        write(1, "+", 1) < 0)
        return 4;
    if (os_tty_raw_wait(-1, INT64_MAX, bytes, sizeof bytes, &n) != OS_TTY_REDRAW ||
        write(1, "+", 1) < 0)
        return 5;
    os_tty_size(&columns, &rows);
    if (columns != 40 || rows != 12)
        return 6;
    if (os_tty_raw_wait(-1, INT64_MAX, bytes, sizeof bytes, &n) != OS_TTY_INPUT)
        return 7;
    os_tty_raw_end();
    return 0;
}

static void test_raw(void)
{
    struct winsize size = {.ws_col = 40, .ws_row = 12};
    struct termios t;
    struct child c = child_start(read_raw);
    int other = open(ptsname(c.terminal), O_RDWR | O_NOCTTY), status = -1;

    ok(shows(c.terminal, "\033[?2004h"), "os_tty_raw_begin: asks for marks around what is pasted");
    ok(modes_become(c.terminal, ECHO | ICANON | ISIG, 0),
       "os_tty_raw_begin: no echo, no lines, no signals");
    type(&c, "\003\004\r\032");
    ok(shows(c.terminal, "+"), "os_tty_raw_wait: bytes, then a time");
    ioctl(c.terminal, TIOCSWINSZ, &size);
    ok(shows(c.terminal, "+"), "os_tty_raw_wait: a new size");
    type(&c, "x");
    ok(shows(c.terminal, "\033[?2004l"), "os_tty_raw_end: wants no more marks");
    waitpid(c.pid, &status, 0);
    is_int(status, 0, "os_tty_size: the new size");
    ok(tcgetattr(other, &t) == 0 &&
           (t.c_lflag & (ECHO | ICANON | ISIG)) == (ECHO | ICANON | ISIG) && (t.c_iflag & ICRNL),
       "os_tty_raw_end: puts the terminal back");
    close(other);
    close(c.terminal);
}

static int wait_raw(void)
{
    char byte = '\0';
    size_t n;

    setenv("TERM", "xterm", 1);
    if (os_tty_raw_begin())
        os_tty_raw_wait(-1, INT64_MAX, &byte, 1, &n);
    if (byte == 's')
        raise(SIGSEGV);
    return byte == 'a' ? abort(), 1 : 1;
}

/*
 * with: the signal that ends the process, or 0: it calls abort. SIGSEGV it raises itself: one from
 * another process may be lost under valgrind.
 */
static void test_raw_ends(int with)
{
    struct termios t;
    struct child c = child_start(wait_raw);
    int other = open(ptsname(c.terminal), O_RDWR | O_NOCTTY), status = -1;

    ok(modes_become(c.terminal, ECHO | ICANON | ISIG, 0), "os_tty_raw_begin");
    if (with == 0 || with == SIGSEGV)
        type(&c, with == 0 ? "a" : "s");
    else
        kill(c.pid, with);
    waitpid(c.pid, &status, 0);
    int by = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    /* A sanitizer has a handler for SIGSEGV, which aborts, or exits with a code of its own. */
    bool by_handler = by == SIGABRT || (WIFEXITED(status) && WEXITSTATUS(status) > 1);
    ok(by == (with ? with : SIGABRT) || (with == SIGSEGV && by_handler),
       "raw mode: signal %d ends the process", with ? with : SIGABRT);
    ok(tcgetattr(other, &t) == 0 && (t.c_lflag & (ECHO | ICANON | ISIG)) == (ECHO | ICANON | ISIG),
       "raw mode: the terminal is put back before signal %d", with ? with : SIGABRT);
    close(other);
    close(c.terminal);
}

static int begin_dumb(void)
{
    setenv("TERM", "dumb", 1);
    bool dumb = os_tty_raw_begin();
    unsetenv("TERM");
    return dumb || os_tty_raw_begin();
}

static void test_dumb(void)
{
    char screen[200];
    struct child c = child_start(begin_dumb);

    is_int(child_end(&c, screen, sizeof screen), 0,
           "os_tty_raw_begin: not with TERM=dumb, nor without it");
    is_str(screen, "", "... and nothing is written");
}

int main(void)
{
    test_hidden();
    test_aside();
    test_signal("\003", SIGINT);
    test_signal(NULL, SIGTERM);
    test_signal(NULL, SIGHUP);
    test_keys();
    test_raw();
    test_raw_ends(SIGTERM);
    test_raw_ends(SIGHUP);
    test_raw_ends(SIGSEGV);
    test_raw_ends(0);
    test_dumb();
    test_pipe();
    return done_testing();
}
