/* SPDX-License-Identifier: ISC */
/*
 * os_pipe: what becomes of bytes that were written to a pipe. Thread-safe.
 */
#ifndef OS_PIPE_H
#define OS_PIPE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * If fd is a pipe, waits until its readers have taken all that was written, at most *patience_ms,
 * which becomes less by the time that this took. Returns false with EPIPE if they never will: there
 * are no readers any more, and something is left. True for anything else than a pipe.
 */
bool os_pipe_taken(int fd, int64_t *patience_ms);

#endif
