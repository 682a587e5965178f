/* SPDX-License-Identifier: ISC */
/*
 * output: writes standard output so that a failed write does not pass for a success. For one
 * thread.
 */
#ifndef CLIENT_OUTPUT_H
#define CLIENT_OUTPUT_H

#include "base/buf.h"
#include "client/error.h"

/* Writes s. On failure returns false, and output_finish() reports the error. */
bool output_write(struct span s);

/* How many columns standard output has if it is a terminal, otherwise 0. */
unsigned output_columns(void);

/*
 * Sets the shell command that shows what is longer than the screen, which must stay there. NULL, as
 * before the first call: less, or more.
 */
void output_set_pager(const char *command);

/*
 * What is written from now on goes through the user's pager if standard output is a terminal and
 * has too few rows for it. If the user leaves the pager early, the rest is dropped.
 */
void output_page(void);

/* Whether standard output is a terminal on which letters may be bold or coloured. */
bool output_coloured(void);

/* Passes everything written so far to the system. Fails like output_write. */
bool output_flush(void);

/*
 * After output_flush: if standard output is a pipe, waits until what was written has been read. If
 * that takes more than a few seconds, neither this nor any further call waits any longer. Fails
 * like output_write if nobody will ever read it.
 */
bool output_taken(void);

/* Flushes, and puts standard output on stable storage if it is a file. Fails like output_write. */
bool output_sync(void);

/*
 * Flushes, and puts standard output on stable storage if it is a file. If this or an earlier write
 * failed: writes an error message and returns ERROR_IO. If nobody reads a pipe any more, as after
 * "pochta show | head", there is no message.
 */
enum error_code output_finish(void);

/* Writes text and finishes. ERROR_SOFTWARE with a message if the buffer ran out of memory. */
enum error_code output_text(const struct buf *text);

#endif
