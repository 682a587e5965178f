/* SPDX-License-Identifier: ISC */
/*
 * reorder: puts numbered datagrams in order and gives their data as a stream of frames, for both
 * versions (docs/udp.md). Pure except for memory: it keeps as many bodies as its window has room
 * for, each in a block of its own until it has been read. Its owner may limit those that wait for
 * others, and let the window grow.
 */
#ifndef UDP_REORDER_H
#define UDP_REORDER_H

#include "udp/datagram.h"
#include "udp/frame_bounds.h"

/* The window, in datagrams from the oldest one not read yet. Powers of two. */
#define REORDER_FIRST 256  /* at first */
#define REORDER_MAX   4096 /* at most */
#define REORDER_BLOCK 32   /* bytes that a block takes beside the body, about */

/* Set it after reorder_init. Called by the thread that uses the reorder. */
struct reorder_memory {
    /*
     * Called before a datagram is kept that cannot be read at once, because an earlier one is
     * missing or has not been read to its end, when some have been read or freed, and when the
     * window is about to grow. bytes is what all of them and the larger window take from now on.
     * False: the new one must not be kept, the window not grow. Less than before must be accepted.
     * NULL: no limit.
     */
    bool (*take)(void *ctx, size_t bytes);
    void *ctx;
};

struct reorder_slot {
    char *p; /* NULL: has not come, or has been read */
    uint16_t n;
    uint16_t held; /* bytes counted in held; 0: when it came, it could be read at once */
};

struct reorder {
    uint64_t next;    /* the lowest number that has not come */
    uint64_t highest; /* the highest number that has come; 0: none */
    uint64_t reading; /* the lowest number that has not been read to its end */
    uint64_t limit;   /* the highest number that there is room for; it never falls */
    size_t taken;     /* bytes of reading that have been read */
    size_t window;    /* how far ahead of reading to let limit be from now on */
    struct frame_bounds bounds;
    struct reorder_memory memory;
    size_t held;               /* bytes that memory.take was asked for */
    struct reorder_slot *slot; /* of a number: its remainder by room; first, or an own block */
    size_t room;               /* slots; a power of two */
    struct reorder_slot first[REORDER_FIRST];
};

/* *r must stay where it is, as it points into itself. */
void reorder_init(struct reorder *r);

/* Frees everything that is kept, and begins again with the same memory and the first window. */
void reorder_free(struct reorder *r);

enum reorder_result {
    REORDER_NEXT,  /* it was the next one */
    REORDER_EARLY, /* kept until those before it have come */
    REORDER_OLD,   /* it had come before; dropped */
    REORDER_FAR,   /* too far ahead, or not a datagram's number; dropped */
    REORDER_MEMORY /* out of memory, or refused by memory.take; dropped */
};

/* Takes a datagram; the body is copied. Bytes after the end of its frame are ignored. */
enum reorder_result reorder_put(struct reorder *r, uint64_t number, struct span body);

bool reorder_came(const struct reorder *r, uint64_t number);

/*
 * Doubles the window. False: it has reached REORDER_MAX, or the memory that a full window of the
 * largest datagrams would take is not there now. That memory is not taken until they come: if it is
 * gone by then, some are refused and the window falls back to REORDER_FIRST.
 */
bool reorder_grow(struct reorder *r);

/* Whether there are bytes to read. Reads up to size of them and returns how many. */
bool reorder_ready(const struct reorder *r);
size_t reorder_read(struct reorder *r, char *out, size_t size);

#endif
