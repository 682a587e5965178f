/* SPDX-License-Identifier: ISC */
#include "os/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/wait.h"

#define CANNOT 127 /* exit code of a shell that cannot run a command */

/* -F: ends by itself if all fits; -R: shows bold letters; -X: leaves the text on the screen. */
static const char standard[] = "LESS=${LESS-FRX}; export LESS; if command -v less >/dev/null; "
                               "then exec less; elif command -v more >/dev/null; then exec more; "
                               "else exec cat; fi";

static struct {
    pid_t pid;
    int screen; /* what descriptor 1 was */
} pager;

/* Runs in the child, with signals as they were before os_wake_setup. */
static _Noreturn void exec_pager(const char *command, int in)
{
    os_wake_undo();
    if (dup2(in, STDIN_FILENO) >= 0)
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(CANNOT);
}

bool os_pager_start(const char *command)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    signal(SIGCHLD, SIG_DFL);
    pager.screen = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    pager.pid = pager.screen < 0 ? -1 : fork();
    if (pager.pid == 0)
        exec_pager(command ? command : standard, ends[0]);
    int saved = errno;
    if (pager.pid > 0) {
        dup2(ends[1], STDOUT_FILENO);
        signal(SIGINT, SIG_IGN);
    } else if (pager.screen >= 0) {
        close(pager.screen);
    }
    close(ends[0]);
    close(ends[1]);
    errno = saved;
    return pager.pid > 0;
}

void os_pager_end(void)
{
    int status;
    dup2(pager.screen, STDOUT_FILENO);
    close(pager.screen);
    TEMP_FAILURE_RETRY(waitpid(pager.pid, &status, 0));
    signal(SIGINT, SIG_DFL);
}
