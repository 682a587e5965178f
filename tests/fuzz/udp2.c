/* SPDX-License-Identifier: ISC */
/*
 * One end of a session in version 2: a peer that knows the id and sends anything in any order, the
 * time, and what is written, which another end gets as it is sent.
 */
#include "udp/udp2.h"

#include "base/digits.h"
#include "heard.h"
#include "proto/frame.h"

#define ID 0xabc

static struct udp2 u, other;
static struct heard heard;
static struct buf written;
static size_t sent; /* bytes of written that u has taken */
static size_t heard_by_other;
static int64_t now_us;

/* What the counts count is there. */
static void check(void)
{
    unsigned in_flight = 0, lost = 0, listed = 0;
    int64_t sent_us = INT64_MIN;

    must(u.una <= u.next && u.next <= u.full && u.full <= u.una + u.room);
    for (uint64_t n = u.una; n < u.next; n++) {
        const struct udp2_sent *s = &u.slot[n % u.room];
        must((s->p == NULL) == s->acked && !(s->acked && s->lost));
        lost += s->lost;
        in_flight += !s->acked && !s->lost;
    }
    for (uint64_t n = u.oldest; n > 0; n = u.slot[n % u.room].after, listed++) {
        const struct udp2_sent *s = &u.slot[n % u.room];
        must(n >= u.una && n < u.next && !s->acked && !s->lost && s->us >= sent_us);
        must(s->after > 0 || n == u.newest);
        sent_us = s->us;
    }
    must(u.in_flight == in_flight && listed == in_flight && u.lost == lost);
    must(u.una == u.next || !u.slot[u.una % u.room].acked);
    must(u.cwnd >= 1 && u.cwnd <= UDP2_SEND_MAX && u.limit >= UDP2_WINDOW);
    must(u.srtt_us >= 0 && u.rttvar_us >= 0 && u.min_rtt_us >= 0);
    heard_check(&heard, &u.in);
}

/* What it sends is well-formed, comes to an end, and leaves nothing that is due at once. */
static void send_all(void)
{
    char out[DATAGRAM_SIZE_2_MAX], got[DATAGRAM_SIZE_2_MAX];
    struct datagram d;
    size_t n;
    int count = 0;

    for (; (n = udp2_poll(&u, out, now_us)) > 0; count++) {
        must(datagram_parse_2(span_of(out, n), &d) && d.id == ID && count < 2 * UDP2_SEND_MAX);
        must(n <= (udp2_is_data(&d) ? u.body_max + DATAGRAM_AROUND : UDP2_OTHER_MAX));
        if (udp2_is_data(&d) && d.number >= other.in.reading)
            udp2_receive(&other, span_of(out, n), now_us);
        while ((n = udp2_read(&other, got, sizeof got, now_us)) > 0) {
            must(span_starts(span_skip(buf_span(&written), heard_by_other), span_of(got, n)));
            heard_by_other += n;
        }
    }
    must(heard_by_other <= sent && udp2_timer(&u) > now_us);
}

/* Whether data came that had not before. */
static bool receive(struct span body, uint64_t number, uint64_t id, char type)
{
    char out[DATAGRAM_SIZE_2_MAX];

    memcpy(out + DATAGRAM_HEAD, body.p, body.n);
    struct span s = exact(span_of(out, datagram_close_2(out, number, id, type, body.n)));
    bool before = number >= HEARD_MAX || reorder_came(&u.in, number);
    must(udp2_receive(&u, s, now_us) == (id == ID));
    exact_free(s);
    return !before && reorder_came(&u.in, number);
}

static void receive_data(struct span *in)
{
    static const char any[] = "";
    uint64_t number = heard_number(in, &u.in);
    char type = fuzz_byte(in) & 1 ? 'D' : 'd';
    struct span body = fuzz_bytes(in, fuzz_below(in, 256));

    body.p = body.n > 0 ? body.p : any;
    if (receive(body, number, ID, type))
        heard.body[number] = body;
}

/* An acknowledgement of about what was sent, or of anything. */
static void receive_ack(struct span *in)
{
    unsigned how = fuzz_byte(in);
    uint64_t up_to = u.una + fuzz_below(in, 256) - (how & 1 && u.una > 1 ? 2 : 1);
    char body[30 + 160];
    size_t digits = fuzz_below(in, 161);

    digits_put(body, how & 2 ? u.limit + fuzz_byte(in) : 10, DATAGRAM_NUMBER);
    digits_put(body + 10, how & 4 ? up_to + fuzz_byte(in) : fuzz_byte(in), DATAGRAM_NUMBER);
    digits_put(body + 20, fuzz_below(in, 65536), DATAGRAM_NUMBER);
    for (size_t i = 0; i < digits; i++)
        digits_put_hex(body + 30 + i, fuzz_byte(in), 1);
    if (digits > 74)
        digits_put(body + 94, up_to + 2 * fuzz_byte(in), DATAGRAM_NUMBER);
    must(!receive(span_of(body, 30 + digits), up_to, ID, '\006'));
}

static void receive_other(struct span *in)
{
    uint64_t number = u.next + fuzz_byte(in) - 1;
    uint64_t id = fuzz_byte(in) % 4 ? ID : ID + 1;
    char type = (char)fuzz_byte(in);
    struct span body = fuzz_bytes(in, fuzz_below(in, 128));

    if (type != 'D' && type != 'd')
        must(!receive(body, number, id, type));
    struct span s = exact(body);
    must(!udp2_receive(&u, s, now_us));
    exact_free(s);
}

static void read_some(size_t size)
{
    char *room = buf_space(&heard.read, size + 1);
    size_t n = udp2_read(&u, room, size, now_us);

    must(n == size || !udp2_ready(&u));
    buf_added(&heard.read, n);
}

static void write_frame(struct span payload)
{
    buf_add_u64(&written, payload.n, FRAME_LENGTH_DIGITS);
    buf_add(&written, payload);
}

static void command(unsigned what)
{
    enum udp2_state before = u.state;

    if (what == 0)
        udp2_end(&u, now_us);
    else if (what == 1)
        udp2_abort(&u);
    else if (what < 20)
        udp2_hurry(&u, now_us);
    else if (what < 30)
        reorder_grow(&u.in);
    else if (what < 40 && 2 * u.cwnd <= UDP2_SEND_MAX)
        u.cwnd *= 2;
    else
        udp2_listen(&u, what & 1, now_us);
    must(u.state >= before);
}

static void step(struct span *in)
{
    switch (fuzz_byte(in) % 10) {
    case 0:
    case 1:
        receive_data(in);
        break;
    case 2:
    case 3:
    case 4:
        receive_ack(in);
        break;
    case 5:
        receive_other(in);
        break;
    case 6:
        now_us += (int64_t)fuzz_below(in, 65536) << fuzz_byte(in) % 10;
        break;
    case 7:
        read_some(fuzz_below(in, 400));
        break;
    case 8:
        write_frame(fuzz_bytes(in, fuzz_below(in, 2500)));
        break;
    default:
        command(fuzz_byte(in));
    }
}

void fuzz_one(struct span in)
{
    now_us = 0;
    sent = heard_by_other = 0;
    udp2_init(&u, ID, fuzz_below(&in, 1300), now_us);
    udp2_init(&other, ID, 0, now_us);
    heard_begin(&heard);
    buf_init(&written, SIZE_MAX / 2);
    while (in.n > 0) {
        step(&in);
        sent += udp2_write(&u, span_skip(buf_span(&written), sent));
        send_all();
        check();
    }
    while (udp2_ready(&u))
        read_some(4096);
    heard_end(&heard);
    buf_free(&written);
    udp2_free(&u);
    udp2_free(&other);
}
