/* SPDX-License-Identifier: ISC */
/*
 * os_shell_private: a command that cmd.exe runs, for the sources X_windows.c. For one thread.
 *
 * The command runs in a job of its own: all processes of the job end when this process ends, or
 * when the job's handle is closed.
 */
#ifndef OS_SHELL_PRIVATE_H
#define OS_SHELL_PRIVATE_H

#include "os/end.h"
#include "windows_private.h"

struct os_shell {
    HANDLE process, job;
};

/*
 * Runs cmd /c TEXT with these handles as its standard input and output, and ours as its standard
 * error. Returns false if nothing was started, and sets errno.
 */
bool os_shell_start(struct os_shell *s, const char *text, HANDLE in, HANDLE out);

/*
 * Waits for the end of the command, at most this time. Returns whether it has ended: then *end says
 * how, and everything is freed.
 */
bool os_shell_wait(struct os_shell *s, DWORD most_ms, struct os_end *end);

/* Ends the command with all its processes, and frees everything. */
void os_shell_kill(struct os_shell *s);

/* Sets whether Ctrl-C is for the command alone. */
void os_shell_takes_keys(bool yes);

/* Opens the device NUL, to read or to write. INVALID_HANDLE_VALUE and errno on failure. */
HANDLE os_shell_nothing(void);

#endif
