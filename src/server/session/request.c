/* SPDX-License-Identifier: ISC */
#include "session/request.h"

#include <stdint.h>

#include "os/clock.h"
#include "os/stack.h"
#include "proto/escape.h"
#include "proto/frame.h"
#include "session/auth.h"
#include "session/reply.h"
#include "session/session_log.h"

#define BEFORE_LOGIN_BYTES 4096 /* PROTOCOL 7 */
#define READ_BYTES         2048
#define REST_MS            1000
#define SKIP_LINE          UINT64_MAX /* as s->skip: up to the end of the line */

/* Called when a frame begins: a new limit, or a login, counts from the next frame on. */
static void set_frame_limit(struct session *s)
{
    uint64_t after = s->service->limits.message_bytes * ESCAPE_GROWTH + BEFORE_LOGIN_BYTES;
    s->frame_limit = s->logged_in ? (size_t)after : BEFORE_LOGIN_BYTES;
}

/* The bytes that have arrived and are not done with. */
static struct span waiting(const struct session *s)
{
    return span_skip(buf_span(&s->in), s->taken);
}

/* Moves them to the front. Called before a read, not after each of many short requests. */
static void compact(struct session *s)
{
    buf_consume(&s->in, s->taken);
    s->taken = 0;
}

/*
 * Makes room to read into, within the memory that all sessions share: the buffer doubles, but never
 * becomes larger than the frame. False: there is no memory.
 */
static bool make_room(struct session *s, const struct frame_scan *scan)
{
    size_t want = s->in.n + (s->in.n > READ_BYTES ? s->in.n : READ_BYTES);
    size_t whole = FRAME_LENGTH_DIGITS + (size_t)scan->length;
    if (scan->length > 0 && whole < want)
        want = whole;
    if (want <= s->in.cap) /* it is more than s->in.n: a frame that is whole is not waited for */
        return true;
    if (want > REQUEST_BASE_BYTES && !auth_take_memory(s, &s->share, want - REQUEST_BASE_BYTES))
        return false;
    s->in.limit = want; /* or the buffer would grow beyond the share */
    return buf_reserve(&s->in, want - s->in.n);
}

static bool between_frames(const struct session *s)
{
    return s->in.n == 0 && s->skip == 0;
}

static int64_t read_deadline(const struct session *s)
{
    if (between_frames(s))
        return s->heard_ms + s->service->limits.idle_ms;
    return s->begun_ms + s->service->limits.frame_ms + session_slowest_ms(s, s->in.n + s->skipped);
}

/*
 * Reads into s->in. A client that has sent no request for REST_MS may send none for long: its
 * thread then gives back the memory of its stack that the last request took.
 */
static enum io_result read_or_rest(struct session *s, size_t *n)
{
    char *to = s->in.p + s->in.n;
    size_t room = s->in.cap - s->in.n;
    int64_t deadline_ms = read_deadline(s), rest_ms = s->heard_ms + REST_MS;
    if (between_frames(s) && !s->rested && rest_ms < deadline_ms) {
        enum io_result result = s->io->read(s->io, to, room, rest_ms, n);
        if (result != IO_TIMEOUT)
            return result;
        os_stack_trim();
        s->rested = true;
    }
    return s->io->read(s->io, to, room, deadline_ms, n);
}

/* Reads the bytes that are there, or waits for some. REQUEST_READY: some arrived. */
static enum request_result read_more(struct session *s)
{
    size_t n = 0;
    switch (read_or_rest(s, &n)) {
    case IO_OK:
        s->rested = false;
        s->heard_ms = os_clock_ms();
        s->host->heard(s->host, s->heard_ms);
        if (between_frames(s)) {
            s->begun_ms = s->heard_ms;
            set_frame_limit(s);
        }
        buf_added(&s->in, n);
        s->bytes_in += n;
        return REQUEST_READY;
    case IO_INTERRUPT:
        return REQUEST_WOKEN;
    case IO_LOST:
        reply_exit(s, "part of the request was lost");
        break;
    case IO_TIMEOUT:
        reply_exit(s, between_frames(s) ? "idle timeout"
                                        : "the rest of the frame did not arrive in time");
        break;
    case IO_CLOSED:
        if (s->skip == 0 && waiting(s).n > 0)
            reply_noop(s, "the request is incomplete and was not carried out: %s",
                       s->dialect.form == FORM_LINE ? "its line does not end in LF"
                                                    : "the frame is shorter than its length says");
        reply_break(s, "closed by the client");
        break;
    }
    return REQUEST_ENDED;
}

/* Drops the bytes of a refused frame that have arrived. True: that was all of it. */
static bool skip_some(struct session *s)
{
    struct span in = waiting(s);
    size_t line = span_find(in, '\n');
    size_t n = in.n;
    if (s->skip != SKIP_LINE) {
        n = s->skip < n ? (size_t)s->skip : n;
        s->skip -= n;
    } else if (line < n) {
        n = line + 1;
        s->skip = 0;
    }
    s->taken += n;
    s->skipped += n;
    return s->skip == 0;
}

/* There is no memory for this frame: drops the bytes that have arrived, and later the rest. */
static void refuse(struct session *s, const struct frame_scan *scan)
{
    s->skip = SKIP_LINE;
    if (s->dialect.form != FORM_LINE)
        s->skip = FRAME_LENGTH_DIGITS + scan->length - s->in.n;
    s->skipped = s->in.n;
    buf_clear(&s->in); /* this also clears the failure to grow */
}

/* The client does not follow the protocol: Exit. */
static void end_for_protocol(struct session *s, const char *reason)
{
    session_log_protocol(s, reason);
    reply_exit(s, reason);
}

static bool is_http(struct span line)
{
    size_t at = line.n < 8 ? 0 : line.n - 8;
    return line.n >= 8 && span_starts(span_skip(line, at), SPAN("HTTP/1."));
}

static enum request_result accept_frame(struct session *s, const struct frame_scan *scan)
{
    bool first = s->first_line;
    s->frame_bytes = scan->total;
    s->first_line = false;
    if (first && s->dialect.form == FORM_LINE && is_http(scan->payload)) {
        end_for_protocol(s, "this is not a web server");
        return REQUEST_ENDED;
    }
    return REQUEST_READY;
}

/* Looks for a frame in what has arrived. REQUEST_ENDED and not s->closing: it is incomplete. */
static enum request_result look_for_frame(struct session *s, struct span *payload,
                                          struct frame_scan *scan)
{
    if (s->dialect.form == FORM_UNKNOWN)
        s->dialect.form = frame_form(waiting(s));
    switch (frame_scan(waiting(s), s->dialect.form, s->frame_limit, scan)) {
    case FRAME_DONE:
        *payload = scan->payload;
        return accept_frame(s, scan);
    case FRAME_MORE:
        s->taken += scan->skipped;
        break;
    case FRAME_NO_LENGTH:
        reply_noop(s, "a frame begins with its length in bytes, ten decimal digits, at most %zu",
                   s->frame_limit);
        end_for_protocol(s, "the next frame cannot be found");
        break;
    case FRAME_TOO_LONG:
        reply_noop(s, "the frame is too long: at most %zu bytes%s", s->frame_limit,
                   s->logged_in ? "" : " before login");
        end_for_protocol(s, "the frame is too long");
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
        compact(s);
        if (!make_room(s, &scan)) {
            if (s->in.cap == 0) { /* no room even to drop it */
                reply_exit(s, status_text(ST_NO_MEMORY));
                return REQUEST_ENDED;
            }
            refuse(s, &scan);
            continue;
        }
        if (!reply_flush(s))
            return REQUEST_ENDED;
        enum request_result result = read_more(s);
        if (result != REQUEST_READY)
            return result;
    }
}

void request_done(struct session *s)
{
    s->taken += s->frame_bytes;
    s->frame_bytes = 0;
    s->skipped = 0;
    s->dialect.brackets = false;
    s->written = 0;
    s->write_ms = 0;
    s->heard_ms = s->begun_ms = os_clock_ms();
    set_frame_limit(s);
    if (s->share.bytes > 0 && s->in.n - s->taken < REQUEST_BASE_BYTES) {
        compact(s);
        buf_trim(&s->in, REQUEST_BASE_BYTES);
        auth_take_memory(s, &s->share, 0);
    }
}
