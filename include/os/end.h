/* SPDX-License-Identifier: ISC */
/*
 * os_end: how a program ended that this one has run, or why it was not run. The caller puts it into
 * words. Thread-safe.
 */
#ifndef OS_END_H
#define OS_END_H

struct os_end {
    enum os_end_kind {
        OS_END_EXIT,    /* by itself; number: its exit code */
        OS_END_SIGNAL,  /* number: the signal that ended it */
        OS_END_HANG_UP, /* it closed its connection to us and went on, until we ended it */
        OS_END_NOT_RUN  /* number: errno says why */
    } kind;
    int number;
};

/* From a status as waitpid sets it. */
struct os_end os_end_of(int status);

/* The system's words for a signal: a constant, never NULL. */
const char *os_end_signal_text(int signal);

#endif
