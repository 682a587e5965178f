/*
 * arrivals: puts numbered datagrams in order and gives their bytes as a stream of frames; for both
 * versions (docs/udp.md). Pure but for memory: at most ARRIVALS_MAX bodies, each in a block of its
 * own until it has been read.
 */
#ifndef ARRIVALS_H
#define ARRIVALS_H

#include "cutter.h"
#include "datagram.h"

#define ARRIVALS_MAX 256 /* datagrams from the oldest that has not been read; a power of two */

struct arrivals {
    uint64_t next;    /* the lowest number that has not come */
    uint64_t highest; /* that has come; 0: none */
    uint64_t reading; /* the lowest number that has not been read to its end */
    size_t taken;     /* bytes of it that have been read */
    struct cutter cutter;
    struct arrival {
        char *p; /* NULL: has not come, or has been read */
        size_t n;
    } slot[ARRIVALS_MAX];
};

void arrivals_init(struct arrivals *a);
void arrivals_free(struct arrivals *a);

enum arrivals_result {
    ARRIVALS_NEXT,  /* the one that was next */
    ARRIVALS_EARLY, /* kept until those before it are here */
    ARRIVALS_OLD,   /* had come before */
    ARRIVALS_FAR,   /* too far ahead, or no number of a datagram: dropped */
    ARRIVALS_MEMORY /* no memory: dropped */
};

/* Copies the body. What stands behind the end of its frame is left out. */
enum arrivals_result arrivals_put(struct arrivals *a, uint64_t number, struct span body);

bool arrivals_came(const struct arrivals *a, uint64_t number);

/* The highest number there is room for. It never falls. */
uint64_t arrivals_limit(const struct arrivals *a);

/* Whether there are bytes to read, and reading up to size of them. */
bool arrivals_ready(const struct arrivals *a);
size_t arrivals_read(struct arrivals *a, char *out, size_t size);

#endif
