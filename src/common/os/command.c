/* SPDX-License-Identifier: ISC */
/*
 * The connection is a socket pair and not two pipes, so that it can be used like any other socket.
 *
 * The command stays in our process group. In a group of its own it could not read from the terminal
 * and would survive Ctrl-C; in ours, signals from the terminal end or stop both of us.
 */
#include "os/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "os/clock.h"
#include "os/error.h"
#include "os/net.h"
#include "os/wait.h"

#define GRACE_MS 500
#define NAP_MS   2
#define CANNOT   127 /* exit code of a shell that cannot run a command */
#define OURS     0
#define THEIRS   1

/* Only our end is non-blocking: a command expects its standard input and output to block. */
static bool open_ends(int ends[2])
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    if (fcntl(ends[OURS], F_SETFL, O_NONBLOCK) == 0)
        return true;
    os_net_close(ends[OURS]);
    os_net_close(ends[THEIRS]);
    return false;
}

/* Runs in the child. The command gets signals as they were before os_wake_setup. */
static _Noreturn void exec_command(const char *line, char *const *variables, int in, int out,
                                   pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(CANNOT); /* it died before prctl */
    os_wake_undo();
    for (; *variables; variables++)
        putenv(*variables);
    if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
        execl("/bin/sh", "sh", "-c", line, (char *)NULL);
    _exit(CANNOT);
}

static char *const no_variables[] = {NULL};

/* Returns the process's id, or -1 and sets errno. */
static pid_t start_shell(const char *line, char *const *variables, int in, int out)
{
    pid_t self = getpid();
    signal(SIGCHLD, SIG_DFL);
    pid_t pid = fork();
    if (pid == 0)
        exec_command(line, variables, in, out, self);
    return pid;
}

static bool start_connected(struct os_command *c, const char *line)
{
    int ends[2];
    if (!open_ends(ends))
        return false;
    c->process = start_shell(line, no_variables, ends[THEIRS], ends[THEIRS]);
    os_net_close(ends[THEIRS]);
    c->fd = ends[OURS];
    if (c->process > 0)
        return true;
    os_net_close(c->fd);
    return false;
}

bool os_command_start(struct os_command *c, struct span text, const char **why)
{
    struct buf line;
    bool started = false;
    buf_init(&line, SIZE_MAX / 2);
    buf_add_str(&line, "exec ");
    buf_add(&line, text);
    buf_add_char(&line, '\0');
    errno = ENOMEM; /* the only way in which the buffer can fail */
    if (buf_ok(&line))
        started = start_connected(c, line.p);
    if (!started)
        *why = os_error_text(errno);
    buf_free(&line);
    return started;
}

/* Waits for the command to end, GRACE_MS at most. *status is as waitpid sets it. */
static bool has_ended(const struct os_command *c, int *status)
{
    int64_t until_ms = os_clock_ms() + GRACE_MS;
    for (;;) {
        if (waitpid((pid_t)c->process, status, WNOHANG) == c->process)
            return true;
        if (os_clock_ms() >= until_ms)
            return false;
        poll(NULL, 0, NAP_MS);
    }
}

void os_command_end(struct os_command *c, struct os_end *end)
{
    static const int harder[] = {SIGTERM, SIGKILL};
    int status;
    if (c->process == 0)
        return;
    os_net_close(c->fd);
    if (has_ended(c, &status)) {
        *end = os_end_of(status);
    } else {
        *end = (struct os_end){OS_END_HANG_UP, 0};
        bool ended = false;
        for (size_t i = 0; !ended && i < sizeof harder / sizeof harder[0]; i++) {
            kill((pid_t)c->process, harder[i]);
            ended = has_ended(c, &status);
        }
    }
    *c = (struct os_command){.fd = -1};
}

/* Reads until the end, so that the command is not ended by SIGPIPE. Returns as
 * os_command_first_line. */
static int64_t read_first_line(int fd, char *bytes, size_t size)
{
    size_t n = 0;
    bool whole = false, fits = true;
    char c;
    while (TEMP_FAILURE_RETRY(read(fd, &c, 1)) == 1) {
        whole = whole || c == '\n';
        fits = fits && (whole || n < size);
        if (!whole && fits)
            bytes[n++] = c;
    }
    errno = EFBIG;
    return fits ? (int64_t)n : -1;
}

/* Starts the command with /dev/null as its input. *out is our end of its output. */
static pid_t start_read(const char *text, int *out)
{
    int ends[2] = {-1, -1}, none = open("/dev/null", O_RDONLY | O_CLOEXEC);
    pid_t pid = -1;
    if (none >= 0 && pipe2(ends, O_CLOEXEC) == 0)
        pid = start_shell(text, no_variables, none, ends[THEIRS]);
    os_net_close(none);
    os_net_close(ends[THEIRS]);
    *out = ends[OURS];
    return pid;
}

int64_t os_command_first_line(const char *text, char *bytes, size_t size, struct os_end *end)
{
    int out, status = 0;
    int64_t n = -1;
    pid_t pid = start_read(text, &out);
    if (pid < 0)
        *end = (struct os_end){OS_END_NOT_RUN, errno};
    else
        n = read_first_line(out, bytes, size);
    int saved = errno;
    os_net_close(out);
    if (pid > 0 && TEMP_FAILURE_RETRY(waitpid(pid, &status, 0)) == pid && status != 0) {
        *end = os_end_of(status);
        saved = EIO;
        n = -1;
    }
    errno = saved;
    return n;
}

/* A kernel without pidfd_open only waits. */
static void wait_meanwhile(pid_t pid, const struct os_command_meanwhile *meanwhile)
{
    struct pollfd end = {.fd = pidfd_open(pid, 0), .events = POLLIN};
    int64_t at_ms = os_clock_ms() + meanwhile->every_ms;
    while (end.fd >= 0) {
        int64_t left_ms = at_ms - os_clock_ms();
        if (poll(&end, 1, left_ms > 0 ? (int)left_ms : 0) > 0)
            break;
        if (os_clock_ms() >= at_ms) {
            meanwhile->act(meanwhile->ctx);
            at_ms = os_clock_ms() + meanwhile->every_ms;
        }
    }
    os_net_close(end.fd);
}

bool os_command_run(const char *text, char *const *variables,
                    const struct os_command_meanwhile *meanwhile, struct os_end *end)
{
    int status, nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    pid_t pid = nothing < 0 ? -1 : start_shell(text, variables, nothing, STDOUT_FILENO);
    if (pid > 0)
        wait_meanwhile(pid, meanwhile);
    if (pid < 0 || TEMP_FAILURE_RETRY(waitpid(pid, &status, 0)) != pid) {
        *end = (struct os_end){OS_END_NOT_RUN, errno};
        os_net_close(nothing);
        return false;
    }
    os_net_close(nothing);
    *end = os_end_of(status);
    return status == 0;
}
