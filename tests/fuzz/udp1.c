/* SPDX-License-Identifier: ISC */
/*
 * One end of a session in version 1: a peer that sends it anything in any order, the time, and what
 * is written, which another end gets.
 */
#include "udp/udp1.h"

#include "base/digits.h"
#include "heard.h"
#include "proto/frame.h"

static struct udp1 u, other;
static struct heard heard;
static struct buf written;

static void receive(struct span datagram, int64_t now_us)
{
    struct span s = exact(datagram);
    struct datagram d = {0};
    bool form = datagram_parse_1(s, &d), old = d.number == 1 && u.in.next > 1;
    bool long_ago = now_us - u.heard_us >= UDP1_RESTART_US;
    enum udp1_result r = udp1_receive(&u, s, now_us);

    must(form || r == UDP1_DROPPED);
    must((r == UDP1_RESTART) == (form && old && long_ago));
    if (r == UDP1_TAKEN) {
        must(d.number > 0 && d.number < HEARD_MAX && !heard.body[d.number].p);
        heard.body[d.number] = span_skip(datagram, DATAGRAM_NUMBER);
    }
    must((u.gap_us == INT64_MAX) == (u.in.highest < u.in.next) && u.gap_us >= 0);
    exact_free(s);
}

static void receive_any(struct span *in, int64_t now_us)
{
    uint64_t number = heard_number(in, &u.in);
    struct span body = fuzz_bytes(in, fuzz_below(in, 256));

    if (body.n < DATAGRAM_NUMBER)
        return;
    /* Its number is written over the input's bytes, in whose place the body stays. */
    struct span digits = span_first(body, DATAGRAM_NUMBER);
    digits_put(exact_bytes(digits), number, DATAGRAM_NUMBER);
    receive(body, now_us);
}

static void read_some(size_t size)
{
    char *room = buf_space(&heard.read, size + 1);
    size_t n = udp1_read(&u, room, size);

    must(n == size || !udp1_ready(&u));
    buf_added(&heard.read, n);
}

/* A frame, which goes out as datagrams of at most the agreed size and comes whole. */
static void write_frame(struct span payload)
{
    char out[DATAGRAM_MAX], got[2 * DATAGRAM_MAX];
    size_t begun = written.n, have = 0;

    buf_add_u64(&written, payload.n, FRAME_LENGTH_DIGITS);
    buf_add(&written, payload);
    for (size_t at = begun; at < written.n;) {
        size_t took = udp1_write(&u, span_skip(buf_span(&written), at));
        must(took > 0);
        at += took;
        size_t n = udp1_poll(&u, out);
        if (n == 0)
            continue;
        must(n <= u.size && udp1_poll(&u, out) == 0);
        must(udp1_receive(&other, span_of(out, n), 0) == UDP1_TAKEN);
        have += udp1_read(&other, got + have, sizeof got - have);
    }
    /* These three bytes go as spaces. */
    for (char *c = written.p + begun; c < written.p + written.n; c++)
        *c = *c == '\r' || *c == '\0' || *c == DATAGRAM_END_MARK ? ' ' : *c;
    must(span_eq(span_of(got, have), span_skip(buf_span(&written), begun)));
}

void fuzz_one(struct span in)
{
    struct span copy = exact(in);
    int64_t now_us = 0;

    in = copy;
    udp1_init(&u, fuzz_below(&in, 2000), 0);
    udp1_init(&other, 0, 0);
    heard_begin(&heard);
    buf_init(&written, SIZE_MAX / 2);
    while (in.n > 0) {
        switch (fuzz_byte(&in) % 6) {
        case 0:
        case 1:
            receive_any(&in, now_us);
            break;
        case 2:
            receive(fuzz_bytes(&in, fuzz_below(&in, 40)), now_us);
            break;
        case 3:
            now_us += (int64_t)fuzz_below(&in, 65536) * 1000;
            break;
        case 4:
            read_some(fuzz_below(&in, 400));
            break;
        default:
            write_frame(fuzz_bytes(&in, fuzz_below(&in, 2500)));
        }
        heard_check(&heard, &u.in);
    }
    while (udp1_ready(&u))
        read_some(4096);
    heard_end(&heard);
    buf_free(&written);
    udp1_free(&u);
    udp1_free(&other);
    exact_free(copy);
}
