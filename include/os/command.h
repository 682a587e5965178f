/*
 * os_command: a command of the user's whose standard input and output are a connection. For one
 * thread.
 *
 * Its standard error, its working directory, its environment and its terminal are ours: it can ask
 * the user for a password there, and a Ctrl-C ends both of us. When this process dies, of whatever,
 * the command is sent SIGTERM by the system.
 */
#ifndef OS_COMMAND_H
#define OS_COMMAND_H

#include <stdbool.h>

#include "base/span.h"

#define OS_COMMAND_WORDS_BYTES 96

struct os_command {
    int fd;  /* our end: a socket for socket_io_init, not to be closed by others */
    int pid; /* private: 0 once it has been ended */
};

/*
 * Starts /bin/sh -c "exec TEXT", so that the command takes the shell's place. Whether there is such
 * a command shows only by its end: the shell says what is wrong on standard error and ends with
 * exit code 127. False: nothing was started; *why says what failed (a constant). From the first
 * start on the signal SIGCHLD has its default, without which the end of a command could not be
 * known.
 */
bool os_command_start(struct os_command *c, struct span text, const char **why);

/*
 * Closes the connection, by which a command knows that it is to end, and waits for that: half a
 * second, then again after SIGTERM and after SIGKILL, sent to no other process than the command's
 * own. words: how it ended. One that has been ended already is left alone, and words too.
 */
void os_command_end(struct os_command *c, char words[OS_COMMAND_WORDS_BYTES]);

#endif
