/* SPDX-License-Identifier: ISC */
/*
 * os_command: runs a command that the user has given: with its standard input and output as a
 * connection, or to read its output, or just to run it. For one thread.
 *
 * A command is run by /bin/sh -c or, on Windows, by cmd.exe /d /s /c.
 *
 * The command shares our standard error, working directory, environment and terminal: it can ask
 * the user for a password, and Ctrl-C ends both of us. If this process dies, the system sends the
 * command SIGTERM; on Windows it ends the command and all processes that the command has started.
 */
#ifndef OS_COMMAND_H
#define OS_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "os/end.h"

struct os_command {
    int fd;           /* our end: a non-blocking socket; os_command_end closes it */
    intptr_t process; /* private: 0 once it has ended */
};

/*
 * Runs /bin/sh -c "exec TEXT", so that the command replaces the shell. If there is no such command,
 * the shell says so on standard error and ends with exit code 127. Returns false if nothing was
 * started, and sets *why to the cause (a constant). Sets the signal SIGCHLD to its default action,
 * without which the end of a command could not be noticed.
 */
bool os_command_start(struct os_command *c, struct span text, const char **why);

/*
 * Closes the connection, which tells the command to end, and waits half a second for that; then
 * again after SIGTERM and after SIGKILL, which go to no other process than the command's own. Sets
 * *end. Does nothing if it has ended already.
 */
void os_command_end(struct os_command *c, struct os_end *end);

/*
 * Runs /bin/sh -c TEXT without input, and reads the first line that it prints, without its LF.
 * Waits for the command to end. Returns the length of the line, or -1. EFBIG: the line is longer
 * than size; otherwise *end says how the command ended, if not with exit code 0. Makes no other
 * copy in memory, so that the caller can wipe a secret. About SIGCHLD see os_command_start.
 */
int64_t os_command_first_line(const char *text, char *bytes, size_t size, struct os_end *end);

/* Something to do now and then while a command runs. */
struct os_command_meanwhile {
    int64_t every_ms;
    void (*act)(void *ctx);
    void *ctx;
};

/*
 * Runs /bin/sh -c TEXT with these variables, each "NAME=value" and the last one NULL, added to the
 * environment, /dev/null as its standard input, and our standard output. Waits for its end. Returns
 * whether its exit code is 0; otherwise *end says how it ended, or why it was not run. Sets SIGCHLD
 * as os_command_start does. meanwhile: what to do until then.
 */
bool os_command_run(const char *text, char *const *variables,
                    const struct os_command_meanwhile *meanwhile, struct os_end *end);

#endif
