#include "udp/frame_bounds.h"

#include "random.h"
#include "tap.h"

static void test_frames(void)
{
    struct frame_bounds c = {0};
    bool end;

    is_int(frame_bounds_take(&c, SPAN("0000000011Show all|0|0000000000"), &end), 21, "one frame");
    ok(end, "... to its end");
    is_int(frame_bounds_take(&c, SPAN("00000000000000000001x"), &end), 10, "one without payload");
    ok(end, "... ends with its length");
    is_int(frame_bounds_take(&c, SPAN("00000"), &end), 5, "half a length");
    ok(!end, "... is no end");
    is_int(frame_bounds_take(&c, SPAN("00003\002"), &end), 6, "its other half");
    ok(!end, "... and an end mark that is data");
    is_int(frame_bounds_take(&c, SPAN("\002\002\002"), &end), 2, "the last bytes");
    ok(end, "... and nothing behind them");
    is_int(frame_bounds_take(&c, SPAN(""), &end), 0, "nothing");
    ok(!end, "... is no end");
}

static void test_no_frame(void)
{
    struct frame_bounds c = {0};
    bool end;

    is_int(frame_bounds_take(&c, SPAN("00000x0011Show all|0|"), &end), 21, "no length: all of it");
    ok(end, "... which goes out at once");
    is_int(frame_bounds_take(&c, SPAN("0000000001xy"), &end), 12, "... and all that follows");
}

/* A stream of frames cut anywhere is cut at its frames' ends, and nowhere else. */
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
    is_int(wrong, 0, "streams in any pieces");
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
