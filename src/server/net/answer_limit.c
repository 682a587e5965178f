/* SPDX-License-Identifier: ISC */
#include "net/answer_limit.h"

#include "proto/frame.h"
#include "udp/datagram.h"

/* The bytes of all datagrams of a frame: numbers, and an end mark if there is room for it. */
static uint64_t datagram_bytes(size_t frame, size_t datagram)
{
    size_t room = datagram - DATAGRAM_NUMBER;
    size_t datagrams = (frame + room - 1) / room;
    return frame + datagrams * DATAGRAM_NUMBER + (frame % room > 0);
}

static bool take(struct answer_limit *l, uint64_t received, size_t datagram, struct span frame,
                 struct buf *out)
{
    uint64_t bytes = datagram_bytes(frame.n, datagram);
    if (l->sent + bytes > ANSWER_LIMIT_TIMES * received)
        return false;
    l->sent += bytes;
    buf_add(out, frame);
    return true;
}

void answer_limit_apply(struct answer_limit *l, uint64_t received, size_t datagram,
                        struct span frames, struct buf *out)
{
    const struct span answer = SPAN("0000000025Answer|2|Noop|over limit|"),
                      exit = SPAN("0000000018Exit|1|over limit|");
    struct frame_scan scan = {.skipped = 0};
    for (; frame_scan(frames, FORM_LENGTH, SIZE_MAX, &scan) == FRAME_DONE;
         frames = span_skip(frames, scan.total))
        if (!take(l, received, datagram, span_first(frames, scan.total), out))
            take(l, received, datagram, span_starts(scan.payload, SPAN("Exit|")) ? exit : answer,
                 out);
}
