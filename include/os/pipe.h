/* SPDX-License-Identifier: ISC */
/*
 * os_pipe: whether bytes that were written to a pipe have been read. Thread-safe.
 */
#ifndef OS_PIPE_H
#define OS_PIPE_H

#include <stdint.h>

enum os_pipe_state {
    OS_PIPE_TAKEN,   /* the readers have taken all that was written; or fd is no pipe */
    OS_PIPE_WAITING, /* they have not yet */
    OS_PIPE_LEFT     /* nobody reads any more, and something is left */
};

/* Waits until the readers of a pipe have taken all that was written to it, at most most_ms. */
enum os_pipe_state os_pipe_wait(int fd, int64_t most_ms);

#endif
