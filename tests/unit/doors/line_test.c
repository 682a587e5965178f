/* SPDX-License-Identifier: ISC */
#include "doors/line.h"

#include "session/lifecycle.h"
#include "session/reply.h"
#include "session_fixture.h"
#include "tap.h"

#define MOST 8

/* Answers each line with what was read; the line "end" ends the session. */
static void run(const struct service *service, struct io *io, struct session_host *host);

static size_t farewell(char out[FRAME_EXIT_BYTES], struct dialect d, const char *reason)
{
    (void)d;
    return (size_t)snprintf(out, FRAME_EXIT_BYTES, "(%s)\n", reason);
}

static const struct conversation talk = {.run = run, .farewell = farewell};

static void answer(struct session *s, const char *word, struct span line)
{
    buf_printf(&s->out, "%s:%.*s\n", word, SPAN_PRINTF(line));
    if (span_eq(line, SPAN("end")))
        reply_close(s, "end");
    line_done(s);
}

static void run(const struct service *service, struct io *io, struct session_host *host)
{
    struct session s;
    struct span line;
    lifecycle_begin(&s, &talk, service, io, host);
    while (!s.closing && lifecycle_may_go_on(&s)) {
        switch (line_next(&s, MOST, &line)) {
        case LINE_READY:
            answer(&s, "crlf", line);
            break;
        case LINE_LF_ALONE:
            answer(&s, "lf", line);
            break;
        case LINE_TOO_LONG:
            answer(&s, "long", SPAN(""));
            break;
        case LINE_WOKEN:
        case LINE_ENDED:
            break;
        }
    }
    lifecycle_end(&s);
}

static void hear(struct world *w, const char *said, const char *want, const char *name)
{
    is_str(world_run(w, span_str(said)), want, "%s", name);
    for (size_t i = 1; said[i]; i++) {
        w->split = i;
        if (strcmp(world_run(w, span_str(said)), want) != 0)
            is_str(w->output.p, want, "%s, in two pieces after %zu bytes", name, i);
    }
    w->split = 0;
}

static void test_lines(struct world *w)
{
    hear(w, "NOOP\r\nend\r\n", "crlf:NOOP\ncrlf:end\n", "two lines");
    hear(w, "NOOP\nend\r\n", "lf:NOOP\ncrlf:end\n", "LF alone is told apart");
    hear(w, "\r\n\nend\r\n", "crlf:\nlf:\ncrlf:end\n", "empty lines");
    hear(w, "a\rb\r\n\r\r\nend\n", "crlf:a\rb\ncrlf:\r\nlf:end\n", "a CR within a line stays");
    hear(w, "end\r\nmore\r\n", "crlf:end\n", "nothing is read after the end");
    hear(w, "NOOP\r\nen", "crlf:NOOP\n", "half a line at the end of the input is dropped");
}

static void test_limit(struct world *w)
{
    hear(w, "123456\r\nend\r\n", "crlf:123456\ncrlf:end\n", "a line of the most bytes allowed");
    hear(w, "1234567\nend\n", "lf:1234567\nlf:end\n", "the same with LF alone");
    hear(w, "1234567\r\nend\r\n", "long:\ncrlf:end\n", "one byte more is too long");
    hear(w, "12345678901234567890\n\nend\r\n", "long:\nlf:\ncrlf:end\n", "much more, too");
    hear(w, "12345678901234567890", "", "a long line without an end");
}

static void test_ends(struct world *w)
{
    w->end = IO_TIMEOUT;
    hear(w, "NOOP\r\n", "crlf:NOOP\n(idle timeout)\n", "idle");
    is_str(world_run(w, SPAN("NO")), "(the rest of the request did not arrive in time)\n",
           "half a line, and then nothing");
    is_str(world_run(w, SPAN("12345678901")), "(the rest of the request did not arrive in time)\n",
           "a part of a line that is too long, and then nothing");
    w->end = IO_INTERRUPT;
    is_str(world_run(w, SPAN("NOOP\r\n")), "crlf:NOOP\n", "a wake for nothing");
    w->reason = "the server stops";
    is_str(world_run(w, SPAN("NOOP\r\n")), "crlf:NOOP\n(the server stops)\n",
           "the last words when the host ends the session");
    w->reason = NULL;
    w->end = IO_CLOSED;
    w->room = 3;
    is_str(world_run(w, SPAN("NOOP\r\nend\r\n")), "", "a client that takes no answer");
    w->room = UINT64_MAX;
}

int main(void)
{
    struct world w;
    world_begin(&w, 1000, 100000);
    w.talk = &talk;
    test_lines(&w);
    test_limit(&w);
    test_ends(&w);
    world_end(&w);
    return done_testing();
}
