/* SPDX-License-Identifier: ISC */
/*
 * frame_bounds: finds where frames end in a stream in length form, for a transport that carries the
 * stream in pieces (docs/udp.md). Sender and receiver both use it. Pure.
 */
#ifndef UDP_FRAME_BOUNDS_H
#define UDP_FRAME_BOUNDS_H

#include "base/span.h"

/* All zeros at the beginning of a stream. */
struct frame_bounds {
    uint64_t left;   /* bytes of the payload still to come; while digits come, the number so far */
    unsigned digits; /* of the length that have come */
    bool lost;       /* there was something other than a length where a length belongs */
};

/*
 * Returns how many of the first bytes of s belong to the current frame, at least one if s is not
 * empty. *end tells whether the frame ends with them. Once a length is missing, everything counts
 * as one frame: the reader of the stream has to see it and object.
 */
size_t frame_bounds_take(struct frame_bounds *f, struct span s, bool *end);

#endif
