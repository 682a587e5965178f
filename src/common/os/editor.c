/* SPDX-License-Identifier: ISC */
/*
 * The command stays in our process group: in a group of its own it could not read from the
 * terminal, and Ctrl-Z in the editor stops both of us, so that the shell shows its prompt.
 */
#include "os/editor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "os/wait.h"

#define CANNOT 127 /* exit code of a shell that cannot run a command */

/* The keys that end a program are the editor's. */
static const int keys[] = {SIGINT, SIGQUIT};

#define KEYS (sizeof keys / sizeof keys[0])

static void take_terminal(void)
{
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
    for (int i = STDIN_FILENO; fd >= 0 && i <= STDOUT_FILENO; i++)
        if (!isatty(i))
            dup2(fd, i);
}

/* Runs in the child, with signals as they were before os_wake_setup and os_editor_run. */
static _Noreturn void exec_editor(const char *line, const char *path,
                                  const struct sigaction before[KEYS])
{
    os_wake_undo();
    for (size_t i = 0; i < KEYS; i++)
        sigaction(keys[i], &before[i], NULL);
    take_terminal();
    execl("/bin/sh", "sh", "-c", line, "sh", path, (char *)NULL);
    _exit(CANNOT);
}

/* Returns whether the command ended with exit code 0. */
static bool run(const char *line, const char *path, struct os_end *end)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before[KEYS];
    struct termios settings;
    int status = 0;
    bool terminal = tcgetattr(STDIN_FILENO, &settings) == 0;
    signal(SIGCHLD, SIG_DFL);
    for (size_t i = 0; i < KEYS; i++)
        sigaction(keys[i], &ignore, &before[i]);
    pid_t pid = fork();
    if (pid == 0)
        exec_editor(line, path, before);
    if (pid < 0)
        *end = (struct os_end){OS_END_NOT_RUN, errno};
    else if (TEMP_FAILURE_RETRY(waitpid(pid, &status, 0)) == pid && status != 0)
        *end = os_end_of(status);
    for (size_t i = 0; i < KEYS; i++)
        sigaction(keys[i], &before[i], NULL);
    if (terminal)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &settings);
    return pid > 0 && status == 0;
}

bool os_editor_run(const char *command, const char *path, struct os_end *end)
{
    struct buf line;
    buf_init(&line, SIZE_MAX / 2);
    buf_printf(&line, "%s \"$1\"", command);
    buf_add_char(&line, '\0');
    *end = (struct os_end){OS_END_NOT_RUN, ENOMEM};
    bool ok = buf_ok(&line) && run(line.p, path, end);
    buf_free(&line);
    return ok;
}
