/* SPDX-License-Identifier: ISC */
#include "door.h"

#include <stdarg.h>
#include <stdio.h>

#include "os/clock.h"
#include "os/net.h"

#define PIECE_BYTES 16384

bool door_dial(struct door *d, unsigned port, int64_t idle_ms)
{
    struct address_place place = {.host = "127.0.0.1"};
    const char *why;
    int fd;

    snprintf(place.port, sizeof place.port, "%u", port);
    fd = os_net_connect(&place, os_clock_ms() + idle_ms, NULL, &why);
    if (fd < 0)
        return false;
    *d = (struct door){.idle_ms = idle_ms};
    socket_io_init(&d->net, fd);
    buf_init(&d->in, SIZE_MAX / 2);
    buf_init(&d->out, SIZE_MAX / 2);
    return true;
}

void door_hang_up(struct door *d)
{
    os_net_close(d->net.fd);
    buf_free(&d->in);
    buf_free(&d->out);
}

static enum reply_result result_of(enum io_result io)
{
    return io == IO_OK ? REPLY_OK : io == IO_TIMEOUT ? REPLY_TIMEOUT : REPLY_LOST;
}

enum reply_result door_write(struct door *d, struct span bytes)
{
    return result_of(d->net.io.write(&d->net.io, bytes.p, bytes.n, os_clock_ms() + d->idle_ms));
}

enum reply_result door_say(struct door *d, const char *format, ...)
{
    va_list args;

    buf_clear(&d->out);
    va_start(args, format);
    buf_vprintf(&d->out, format, args);
    va_end(args);
    buf_add_str(&d->out, "\r\n");
    return door_write(d, buf_span(&d->out));
}

static enum reply_result read_more(struct door *d)
{
    size_t n;
    char *room;
    enum io_result io;

    buf_consume(&d->in, d->taken);
    d->taken = 0;
    room = buf_space(&d->in, PIECE_BYTES);
    if (!room)
        return REPLY_MEMORY;
    io = d->net.io.read(&d->net.io, room, PIECE_BYTES, os_clock_ms() + d->idle_ms, &n);
    if (io == IO_OK)
        buf_added(&d->in, n);
    return result_of(io);
}

enum reply_result door_line(struct door *d, struct span *line)
{
    enum reply_result result = REPLY_OK;

    while (result == REPLY_OK) {
        struct span rest = span_skip(buf_span(&d->in), d->taken);
        if (span_cut(&rest, '\n', line)) {
            d->taken += line->n + 1;
            line->n -= span_ends(*line, SPAN("\r"));
            return REPLY_OK;
        }
        result = read_more(d);
    }
    return result;
}

static enum reply_result refused(struct door *d, struct span line, enum reply_result result)
{
    snprintf(d->words, sizeof d->words, "%.*s", SPAN_PRINTF(line));
    return result;
}

enum reply_result door_code(struct door *d, struct span *line)
{
    enum reply_result result;

    do
        result = door_line(d, line);
    while (result == REPLY_OK && line->n > 3 && line->p[3] == '-');
    if (result != REPLY_OK || span_starts(*line, SPAN("2")) || span_starts(*line, SPAN("3")))
        return result;
    return refused(d, *line, span_starts(*line, SPAN("421")) ? REPLY_EXIT : REPLY_NOOP);
}

enum reply_result door_ok(struct door *d, struct span *line)
{
    enum reply_result result = door_line(d, line);

    if (result != REPLY_OK || span_starts(*line, SPAN("+OK")))
        return result;
    return refused(d, *line, REPLY_NOOP);
}

enum reply_result door_ask_code(struct door *d, const char *line)
{
    struct span answer;
    enum reply_result result = door_say(d, "%s", line);

    return result == REPLY_OK ? door_code(d, &answer) : result;
}

enum reply_result door_ask_ok(struct door *d, const char *line)
{
    struct span answer;
    enum reply_result result = door_say(d, "%s", line);

    return result == REPLY_OK ? door_ok(d, &answer) : result;
}

enum reply_result door_send_text(struct door *d, struct span text)
{
    buf_clear(&d->out);
    while (text.n > 0) {
        struct span line = span_line(text);
        if (span_starts(line, SPAN(".")))
            buf_add_char(&d->out, '.');
        buf_add(&d->out, line);
        text = span_skip(text, line.n);
    }
    buf_add_str(&d->out, ".\r\n");
    return door_write(d, buf_span(&d->out));
}

enum reply_result door_read_text(struct door *d, struct buf *text)
{
    struct span line;
    enum reply_result result;

    buf_clear(text);
    while ((result = door_line(d, &line)) == REPLY_OK && !span_eq(line, SPAN("."))) {
        buf_add(text, span_skip(line, span_starts(line, SPAN(".")) ? 1 : 0));
        buf_add_str(text, "\r\n");
    }
    return result;
}
