/* SPDX-License-Identifier: ISC */
#include "udp/frame_bounds.h"

#include "random.h"
#include "tap.h"

static void test_frames(void)
{
    struct frame_bounds c = {0};
    bool end;

    is_int(frame_bounds_take(&c, SPAN("0000000011Show all|0|0000000000"), &end), 21,
           "frame_bounds_take: a whole frame");
    ok(end, "frame_bounds_take: the whole frame ends");
    is_int(frame_bounds_take(&c, SPAN("00000000000000000001x"), &end), 10,
           "frame_bounds_take: a frame without a payload");
    ok(end, "frame_bounds_take: a frame without a payload ends with its length");
    is_int(frame_bounds_take(&c, SPAN("00000"), &end), 5, "frame_bounds_take: half of a length");
    ok(!end, "frame_bounds_take: half of a length does not end a frame");
    is_int(frame_bounds_take(&c, SPAN("00003\002"), &end), 6,
           "frame_bounds_take: the other half, and a byte of the payload");
    ok(!end, "frame_bounds_take: an end mark inside the payload does not end a frame");
    is_int(frame_bounds_take(&c, SPAN("\002\002\002"), &end), 2,
           "frame_bounds_take: the last bytes of a frame, without those after it");
    ok(end, "frame_bounds_take: the last bytes end the frame");
    is_int(frame_bounds_take(&c, SPAN(""), &end), 0, "frame_bounds_take: no bytes");
    ok(!end, "frame_bounds_take: no bytes do not end a frame");
}

static void test_no_frame(void)
{
    struct frame_bounds c = {0};
    bool end;

    is_int(frame_bounds_take(&c, SPAN("00000x0011Show all|0|"), &end), 21,
           "frame_bounds_take: without a length, everything is one frame");
    ok(end, "frame_bounds_take: without a length, the frame ends at once");
    is_int(frame_bounds_take(&c, SPAN("0000000001xy"), &end), 12,
           "frame_bounds_take: after a missing length, later frames are not split any more");
}

/* A stream in random pieces must be cut at the ends of its frames and nowhere else. */
static void test_pieces(void)
{
    int wrong = 0;

    for (int round = 0; round < 2000; round++) {
        char stream[1000];
        size_t ends[8] = {0}, n = 0, nends = 0, at = 0, found = 0;
        struct frame_bounds c = {0};
        for (; nends < 8; ends[nends++] = n) {
            size_t payload = random_below(100);
            n += (size_t)snprintf(stream + n, sizeof stream - n, "%010zu", payload);
            for (size_t i = 0; i < payload; i++)
                stream[n++] = (char)random_below(256);
        }
        while (at < n) {
            struct span s = exact(span_of(stream + at, 1 + random_below(n - at)));
            bool end;
            size_t took = frame_bounds_take(&c, s, &end);
            wrong += took == 0 || took > s.n || (took < s.n && !end);
            at += took;
            wrong += end != (at == ends[found % 8]);
            found += end;
            exact_free(s);
        }
        wrong += found != nends;
    }
    is_int(wrong, 0,
           "frame_bounds_take: random frames in pieces of any size end where they should");
    if (wrong)
        random_diag();
}

int main(void)
{
    random_begin();
    test_frames();
    test_no_frame();
    test_pieces();
    return done_testing();
}
