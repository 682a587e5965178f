/* SPDX-License-Identifier: ISC */
/*
 * os_shell_private: a command that cmd.exe runs, for the twins on Windows. For one thread.
 *
 * It lies in a job of its own: all its processes end when this one does, or lets them.
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

/* Waits for its end, at most this long. Returns whether it has ended: *end says how, and all is
 * freed. */
bool os_shell_wait(struct os_shell *s, DWORD most_ms, struct os_end *end);

/* Ends it with all its processes, and frees everything. */
void os_shell_kill(struct os_shell *s);

/* Whether Ctrl-C is for the command alone. */
void os_shell_takes_keys(bool yes);

/* NUL, to read from or to write to. INVALID_HANDLE_VALUE, and errno, on failure. */
HANDLE os_shell_nothing(void);

#endif
