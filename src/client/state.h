/* SPDX-License-Identifier: ISC */
/*
 * state: the directories in which pochta keeps what must outlive it: pochta in a directory of
 * os_environment_dir. For one thread.
 */
#ifndef CLIENT_STATE_H
#define CLIENT_STATE_H

#include <stdbool.h>

#include "os/environment.h"
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

/* The same for what the user wants to keep. */
bool state_data_open(struct state_dir *d, const char *name);

/* As state_dir_open, but makes nothing: if there is no such directory, d->fd is -1 and d->why is
 * NULL. */
bool state_dir_find(struct state_dir *d, const char *name);

/*
 * The path of pochta/NAME in a directory of os_environment_dir. On failure returns false, and path
 * and *why, a constant, say what is wrong.
 */
bool state_path(char path[OS_FILE_PATH_BYTES], enum os_environment_dir kind, const char *name,
                const char **why);

void state_dir_close(struct state_dir *d);

#endif
