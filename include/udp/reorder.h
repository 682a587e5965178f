/*
 * arrivals: puts numbered datagrams in order and gives their bytes as a stream of frames; for both
 * versions (docs/udp.md). Pure but for memory: at most REORDER_MAX bodies, each in a block of its
 * own until it has been read.
 */
#ifndef UDP_REORDER_H
#define UDP_REORDER_H

#include "udp/datagram.h"
#include "udp/frame_bounds.h"

#define REORDER_MAX 256 /* datagrams from the oldest that has not been read; a power of two */

struct reorder {
    uint64_t next;    /* the lowest number that has not come */
    uint64_t highest; /* that has come; 0: none */
    uint64_t reading; /* the lowest number that has not been read to its end */
    size_t taken;     /* bytes of it that have been read */
    struct frame_bounds cutter;
    struct arrival {
        char *p; /* NULL: has not come, or has been read */
        size_t n;
    } slot[REORDER_MAX];
};

void reorder_init(struct reorder *a);
void reorder_free(struct reorder *a);

enum reorder_result {
    REORDER_NEXT,  /* the one that was next */
    REORDER_EARLY, /* kept until those before it are here */
    REORDER_OLD,   /* had come before */
    REORDER_FAR,   /* too far ahead, or no number of a datagram: dropped */
    REORDER_MEMORY /* no memory: dropped */
};

/* Copies the body. What stands behind the end of its frame is left out. */
enum reorder_result reorder_put(struct reorder *a, uint64_t number, struct span body);

bool reorder_came(const struct reorder *a, uint64_t number);

/* The highest number there is room for. It never falls. */
uint64_t reorder_limit(const struct reorder *a);

/* Whether there are bytes to read, and reading up to size of them. */
bool reorder_ready(const struct reorder *a);
size_t reorder_read(struct reorder *a, char *out, size_t size);

#endif
