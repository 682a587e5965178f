/*
 * The code under test runs in a child with a terminal of its own; this side is the person at the
 * terminal, sees the screen and, through the master's settings, whether echo is on.
 */
#include "os/tty.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "os/clock.h"
#include "random.h"
#include "tap.h"

#define PATIENT_MS 20000

struct child {
    int terminal; /* the master's side */
    pid_t pid;
};

/* Runs act with a new terminal as descriptor 0 to 2; its result is the exit code. */
static struct child child_start(int (*act)(void))
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

/* Waits until the local modes of the terminal have, of which, just these. */
static bool modes_become(int terminal, tcflag_t which, tcflag_t want)
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

static void type(struct child *c, const char *keys)
{
    if (write(c->terminal, keys, strlen(keys)) < 0)
        diag("cannot type");
}

/* All that the screen shows until the child is gone, and how it went. */
static int child_end(struct child *c, char *screen, size_t size)
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
    return os_tty_key() && os_tty_key() && os_tty_key() && !os_tty_key() ? 0 : 1;
}

static void test_hidden(void)
{
    char screen[200];
    struct child c = child_start(read_secret);

    ok(modes_become(c.terminal, ECHO | ICANON, ICANON), "echo is off, lines are on");
    type(&c, "secret\n");
    is_int(child_end(&c, screen, sizeof screen), 0, "the line is read");
    is_str(screen, "\r\n", "and only its end shows");
}

static void test_signal(const char *key, int signal_number)
{
    struct termios t;
    struct child c = child_start(read_secret);

    int other = open(ptsname(c.terminal), O_RDWR | O_NOCTTY); /* keeps the modes for us to see */
    ok(modes_become(c.terminal, ECHO, 0), "echo is off");
    if (key)
        type(&c, key);
    else
        kill(c.pid, signal_number);
    int status = -1;
    waitpid(c.pid, &status, 0);
    ok(WIFSIGNALED(status) && WTERMSIG(status) == signal_number, "signal %d ends it",
       signal_number);
    ok(tcgetattr(other, &t) == 0 && (t.c_lflag & ECHO), "echo is on again");
    close(other);
    close(c.terminal);
}

static void test_keys(void)
{
    char screen[200];
    struct child c = child_start(read_keys);

    ok(modes_become(c.terminal, ECHO | ICANON, 0), "keys come one by one");
    type(&c, "\033[3~x\033OA\004");
    is_int(child_end(&c, screen, sizeof screen), 0, "three keys, typed ahead, then the end");
    is_str(screen, "", "nothing shows");
}

/* What stands behind a line stays for the next reader. */
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
    ok(os_tty_line(&line, true) && span_eq(buf_span(&line), SPAN("one")), "a line");
    ok(os_tty_line(&line, false) && line.n == 0, "an empty line");
    ok(!os_tty_line(&line, true) && !buf_ok(&line), "a line too long");
    ok(os_tty_key(), "a line for a key");
    is_int(read(0, rest, 1), 1, "the rest is there");
    ok(os_tty_line(&line, true) && span_eq(buf_span(&line), SPAN("our")), "a line without an end");
    ok(!os_tty_line(&line, true) && buf_ok(&line), "the end");
    ok(!os_tty_key(), "no more keys");
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

/* Acts until it is told to stop; a byte that then is left is nothing to wait for. */
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
       "what else there is to do is done before a key is pressed");
    type(&c, "a line\n");
    ok(modes_become(c.terminal, ICANON, 0), "then the line is read");
    type(&c, "x");
    is_int(child_end(&c, screen, sizeof screen), 0, "and a key");
}

int main(void)
{
    test_hidden();
    test_aside();
    test_signal("\003", SIGINT);
    test_signal(NULL, SIGTERM);
    test_signal(NULL, SIGHUP);
    test_keys();
    test_pipe();
    return done_testing();
}
