/* SPDX-License-Identifier: ISC */
/* Input in parts and by keys, terminals that are entered and left, and those that are odd. */
#include <errno.h>
#include <signal.h>

#include "os_terminal.h"

static bool part_is(struct buf *b, const char *text, bool expected_end)
{
    bool end = !expected_end;

    buf_clear(b);
    return os_tty_part(b, &end) && span_eq(buf_span(b), span_str(text)) && end == expected_end;
}

static int read_parts(void)
{
    struct buf b;
    int result = 0;

    buf_init(&b, 100000);
    if (!part_is(&b, "one\n", false) || write(1, "+", 1) != 1)
        result = 2;
    else if (!part_is(&b, "two", true) || write(1, "+", 1) != 1)
        result = 3;
    else if (!part_is(&b, "", true))
        result = 4;
    buf_free(&b);
    return result;
}

static void test_parts(void)
{
    struct child c = child_start(read_parts);
    char screen[200];

    type(&c, "one\n");
    ok(shows(c.terminal, "+"), "os_tty_part: a line");
    type(&c, "two\004");
    ok(shows(c.terminal, "+"), "os_tty_part: what was typed before Ctrl-D, which is the end");
    type(&c, "\004");
    is_int(child_end(&c, screen, sizeof screen), 0, "os_tty_part: Ctrl-D alone");
}

/* Puts a descriptor in the place of standard input while act runs. */
static bool with_input(int fd, bool (*act)(void))
{
    int saved = dup(0);

    if (fd >= 0)
        dup2(fd, 0);
    else
        close(0);
    bool good = act();
    dup2(saved, 0);
    close(saved);
    return good;
}

static bool reads_pipe(void)
{
    struct buf b;

    buf_init(&b, 100000);
    bool good = part_is(&b, "no end of a line", false) && part_is(&b, "", true);
    buf_free(&b);
    return good;
}

static bool fails_to_read(void)
{
    struct buf b;
    bool end;

    buf_init(&b, 100000);
    bool good = !os_tty_part(&b, &end) && errno == EBADF;
    buf_free(&b);
    return good;
}

static bool has_no_room(void)
{
    struct buf b;
    bool end;

    buf_init(&b, 10);
    bool good = !os_tty_part(&b, &end) && errno == ENOMEM;
    buf_free(&b);
    return good;
}

static void test_no_terminal(void)
{
    int ends[2];

    if (pipe(ends) != 0 || write(ends[1], "no end of a line", 16) != 16)
        return ok(false, "a pipe"), (void)0;
    close(ends[1]);
    ok(with_input(ends[0], reads_pipe), "os_tty_part: a pipe, and its end");
    ok(with_input(-1, fails_to_read), "os_tty_part: EBADF without an input");
    ok(with_input(ends[0], has_no_room), "os_tty_part: ENOMEM without room");
    close(ends[0]);
}

static bool takes_empty_line(void)
{
    bool first = os_tty_key(), second = os_tty_key();

    return first && !second;
}

static bool waits_for_nothing(void)
{
    int64_t begin_ms = os_clock_ms();
    bool came = os_tty_wait(-1, begin_ms - 10) || os_tty_wait(-1, begin_ms + 20);

    return !came && os_clock_ms() - begin_ms >= 20;
}

static bool waits_long(void)
{
    return os_tty_wait(-1, os_clock_ms() + (INT64_C(1) << 40));
}

static void test_waits(void)
{
    int ends[2];

    if (pipe(ends) != 0)
        return ok(false, "a pipe"), (void)0;
    ok(with_input(ends[0], waits_for_nothing), "os_tty_wait: until the time has come");
    ok(write(ends[1], "\n", 1) == 1 && with_input(ends[0], waits_long),
       "os_tty_wait: until there is input, for up to 34 years");
    close(ends[1]);
    ok(with_input(ends[0], takes_empty_line), "os_tty_key: an empty line is a key, too");
    close(ends[0]);
}

/* --- keys --- */

static int read_long_keys(void)
{
    for (int i = 0; i < 3; i++)
        if (!os_tty_key())
            return 2;
    if (write(1, "+", 1) != 1 || !os_tty_key() || write(1, "+", 1) != 1)
        return 3;
    signal(SIGHUP, SIG_IGN);
    return os_tty_key() ? 4 : 0;
}

static void test_keys(void)
{
    struct child c = child_start(read_long_keys);
    int status = -1;

    ok(modes_become(c.terminal, ECHO | ICANON, 0), "os_tty_key: line mode is off");
    type(&c, "\u00e9\u20ac\U0001f600");
    ok(shows(c.terminal, "+"), "os_tty_key: letters of two, three and four bytes are one key each");
    type(&c, "\xe2");
    ok(shows(c.terminal, "+"), "os_tty_key: does not wait for the rest of a letter");
    close(c.terminal);
    waitpid(c.pid, &status, 0);
    ok(WIFEXITED(status) ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGHUP,
       "os_tty_key: false when the terminal is gone");
}

/* --- a terminal in the place of another input --- */

static int enter_and_leave(void)
{
    int ends[2], before;
    char c;

    if (pipe(ends) != 0 || write(ends[1], "x", 1) != 1)
        return 2;
    dup2(ends[0], 0);
    if (!os_tty_enter(&before) || !os_tty_is_terminal(0))
        return 3;
    os_tty_leave(before);
    if (os_tty_is_terminal(0) || read(0, &c, 1) != 1 || c != 'x')
        return 4;
    close(0);
    if (!os_tty_enter(&before) || !os_tty_is_terminal(0))
        return 5;
    os_tty_leave(before);
    if (fcntl(0, F_GETFD) >= 0)
        return 6;
    signal(SIGHUP, SIG_IGN); /* of a session that gives up its terminal */
    return ioctl(1, TIOCNOTTY) == 0 && os_tty_enter(&before) ? 7 : 0;
}

static void test_enter(void)
{
    struct child c = child_start(enter_and_leave);
    char screen[200];

    is_int(child_end(&c, screen, sizeof screen), 0,
           "os_tty_enter: the terminal, and os_tty_leave: what was there before, or nothing");
}

/* --- odd terminals --- */

static int look_at_terminal(void)
{
    unsigned columns = 1, rows = 1;

    os_tty_size(&columns, &rows);
    if (columns != 80 || rows != 24)
        return 2;
    setenv("TERM", "", 1);
    if (os_tty_has_sequences(1))
        return 3;
    setenv("TERM", "xterm", 1);
    if (!os_tty_has_sequences(1))
        return 4;
    dup2(open("/dev/null", O_RDWR | O_CLOEXEC), 0);
    if (os_tty_raw_begin())
        return 5;
    dup2(open("/dev/full", O_RDWR | O_CLOEXEC), 1);
    os_tty_draw(SPAN("lost"));
    return 0;
}

static void test_odd(void)
{
    struct child c = child_start(look_at_terminal);
    char screen[200];

    is_int(child_end(&c, screen, sizeof screen), 0,
           "a terminal without a size, without a name, and only for output");
    is_str(screen, "", "... on which nothing is written");
}

/* --- something else that never comes --- */

static bool never(void *ctx)
{
    int *acted = ctx;

    ++*acted;
    return true;
}

static int read_with_silence(void)
{
    int ends[2], acted = 0;
    struct os_tty_aside aside = {-1, never, &acted};
    struct buf line;

    if (pipe(ends) != 0)
        return 2;
    aside.fd = ends[0];
    os_tty_meanwhile(&aside);
    buf_init(&line, 100);
    bool good = os_tty_line(&line, true) && span_eq(buf_span(&line), SPAN("a line"));
    buf_free(&line);
    os_tty_meanwhile(NULL);
    return good && acted == 0 ? 0 : 3;
}

static void test_silence(void)
{
    struct child c = child_start(read_with_silence);
    char screen[200];

    type(&c, "a line\n");
    is_int(child_end(&c, screen, sizeof screen), 0,
           "os_tty_meanwhile: act is not called while nothing comes");
}

int main(void)
{
    test_parts();
    test_no_terminal();
    test_waits();
    test_keys();
    test_enter();
    test_odd();
    test_silence();
    return done_testing();
}
