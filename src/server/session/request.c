/* SPDX-License-Identifier: ISC */
#include "session/request.h"

#include <stdint.h>

#include "proto/escape.h"
#include "proto/frame.h"
#include "session/foreign.h"
#include "session/input.h"
#include "session/reply.h"

#define BEFORE_LOGIN_BYTES 4096       /* PROTOCOL 7 */
#define SKIP_LINE          UINT64_MAX /* as s->skip: up to the end of the line */

static void set_frame_limit(struct session *s)
{
    uint64_t after = s->service->limits.message_bytes * ESCAPE_GROWTH + BEFORE_LOGIN_BYTES;
    s->frame_limit = s->logged_in ? (size_t)after : BEFORE_LOGIN_BYTES;
}

/* A limit that was changed by a reload, or by a login, counts from the next frame on. */
static enum input_result wait_for_more(struct session *s, const struct frame_scan *scan)
{
    bool between = input_is_between(s);
    enum input_result result =
        input_more(s, scan->length > 0 ? FRAME_LENGTH_DIGITS + scan->length : 0);
    if (between && result == INPUT_MORE)
        set_frame_limit(s);
    return result;
}

/* The client has closed its side. */
static void end_for_close(struct session *s)
{
    if (s->skip == 0 && input_waiting(s).n > 0)
        reply_noop(s, "the request is incomplete and was not carried out: %s",
                   s->dialect.form == FORM_LINE ? "its line does not end in LF"
                                                : "the frame is shorter than its length says");
    reply_break(s, "closed by the client");
}

/* Drops the bytes of a refused frame that have arrived. True: that was all of it. */
static bool skip_some(struct session *s)
{
    struct span in = input_waiting(s);
    size_t line = span_find(in, '\n');
    size_t n = in.n;
    if (s->skip != SKIP_LINE) {
        n = s->skip < n ? (size_t)s->skip : n;
        s->skip -= n;
    } else if (line < n) {
        n = line + 1;
        s->skip = 0;
    }
    input_drop(s, n);
    return s->skip == 0;
}

/* There is no memory for this frame: drops the bytes that have arrived, and later the rest. */
static void refuse(struct session *s, const struct frame_scan *scan)
{
    s->skip = SKIP_LINE;
    if (s->dialect.form != FORM_LINE)
        s->skip = FRAME_LENGTH_DIGITS + scan->length - s->in.n;
    s->dropped = s->in.n;
    buf_clear(&s->in); /* this also clears the failure to grow */
}

static bool is_http(struct span line)
{
    size_t at = line.n < 8 ? 0 : line.n - 8;
    return line.n >= 8 && span_starts(span_skip(line, at), SPAN("HTTP/1."));
}

static enum request_result accept_frame(struct session *s, const struct frame_scan *scan)
{
    bool first = s->first_line;
    s->request_bytes = scan->total;
    s->first_line = false;
    if (!first || s->dialect.form != FORM_LINE)
        return REQUEST_READY;
    if (is_http(scan->payload))
        foreign_end(s, EVENT_INFO, FOREIGN_HTTP_REASON);
    else if (foreign_is_proxy(scan->payload))
        foreign_end(s, EVENT_WARNING, FOREIGN_PROXY_REASON);
    return s->closing ? REQUEST_ENDED : REQUEST_READY;
}

/* Looks for a frame in what has arrived. REQUEST_ENDED and not s->closing: it is incomplete. */
static enum request_result look_for_frame(struct session *s, struct span *payload,
                                          struct frame_scan *scan)
{
    if (s->dialect.form == FORM_UNKNOWN)
        s->dialect.form = frame_form(input_waiting(s));
    switch (frame_scan(input_waiting(s), s->dialect.form, s->frame_limit, scan)) {
    case FRAME_DONE:
        *payload = scan->payload;
        return accept_frame(s, scan);
    case FRAME_MORE:
        s->taken += scan->skipped;
        break;
    case FRAME_NO_LENGTH:
        reply_noop(s, "a frame begins with its length in bytes, ten decimal digits, at most %zu",
                   s->frame_limit);
        foreign_end(s, EVENT_INFO, "the next frame cannot be found");
        break;
    case FRAME_TOO_LONG:
        reply_noop(s, "the frame is too long: at most %zu bytes%s", s->frame_limit,
                   s->logged_in ? "" : " before login");
        foreign_end(s, EVENT_INFO, "the frame is too long");
        break;
    }
    return REQUEST_ENDED;
}

enum request_result request_next(struct session *s, struct span *payload)
{
    struct frame_scan scan = {.skipped = 0};
    for (;;) {
        if (s->skip > 0) {
            if (skip_some(s))
                return REQUEST_REFUSED;
        } else if (look_for_frame(s, payload, &scan) == REQUEST_READY) {
            return REQUEST_READY;
        }
        if (s->closing)
            return REQUEST_ENDED;
        switch (wait_for_more(s, &scan)) {
        case INPUT_MORE:
            break;
        case INPUT_NO_MEMORY:
            if (s->in.cap == 0) { /* no room even to drop it */
                reply_exit(s, status_text(ST_NO_MEMORY));
                return REQUEST_ENDED;
            }
            refuse(s, &scan);
            break;
        case INPUT_WOKEN:
            return REQUEST_WOKEN;
        case INPUT_CLOSED:
            end_for_close(s);
            return REQUEST_ENDED;
        case INPUT_ENDED:
            return REQUEST_ENDED;
        }
    }
}

void request_done(struct session *s)
{
    s->dialect.brackets = false;
    input_done(s);
    set_frame_limit(s);
}
