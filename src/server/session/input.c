/* SPDX-License-Identifier: ISC */
#include "session/input.h"

#include "os/clock.h"
#include "os/stack.h"
#include "session/auth.h"
#include "session/reply.h"

#define READ_BYTES 2048
#define REST_MS    1000

struct span input_waiting(const struct session *s)
{
    return span_skip(buf_span(&s->in), s->taken);
}

bool input_is_between(const struct session *s)
{
    return s->in.n == s->taken && s->dropped == 0;
}

void input_drop(struct session *s, size_t n)
{
    s->taken += n;
    s->dropped += n;
}

/* Moves the bytes that wait to the front. Called before a read, not after each short request. */
static void compact(struct session *s)
{
    buf_consume(&s->in, s->taken);
    s->taken = 0;
}

/*
 * Makes room to read into, within the memory that all sessions share: the buffer doubles, but never
 * becomes larger than the request. False: there is no memory.
 */
static bool make_room(struct session *s, uint64_t whole)
{
    size_t want = s->in.n + (s->in.n > READ_BYTES ? s->in.n : READ_BYTES);
    if (whole > 0 && whole < want)
        want = (size_t)whole;
    if (want <= s->in.cap) /* there is room: want > s->in.n, since the request is not complete */
        return true;
    if (want > INPUT_BASE_BYTES && !auth_take_memory(s, &s->share, want - INPUT_BASE_BYTES))
        return false;
    s->in.limit = want; /* or the buffer would grow beyond the share */
    return buf_reserve(&s->in, want - s->in.n);
}

static int64_t read_deadline(const struct session *s)
{
    if (input_is_between(s))
        return s->heard_ms + s->service->limits.idle_ms;
    return s->begun_ms + s->service->limits.frame_ms + session_slowest_ms(s, s->in.n + s->dropped);
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
    if (input_is_between(s) && !s->rested && rest_ms < deadline_ms) {
        enum io_result result = s->io->read(s->io, to, room, rest_ms, n);
        if (result != IO_TIMEOUT)
            return result;
        os_stack_trim();
        s->rested = true;
    }
    return s->io->read(s->io, to, room, deadline_ms, n);
}

/* Reads the bytes that are there, or waits for some. */
static enum input_result read_more(struct session *s)
{
    size_t n = 0;
    switch (read_or_rest(s, &n)) {
    case IO_OK:
        s->rested = false;
        s->heard_ms = os_clock_ms();
        s->host->heard(s->host, s->heard_ms);
        if (input_is_between(s))
            s->begun_ms = s->heard_ms;
        buf_added(&s->in, n);
        s->bytes_in += n;
        return INPUT_MORE;
    case IO_INTERRUPT:
        return INPUT_WOKEN;
    case IO_LOST:
        reply_exit(s, "part of the request was lost");
        break;
    case IO_TIMEOUT:
        reply_exit(s, input_is_between(s) ? INPUT_IDLE : INPUT_SLOW);
        break;
    case IO_CLOSED:
        return INPUT_CLOSED;
    }
    return INPUT_ENDED;
}

enum input_result input_more(struct session *s, uint64_t whole)
{
    compact(s);
    if (!make_room(s, whole))
        return INPUT_NO_MEMORY;
    return reply_flush(s) ? read_more(s) : INPUT_ENDED;
}

void input_complete(struct session *s)
{
    s->received_ms = os_clock_ms();
    s->host->heard(s->host, INT64_MAX);
}

void input_done(struct session *s)
{
    s->taken += s->request_bytes;
    s->request_bytes = 0;
    s->dropped = 0;
    s->written = 0;
    s->write_ms = 0;
    s->heard_ms = s->begun_ms = os_clock_ms();
    s->host->heard(s->host, s->heard_ms);
    if (s->share.bytes > 0 && s->in.n - s->taken < INPUT_BASE_BYTES) {
        compact(s);
        buf_trim(&s->in, INPUT_BASE_BYTES);
        auth_take_memory(s, &s->share, 0);
    }
}
