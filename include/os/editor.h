/* SPDX-License-Identifier: ISC */
/*
 * os_editor: runs the user's editor, which has the terminal until the user leaves it. For one
 * thread.
 */
#ifndef OS_EDITOR_H
#define OS_EDITOR_H

#include <stdbool.h>

#include "os/end.h"

/* The command if the user has not chosen an editor. */
#ifdef _WIN32
#define OS_EDITOR_STANDARD "notepad"
#else
#define OS_EDITOR_STANDARD "vi"
#endif

/*
 * Runs a command, which may have arguments of its own, by /bin/sh or cmd.exe, with the path of
 * a file as its last argument, and waits for it. If standard input or output is not a
 * terminal, the command gets the terminal of the process instead, if there is one. The command
 * handles Ctrl-C, and the terminal is afterwards as it was before. Returns whether the command
 * ended with exit code 0; otherwise *end says how it ended, or why it was not run.
 */
bool os_editor_run(const char *command, const char *path, struct os_end *end);

#endif
