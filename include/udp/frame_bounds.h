/*
 * cutter: finds the frames' ends in a stream in length form, for what carries the stream in pieces
 * (docs/udp.md). Sender and receiver follow it alike. Pure.
 */
#ifndef UDP_FRAME_BOUNDS_H
#define UDP_FRAME_BOUNDS_H

#include "base/span.h"

/* All zero at the beginning of a stream. */
struct frame_bounds {
    uint64_t left;   /* bytes of the payload still to come; while digits come, the number so far */
    unsigned digits; /* of the length that have come */
    bool lost;       /* something stood where a length should */
};

/*
 * How many of the first bytes of s belong to the frame under way, at least one if there is any;
 * *end tells whether it ends with them. What is no frame belongs together whole: whoever reads the
 * stream is to see it and object.
 */
size_t frame_bounds_take(struct frame_bounds *c, struct span s, bool *end);

#endif
