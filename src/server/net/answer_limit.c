/* SPDX-License-Identifier: ISC */
#include "net/answer_limit.h"

#include "proto/frame.h"
#include "udp/datagram.h"

#define SHORT_ANSWER "0000000025Answer|2|Noop|over limit|"
#define SHORT_EXIT   "0000000018Exit|1|over limit|"

void answer_limit_read(struct answer_limit *l, struct span bytes)
{
    while (bytes.n > 0) {
        bool end;
        l->open += !l->within;
        bytes = span_skip(bytes, frame_bounds_take(&l->bounds, bytes, &end));
        l->within = !end;
    }
}

/* The bytes of all datagrams of a frame: numbers, and an end mark if there is room for it. */
static uint64_t datagram_bytes(size_t frame, size_t datagram)
{
    size_t room = datagram - DATAGRAM_NUMBER;
    size_t datagrams = (frame + room - 1) / room;
    return frame + datagrams * DATAGRAM_NUMBER + (frame % room > 0);
}

/* Appends a frame if at least `left` bytes of the limit remain after it. */
static bool take(struct answer_limit *l, const struct answer_limit_state *now, struct span frame,
                 uint64_t left, struct buf *out)
{
    uint64_t bytes = datagram_bytes(frame.n, now->datagram);
    if (l->sent + bytes + left > ANSWER_LIMIT_TIMES * now->received)
        return false;
    l->sent += bytes;
    buf_add(out, frame);
    return true;
}

void answer_limit_apply(struct answer_limit *l, const struct answer_limit_state *now,
                        struct span frames, struct buf *out)
{
    uint64_t each = datagram_bytes(SPAN(SHORT_ANSWER).n, now->datagram);
    struct frame_scan scan = {.skipped = 0};
    for (; frame_scan(frames, FORM_LENGTH, SIZE_MAX, &scan) == FRAME_DONE;
         frames = span_skip(frames, scan.total)) {
        bool exit = span_starts(scan.payload, SPAN("Exit|"));
        if (!exit && l->open > 0)
            l->open--;
        uint64_t left = exit ? 0 : (l->open + now->waiting) * each;
        if (!take(l, now, span_first(frames, scan.total), left, out))
            take(l, now, exit ? SPAN(SHORT_EXIT) : SPAN(SHORT_ANSWER), 0, out);
    }
}
