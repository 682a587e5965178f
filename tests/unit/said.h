/* SPDX-License-Identifier: ISC */
/*
 * said: what a function prints on standard output and standard error, in place of the test. For one
 * thread.
 */
#ifndef UNIT_SAID_H
#define UNIT_SAID_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SAID_BYTES 16384 /* more is cut off */

static struct {
    FILE *file[2]; /* where it goes meanwhile */
    int real[2];   /* standard output and standard error of the test */
    char out[SAID_BYTES], err[SAID_BYTES];
} said;

static inline void said_begin(void)
{
    fflush(stdout);
    for (int i = 0; i < 2; i++) {
        if (!said.file[i] && !(said.file[i] = tmpfile()))
            exit(1);
        said.real[i] = dup(1 + i);
        dup2(fileno(said.file[i]), 1 + i);
    }
}

static inline void said_take(int i, char text[SAID_BYTES])
{
    int fd = fileno(said.file[i]);
    ssize_t n = pread(fd, text, SAID_BYTES - 1, 0);

    text[n > 0 ? n : 0] = '\0';
    dup2(said.real[i], 1 + i);
    close(said.real[i]);
    if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0)
        exit(1);
}

/* What was printed since said_begin is in said.out and said.err now. */
static inline void said_end(void)
{
    fflush(stdout);
    said_take(0, said.out);
    said_take(1, said.err);
}

#endif
