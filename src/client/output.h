/*
 * output: standard output, where a failed write must not pass for a success.
 */
#ifndef CLIENT_OUTPUT_H
#define CLIENT_OUTPUT_H

#include "base/span.h"
#include "client/error.h"

/* Writes s. False: it failed, see output_finish for the words. */
bool output_write(struct span s);

/* Whoever reads standard output has all of it now. False: it failed. */
bool output_flush(void);

/*
 * Everything written so far has left the program, and where standard output is a file, is on stable
 * storage. Otherwise says what failed and returns ERROR_IO.
 */
enum error_code output_finish(void);

#endif
