/* SPDX-License-Identifier: ISC */
/*
 * faults: the file that the preloaded library of faults.c shares with tests/faults/Control.pm,
 * which has the same kinds in the same order.
 */
#ifndef FAULTS_H
#define FAULTS_H

#include <stdatomic.h>
#include <stdint.h>

enum kind {
    MEMORY,
    MAP, /* memory from the system, as crypt(3) takes it */
    THREAD,
    OPEN,
    CREATE, /* as OPEN, with O_CREAT */
    READ,
    LIST, /* a directory */
    WRITE,
    PRINT, /* to standard output or error */
    SYNC,
    NAME,
    REMOVE,
    STAT,
    LOCK,
    SEMAPHORE,
    DESCRIPTOR, /* a new descriptor that is not a file */
    SOCKET,     /* calls for a socket before it carries data */
    ACCEPT,
    CONNECT,
    SEND,
    RECEIVE,
    WAIT,
    RANDOM,
    CLOCK,
    CLOSE,
    OWNER,
    RESOLVE,
    KINDS
};

enum { PLANS = 2, FRAMES = 24, CALLS = 16384, LEAKS = 64, BLOCKS = 65536, LEFT_OUT = 2 };

enum { SHORT = -1 }; /* instead of an errno: the call reads or writes only a part */

struct control {
    uint32_t armed, tracing;
    struct plan {
        uint32_t kind, nth, ever;
        int32_t error;
        uint32_t from, to; /* only calls with a caller between these offsets; 0: all calls */
    } plans[PLANS];
    _Atomic uint32_t counts[PLANS], hits[PLANS];
    uint32_t frames[PLANS][FRAMES]; /* callers of the first failed call: offsets, or 0 */
    _Atomic uint32_t calls;
    struct {
        uint32_t kind, stack; /* stack: a hash of the callers */
    } call[CALLS];            /* while tracing */
    uint32_t ended, descriptors, leaks;
    uint32_t leak[LEAKS]; /* where blocks were allocated that are not freed */
};

#endif
