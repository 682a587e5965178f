/* SPDX-License-Identifier: ISC */
#include "os/command.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/wait.h"
#include "tap.h"

#define SOON_MS    50
#define PATIENT_MS 20000 /* only a defect makes a test wait this long */
#define LARGE      ((size_t)4 << 20)

enum result { OK, CLOSED, TIMEOUT };

/* A command under test, with its output so far. */
struct run {
    struct os_command command;
    char said[256];
    struct os_end end;
};

static void ended(struct os_end end, enum os_end_kind kind, int number, const char *name)
{
    ok(end.kind == kind && end.number == number, "%s", name);
}

static bool run_start(struct run *r, const char *text)
{
    const char *why = "nothing";
    memset(r, 0, sizeof *r);
    if (!os_command_start(&r->command, span_str(text), &why)) {
        diag("cannot start: %s", why);
        return false;
    }
    return true;
}

/* Reads up to size bytes, *n of them. */
static enum result read_until(struct run *r, char *bytes, size_t size, int64_t deadline_ms,
                              size_t *n)
{
    for (;;) {
        ssize_t got = read(r->command.fd, bytes, size);
        if (got > 0) {
            *n = (size_t)got;
            return OK;
        }
        if (got == 0 || errno != EAGAIN)
            return CLOSED;
        if (!os_wait_input(&r->command.fd, 1, deadline_ms))
            return TIMEOUT;
    }
}

static enum result write_until(struct run *r, const char *bytes, size_t size, int64_t deadline_ms)
{
    while (size > 0) {
        ssize_t sent = send(r->command.fd, bytes, size, MSG_NOSIGNAL);
        if (sent > 0) {
            bytes += sent;
            size -= (size_t)sent;
        } else if (errno != EAGAIN) {
            return CLOSED;
        } else if (os_wait(&r->command.fd, 1, OS_WAIT_ROOM, os_clock_ms_to_us(deadline_ms)) !=
                   OS_READY) {
            return TIMEOUT;
        }
    }
    return OK;
}

static enum result run_write(struct run *r, const char *bytes, size_t n)
{
    return write_until(r, bytes, n, os_clock_ms() + PATIENT_MS);
}

/* Reads until a number of lines has come or the connection ends, and returns how it ended. */
static enum result run_read(struct run *r, size_t lines)
{
    enum result result = OK;
    size_t n = 0;

    while (result == OK && n < sizeof r->said - 1 &&
           span_count(span_of(r->said, n), '\n') < lines) {
        size_t got = 0;
        result =
            read_until(r, r->said + n, sizeof r->said - 1 - n, os_clock_ms() + PATIENT_MS, &got);
        n += got;
    }
    r->said[n] = '\0';
    return result;
}

static bool is_gone(int pid)
{
    return kill(pid, 0) != 0 && errno == ESRCH;
}

/* Ends the command. Returns whether it is gone within ms. */
static bool run_end(struct run *r, int64_t ms)
{
    int64_t begin_ms = os_clock_ms();
    int pid = (int)r->command.process;
    os_command_end(&r->command, &r->end);
    return is_gone(pid) && os_clock_ms() - begin_ms < ms;
}

static void test_talk(void)
{
    struct run r;
    size_t n = 0;
    char byte;
    ok(run_start(&r, "cat"), "os_command_start: starts cat");
    is_int(read_until(&r, &byte, 1, os_clock_ms() + SOON_MS, &n), TIMEOUT,
           "os_command: reading times out if the command is silent");
    is_int(read_until(&r, &byte, 1, INT64_MIN, &n), TIMEOUT,
           "os_command: reading with a past deadline times out at once");
    is_int(run_write(&r, "one\ntwo\n", 8), OK, "os_command: writes to the command");
    is_int(run_read(&r, 2), OK, "os_command: reads from the command");
    is_str(r.said, "one\ntwo\n", "os_command: cat returns what was written");
    ok(run_end(&r, PATIENT_MS), "os_command_end: the command ends with its input");
    ended(r.end, OS_END_EXIT, 0, "os_command_end: tells the exit code");
    r.end.number = 42;
    os_command_end(&r.command, &r.end);
    ended(r.end, OS_END_EXIT, 42, "os_command_end: does nothing the second time");
}

/* More data than the sockets hold, so that both sides must wait for each other. */
static void test_large(void)
{
    struct run r;
    char *bytes = calloc(1, LARGE);
    char text[64];
    snprintf(text, sizeof text, "head -c %zu | wc -c", LARGE);
    ok(run_start(&r, text), "os_command_start: starts a pipeline");
    is_int(run_write(&r, bytes, LARGE), OK, "os_command: writes more than the socket holds");
    is_int(run_read(&r, 1), OK, "os_command: the command has read it");
    is_int(strtoul(r.said, NULL, 10), LARGE, "os_command: the command has read all of it");
    is_int(run_read(&r, 1), CLOSED, "os_command: then the connection ends");
    run_end(&r, PATIENT_MS);

    ok(run_start(&r, "sleep 60"), "os_command_start: starts a command that does not read");
    is_int(write_until(&r, bytes, LARGE, os_clock_ms() + SOON_MS), TIMEOUT,
           "os_command: writing to it times out");
    ok(run_end(&r, PATIENT_MS), "os_command_end: ends it");
    free(bytes);
}

static void test_ends(void)
{
    static const struct {
        const char *text;
        struct os_end end;
    } rows[] = {
        {"true", {OS_END_EXIT, 0}},
        {"sh -c 'exit 3'", {OS_END_EXIT, 3}},
        {"sh -c 'kill -9 $$'", {OS_END_SIGNAL, 9}},
        {"/nowhere/pochta-none 2>/dev/null", {OS_END_EXIT, 127}},
        {"sh -c 'exec 0<&- 1>&-; exec sleep 60'", {OS_END_HANG_UP, 0}},
        {"", {OS_END_EXIT, 0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct run r;
        ok(run_start(&r, rows[i].text), "os_command_start: %s", rows[i].text);
        is_int(run_read(&r, 1), CLOSED, "os_command: reading shows that the command has ended");
        is_int(run_write(&r, "x", 1), CLOSED, "os_command: writing to it fails without a signal");
        ok(run_end(&r, PATIENT_MS), "os_command_end: the process is gone");
        ended(r.end, rows[i].end.kind, rows[i].end.number, "os_command_end: tells how it ended");
    }
}

static void test_stubborn(void)
{
    struct run r;
    ok(run_start(&r, "perl -e '$SIG{TERM} = \"IGNORE\"; $| = 1; print \"on\\n\"; sleep 60'"),
       "os_command_start: starts a command that ignores the end of its input and SIGTERM");
    is_int(run_read(&r, 1), OK, "os_command: it runs");
    ok(run_end(&r, PATIENT_MS), "os_command_end: ends it");
}

/* A command inherits which signals are ignored and blocked, except by os_wake_setup. */
static void test_signals(void)
{
    struct run r;
    unsigned long long blocked = 1, ignored = 1;
    ok(run_start(&r, "sed -n 's/^Sig\\(Blk\\|Ign\\):\\t/0x/p' /proc/self/status"),
       "os_command_start: starts a command that prints its signals");
    is_int(run_read(&r, 2), OK, "os_command: it prints them");
    char *end = r.said;
    blocked = strtoull(end, &end, 16);
    ignored = strtoull(end, NULL, 16);
    ok(!(blocked >> (OS_WAKE - 1) & 1), "os_command_start: OS_WAKE is not blocked in the command");
    ok(!(ignored >> (SIGPIPE - 1) & 1), "os_command_start: SIGPIPE is not ignored in the command");
    ok(!(ignored >> (SIGXFSZ - 1) & 1), "os_command_start: SIGXFSZ is not ignored in the command");
    run_end(&r, PATIENT_MS);
}

/* If a process that started a command dies, the command must end. */
static void test_orphan(void)
{
    int ends[2];
    char pid[16] = "";
    int64_t until_ms = os_clock_ms() + PATIENT_MS;
    if (pipe(ends) != 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        return ok(false, "a pipe, and a subreaper for orphans"), (void)0;
    pid_t parent = fork();
    if (parent == 0) {
        struct run r;
        run_start(&r, "sh -c 'echo $$; exec sleep 60'");
        run_read(&r, 1);
        if (write(ends[1], r.said, strlen(r.said)) < 0)
            _exit(1);
        kill(getpid(), SIGKILL);
    }
    close(ends[1]);
    ok(read(ends[0], pid, sizeof pid - 1) > 1,
       "os_command_start: starts a command in a process that then dies");
    close(ends[0]);
    waitpid(parent, NULL, 0);
    int command = (int)strtol(pid, NULL, 10);
    while (waitpid(command, NULL, WNOHANG) == 0 && os_clock_ms() < until_ms)
        os_clock_sleep(1);
    ok(command > 0 && is_gone(command),
       "os_command: the command dies with the process that started it");
}

static size_t count_descriptors(void)
{
    size_t n = 0;
    DIR *dir = opendir("/proc/self/fd");
    if (!dir)
        return 0;
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

#define UNTOLD             \
    {                      \
        OS_END_NOT_RUN, 42 \
    }

static void test_first_line(void)
{
    static const struct {
        const char *command, *line; /* NULL: it fails */
        int error;
        struct os_end end; /* untouched: UNTOLD */
    } rows[] = {
        {"echo one; echo two", "one", 0, UNTOLD},
        {"printf three", "three", 0, UNTOLD},
        {"true", "", 0, UNTOLD},
        {"cat", "", 0, UNTOLD},
        {"printf 12345678; yes | head -c 200000", "12345678y", 0, UNTOLD},
        {"printf 0123456789; exec yes 2>/dev/null | head -c 200000", NULL, EFBIG, UNTOLD},
        {"echo one; exit 3", NULL, EIO, {OS_END_EXIT, 3}},
        {"kill -9 $$", NULL, EIO, {OS_END_SIGNAL, 9}},
        {"/nowhere 2>/dev/null", NULL, EIO, {OS_END_EXIT, 127}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char bytes[9];
        struct os_end end = UNTOLD;
        int64_t n = os_command_first_line(rows[i].command, bytes, sizeof bytes, &end);
        ok(rows[i].line
               ? n == (int64_t)strlen(rows[i].line) && memcmp(bytes, rows[i].line, (size_t)n) == 0
               : n == -1 && errno == rows[i].error,
           "os_command_first_line: %s", rows[i].command);
        ended(end, rows[i].end.kind, rows[i].end.number, "... and how it ended, if not well");
    }
}

static void do_nothing(void *ctx)
{
    (void)ctx;
}

static void test_run(void)
{
    char *const none[] = {NULL};
    const struct os_command_meanwhile meanwhile = {PATIENT_MS, do_nothing, NULL};
    struct os_end end;
    ok(os_command_run("true", none, &meanwhile, &end), "os_command_run: true");
    ok(!os_command_run("exit 3", none, &meanwhile, &end), "os_command_run: exit 3");
    ended(end, OS_END_EXIT, 3, "os_command_run: tells the exit code");
    ok(!os_command_run("kill -9 $$", none, &meanwhile, &end), "os_command_run: kill -9");
    ended(end, OS_END_SIGNAL, 9, "os_command_run: tells the signal");
}

int main(void)
{
    os_wake_setup();
    signal(
        SIGCHLD,
        SIG_IGN); /* as some parents leave it: the end of a command must be noticed all the same */
    size_t before = count_descriptors();
    test_talk();
    test_large();
    test_ends();
    test_stubborn();
    test_signals();
    test_orphan();
    test_first_line();
    test_run();
    is_int(count_descriptors(), before, "os_command_end: leaves no descriptor open");
    ok(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "os_command_end: leaves no child");
    return done_testing();
}
