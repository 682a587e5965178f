/* SPDX-License-Identifier: ISC */
/*
 * batch_input: reads the lines of a file of any kind that contains secrets. Each byte is in memory
 * only once, so that it can be wiped. For one thread.
 */
#ifndef CTL_BATCH_INPUT_H
#define CTL_BATCH_INPUT_H

#include "admin/batch_line.h"

#define BATCH_INPUT_BYTES 16384

struct batch_input {
    int fd;
    uint64_t line;   /* the number of the line that was read last */
    size_t begin, n; /* bytes[begin] to bytes[n - 1] were not handed out yet */
    bool ended;
    char bytes[BATCH_INPUT_BYTES];
};

enum batch_input_result {
    BATCH_INPUT_LINE,     /* without its LF; valid until the next call */
    BATCH_INPUT_TOO_LONG, /* it has more than BATCH_LINE_BYTES, and was skipped */
    BATCH_INPUT_CUT,      /* the last line has no LF */
    BATCH_INPUT_END,
    BATCH_INPUT_FAILED /* errno */
};

/* The caller closes fd. */
void batch_input_init(struct batch_input *in, int fd);

/* Reads the next line. */
enum batch_input_result batch_input_next(struct batch_input *in, struct span *line);

/* To be called at the end. */
void batch_input_wipe(struct batch_input *in);

#endif
