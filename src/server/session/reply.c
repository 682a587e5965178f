/* SPDX-License-Identifier: ISC */
#include "session/reply.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "os/clock.h"
#include "proto/frame.h"
#include "store/fence.h"

#define POUR_BYTES   32768 /* reply_pour writes from this size on */
#define KEPT_BYTES   4096  /* of the buffer, kept between answers */
#define EXIT_WAIT_MS 5000  /* for the last answer of a session */

static const char answer_word[] = "Answer";

void reply_yes(struct session *s)
{
    size_t mark = frame_open(&s->out, s->dialect, answer_word, 1);
    frame_arg(&s->out, s->dialect, SPAN("Yes"));
    frame_close(&s->out, s->dialect, mark);
}

void reply_begin_yes(struct session *s, uint64_t nargs, uint64_t args_bytes)
{
    frame_open_sized(&s->out, s->dialect, answer_word, nargs + 1, SPAN("Yes|").n + args_bytes);
    frame_arg(&s->out, s->dialect, SPAN("Yes"));
}

static void reply_two(struct session *s, struct span first, struct span second)
{
    size_t mark = frame_open(&s->out, s->dialect, answer_word, 2);
    frame_arg(&s->out, s->dialect, first);
    frame_arg(&s->out, s->dialect, second);
    frame_close(&s->out, s->dialect, mark);
}

void reply_text(struct session *s, const char *text)
{
    reply_two(s, SPAN("Yes"), span_str(text));
}

void reply_noop(struct session *s, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    reply_two(s, SPAN("Noop"), span_str(text));
}

/* The first reason counts: the others follow from it. */
void reply_close(struct session *s, const char *reason)
{
    s->closing = true;
    if (!s->ending)
        s->ending = reason;
}

void reply_exit(struct session *s, const char *reason)
{
    char exit[FRAME_EXIT_BYTES];
    buf_add(&s->out, span_of(exit, s->talk->farewell(exit, s->dialect, reason)));
    reply_close(s, reason);
}

void reply_status(struct session *s, enum status st)
{
    const char *reason = s->host->end_reason(s->host);
    if (st == ST_OK)
        reply_yes(s);
    else if (st == ST_UNKNOWN)
        reply_exit(s, reason ? reason : status_text(st));
    else
        reply_noop(s, "%s", status_text(st));
}

const char *reply_too_often_words(char words[REPLY_TOO_OFTEN_BYTES], const char *what,
                                  int64_t try_again_ms)
{
    snprintf(words, REPLY_TOO_OFTEN_BYTES, "%s: %s; try again in %" PRId64 " s",
             status_text(ST_TOO_OFTEN), what, (try_again_ms + 999) / 1000);
    return words;
}

void reply_too_often(struct session *s, const char *what, int64_t try_again_ms)
{
    char words[REPLY_TOO_OFTEN_BYTES];
    reply_noop(s, "%s", reply_too_often_words(words, what, try_again_ms));
}

static void give_up(struct session *s, const char *reason)
{
    reply_close(s, reason);
    s->broken = true;
    buf_clear(&s->out);
}

void reply_is_whole(struct session *s)
{
    if (buf_ok(&s->out))
        s->whole = s->bytes_out + s->out.n;
}

/*
 * How long the client may take to accept these bytes: the time for a whole answer, less the
 * client's delay in accepting earlier parts. The time between writes does not count.
 */
static int64_t write_wait_ms(const struct session *s, size_t bytes)
{
    int64_t late_ms = s->write_ms - session_slowest_ms(s, s->written);
    if (s->closing)
        return EXIT_WAIT_MS;
    return s->service->limits.write_ms + session_slowest_ms(s, bytes) - (late_ms > 0 ? late_ms : 0);
}

/* False: they could not be written, and the session ends. */
static bool write_bytes(struct session *s, struct span bytes)
{
    int64_t began_ms = os_clock_ms();
    if (bytes.n == 0)
        return true;
    switch (s->io->write(s->io, bytes.p, bytes.n, began_ms + write_wait_ms(s, bytes.n))) {
    case IO_OK:
        s->bytes_out += bytes.n;
        s->written += bytes.n;
        s->write_ms += os_clock_ms() - began_ms;
        return true;
    case IO_TIMEOUT:
        give_up(s, "the client does not read its answers");
        return false;
    default:
        give_up(s, "the connection is broken");
        return false;
    }
}

/* Sends Exit, which takes no memory. */
static void write_exit(struct session *s, const char *words)
{
    char exit[FRAME_EXIT_BYTES];
    size_t n = s->talk->farewell(exit, s->dialect, words);
    write_bytes(s, span_of(exit, n));
}

/*
 * Nothing more can be added to s->out: sends the answers in it that are complete, and Exit. If a
 * part of the next answer has been sent, the connection closes within it.
 */
static void end_for_memory(struct session *s)
{
    reply_close(s, "out of memory for an answer");
    if (s->whole >= s->bytes_out &&
        write_bytes(s, span_first(buf_span(&s->out), (size_t)(s->whole - s->bytes_out))))
        write_exit(s, status_text(ST_NO_MEMORY));
    give_up(s, "out of memory for an answer");
}

/* If a part of an answer has been sent, the connection is closed in the middle of it. */
void reply_abandon(struct session *s, const char *reason)
{
    reply_close(s, reason);
    if (s->edge == s->bytes_out)
        write_exit(s, s->ending);
    give_up(s, s->ending);
}

/* False: another server may have the store, so none of the answers in s->out is sent. */
static bool may_answer(struct session *s)
{
    if (fence_holds(s->service->store))
        return true;
    reply_abandon(s, status_text(ST_UNKNOWN));
    return false;
}

/* Writes s->out and keeps its memory. */
static bool write_out(struct session *s)
{
    if (s->broken)
        return false;
    if (s->out.n > 0 && !may_answer(s))
        return false;
    if (!buf_ok(&s->out)) {
        end_for_memory(s);
        return false;
    }
    if (!write_bytes(s, buf_span(&s->out)))
        return false;
    buf_clear(&s->out);
    if (s->whole == s->bytes_out)
        s->edge = s->bytes_out;
    return true;
}

bool reply_flush(struct session *s)
{
    bool ok = write_out(s);
    s->whole = s->edge = s->bytes_out;
    if (ok)
        buf_trim(&s->out, KEPT_BYTES);
    return ok;
}

bool reply_add_plain(struct session *s, struct span bytes)
{
    if (bytes.n >= POUR_BYTES)
        return write_out(s) && may_answer(s) && write_bytes(s, bytes);
    buf_add(&s->out, bytes);
    return reply_pour(s);
}

bool reply_pour(struct session *s)
{
    if (buf_ok(&s->out) && s->out.n < POUR_BYTES)
        return true;
    return write_out(s);
}

void reply_break(struct session *s, const char *reason)
{
    reply_close(s, reason);
    reply_flush(s);
    give_up(s, reason);
}
