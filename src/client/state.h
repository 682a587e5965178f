/* SPDX-License-Identifier: ISC */
/*
 * state: the directory in which pochta keeps what must outlive it, $XDG_STATE_HOME/pochta or, if
 * that variable is not set to an absolute path, $HOME/.local/state/pochta. For one thread.
 */
#ifndef CLIENT_STATE_H
#define CLIENT_STATE_H

#include <stdbool.h>

#include "os/file.h"

struct state_dir {
    int fd;                        /* -1: it cannot be used */
    char path[OS_FILE_PATH_BYTES]; /* for messages */
    const char *why;               /* a constant that says why it cannot be used */
};

/*
 * Opens the directory of this name in the state directory; makes it first, and those above it, with
 * mode 0700. On failure d->fd is -1, and path and why say what is wrong.
 */
bool state_dir_open(struct state_dir *d, const char *name);

/*
 * The same for what the user wants to keep: $XDG_DATA_HOME/pochta, or $HOME/.local/share/pochta.
 */
bool state_data_open(struct state_dir *d, const char *name);

/* As state_dir_open, but makes nothing: if there is no such directory, d->fd is -1 and d->why is
 * NULL. */
bool state_dir_find(struct state_dir *d, const char *name);

/*
 * The path of pochta/NAME in the directory that a variable such as XDG_CONFIG_HOME names or, if
 * that is not set to an absolute path, in $HOME and below, such as "/.config". On failure returns
 * false, and path and *why, a constant, say what is wrong.
 */
bool state_path(char path[OS_FILE_PATH_BYTES], const char *variable, const char *below,
                const char *name, const char **why);

void state_dir_close(struct state_dir *d);

#endif
