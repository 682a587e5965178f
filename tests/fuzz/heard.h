/* SPDX-License-Identifier: ISC */
/*
 * heard: what one end of a session over UDP was sent by its peer, and what it gave on: the bodies
 * of the numbers from 1, each up to where its frame ends (docs/udp.md), once and in order.
 */
#ifndef HEARD_H
#define HEARD_H

#include "base/buf.h"
#include "fuzz.h"
#include "udp/reorder.h"

#define HEARD_MAX 4096

struct heard {
    struct span body[HEARD_MAX]; /* of the input; p NULL: has not come */
    struct buf read;
};

static inline void heard_begin(struct heard *h)
{
    memset(h->body, 0, sizeof h->body);
    buf_init(&h->read, SIZE_MAX / 2);
}

/* A number that this end is still to hear, or one near; one of four where its room ends. */
static inline uint64_t heard_number(struct span *in, const struct reorder *a)
{
    bool at_limit = fuzz_byte(in) % 4 == 0;
    uint64_t number = at_limit ? a->limit + fuzz_below(in, 8) : a->next + fuzz_below(in, 256);

    number = number > 4 ? number - 4 : 0;
    return number < HEARD_MAX ? number : HEARD_MAX - 1;
}

/* What arrivals promises at any time. */
static inline void heard_check(const struct heard *h, const struct reorder *a)
{
    must(a->reading <= a->next && a->next <= a->limit + 1);
    must(a->limit < a->reading + a->room && a->window <= a->room && a->room <= REORDER_MAX);
    must(a->highest <= a->limit && reorder_ready(a) == (a->reading < a->next));
    for (uint64_t n = a->reading; n <= a->limit && n < HEARD_MAX; n++)
        must((a->slot[n % a->room].p != NULL) == (h->body[n].p != NULL));
}

static inline void heard_end(struct heard *h)
{
    struct frame_bounds cutter = {0};
    size_t at = 0;

    for (size_t n = 1; n < HEARD_MAX && h->body[n].p; n++) {
        bool end;
        size_t part = frame_bounds_take(&cutter, h->body[n], &end);
        must(span_starts(span_skip(buf_span(&h->read), at), span_first(h->body[n], part)));
        at += part;
    }
    must(at == h->read.n);
    buf_free(&h->read);
}

#endif
