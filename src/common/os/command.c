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
#include <stdio.h>
#include <string.h>
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
static _Noreturn void exec_command(const char *line, int fd, pid_t parent)
{
    sigset_t wake;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(CANNOT); /* it died before prctl */
    sigemptyset(&wake);
    sigaddset(&wake, OS_WAKE);
    pthread_sigmask(SIG_UNBLOCK, &wake, NULL);
    signal(SIGPIPE, SIG_DFL);
    if (dup2(fd, STDIN_FILENO) >= 0 && dup2(fd, STDOUT_FILENO) >= 0)
        execl("/bin/sh", "sh", "-c", line, (char *)NULL);
    _exit(CANNOT);
}

static bool start_shell(struct os_command *c, const char *line)
{
    int ends[2];
    pid_t self = getpid();
    if (!open_ends(ends))
        return false;
    signal(SIGCHLD, SIG_DFL);
    c->pid = fork();
    if (c->pid == 0)
        exec_command(line, ends[THEIRS], self);
    os_net_close(ends[THEIRS]);
    c->fd = ends[OURS];
    if (c->pid > 0)
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
        started = start_shell(c, line.p);
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
        pid_t pid = waitpid(c->pid, status, WNOHANG);
        if (pid == c->pid)
            return true;
        if (os_clock_ms() >= until_ms)
            return false;
        poll(NULL, 0, NAP_MS);
    }
}

void os_command_end(struct os_command *c, char words[OS_COMMAND_WORDS_BYTES])
{
    static const int harder[] = {SIGTERM, SIGKILL};
    int status;
    if (c->pid == 0)
        return;
    os_net_close(c->fd);
    if (has_ended(c, &status)) {
        if (WIFEXITED(status))
            snprintf(words, OS_COMMAND_WORDS_BYTES, "the command ended with exit code %d",
                     WEXITSTATUS(status));
        else
            snprintf(words, OS_COMMAND_WORDS_BYTES, "the command was ended by signal %d (%s)",
                     WTERMSIG(status), sigdescr_np(WTERMSIG(status)));
    } else {
        snprintf(words, OS_COMMAND_WORDS_BYTES, "the command closed the connection");
        bool ended = false;
        for (size_t i = 0; !ended && i < sizeof harder / sizeof harder[0]; i++) {
            kill(c->pid, harder[i]);
            ended = has_ended(c, &status);
        }
    }
    *c = (struct os_command){.fd = -1};
}
