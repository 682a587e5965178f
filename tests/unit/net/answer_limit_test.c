/* SPDX-License-Identifier: ISC */
#include "net/answer_limit.h"

#include <stdio.h>

#include "random.h"
#include "tap.h"
#include "udp/udp1.h"

#define YES   "Answer|1|Yes|"                              /* 34 bytes as a datagram */
#define WORDS "Answer|2|Noop|some words, and then others|" /* 63 */
#define OVER  "Answer|2|Noop|over limit|"                  /* 46 */
#define LEFT  "Exit|1|some words, and then others|"        /* 56 */
#define EXIT  "Exit|1|over limit|"                         /* 39 */

static void add_frame(struct buf *out, struct span payload)
{
    buf_printf(out, "%010zu%.*s", payload.n, SPAN_PRINTF(payload));
}

/* What is sent of two frames (the second may be ""): payloads, each with a line end. */
static const char *sent(struct answer_limit *l, uint64_t received, const char *first,
                        const char *second)
{
    const struct answer_limit_state now = {.received = received, .datagram = 1024};
    static char text[200];
    struct buf in, out;
    size_t n = 0;

    buf_init(&in, 4096);
    buf_init(&out, 4096);
    add_frame(&in, span_str(first));
    if (*second)
        add_frame(&in, span_str(second));
    answer_limit_apply(l, &now, buf_span(&in), &out);
    for (struct span rest = buf_span(&out), body; rest.n > 0; rest = span_skip(rest, body.n)) {
        uint64_t length = 0;
        span_u64(span_first(rest, 10), UINT32_MAX, &length);
        rest = span_skip(rest, 10);
        body = span_first(rest, (size_t)length);
        n += (size_t)snprintf(text + n, sizeof text - n, "%.*s\n", SPAN_PRINTF(body));
    }
    text[n] = '\0';
    buf_free(&in);
    buf_free(&out);
    return text;
}

static void test_words(void)
{
    struct answer_limit l = {0};

    is_str(sent(&l, 11, YES, ""), "", "answer_limit: no answer of 34 bytes for 11");
    is_str(sent(&l, 12, YES, ""), YES "\n", "answer_limit: an answer of 34 bytes for 12");
    l.sent = 0;
    is_str(sent(&l, 20, WORDS, ""), OVER "\n", "answer_limit: words that do not fit");
    is_int((int64_t)l.sent, 46, "answer_limit: what takes their place counts");
    is_str(sent(&l, 40, WORDS, ""), WORDS "\n", "answer_limit: 63 bytes more for 20 more");
    l.sent = 0;
    is_str(sent(&l, 18, LEFT, ""), EXIT "\n", "answer_limit: Exit stays Exit");
    l.sent = 0;
    is_str(sent(&l, 28, WORDS, LEFT), WORDS "\n", "answer_limit: Exit is left out");
}

static void test_open(void)
{
    struct answer_limit l = {0};

    answer_limit_read(&l, SPAN("0000000007Noop|0|00000"));
    answer_limit_read(&l, SPAN("00007Noop|0|0000000007N"));
    is_int((int64_t)l.open, 3, "answer_limit: two requests, and the beginning of another");
    answer_limit_read(&l, SPAN("oop|0|"));
    is_int((int64_t)l.open, 3, "answer_limit: ... which counts once");
    is_str(sent(&l, 51, WORDS, YES), OVER "\n" YES "\n",
           "answer_limit: words do not take what the requests after them need");
    l = (struct answer_limit){.open = 3};
    is_str(sent(&l, 52, WORDS, WORDS), WORDS "\n" OVER "\n", "answer_limit: ... but what is left");
}

/* The bytes of the datagrams in which frames are sent. */
static uint64_t bytes_of(struct span frames, size_t datagram)
{
    static struct udp1 u;
    char out[DATAGRAM_MAX];
    uint64_t bytes = 0;

    udp1_init(&u, datagram, 0);
    u.size = datagram; /* as after a datagram of this size has come */
    while (frames.n > 0) {
        frames = span_skip(frames, udp1_write(&u, frames));
        bytes += udp1_poll(&u, out);
    }
    udp1_free(&u);
    return bytes;
}

struct talk {
    struct answer_limit limit;
    struct answer_limit_state now;
    uint64_t waiting[1000]; /* requests that have come and have not been read */
    unsigned come, read, answered, unanswered;
    uint64_t sent; /* bytes */
};

static char payload[3000];

static void come(struct talk *t)
{
    t->waiting[t->come++] =
        20 + random_below(random_below(3) ? 1 : 200); /* with number and length */
    t->now.received += t->waiting[t->come - 1];
    t->now.waiting++;
}

static void read_one(struct talk *t)
{
    struct buf request;

    buf_init(&request, 4096);
    add_frame(&request, span_of(payload, t->waiting[t->read++] - 20));
    answer_limit_read(&t->limit, buf_span(&request));
    t->now.waiting--;
    buf_free(&request);
}

static void answer(struct talk *t)
{
    struct buf in, out;

    buf_init(&in, 4096);
    buf_init(&out, 4096);
    add_frame(&in, span_of(payload, random_below(random_below(10) ? 200 : sizeof payload)));
    answer_limit_apply(&t->limit, &t->now, buf_span(&in), &out);
    t->sent += bytes_of(buf_span(&out), t->now.datagram);
    t->unanswered += out.n == 0;
    t->answered++;
    buf_free(&in);
    buf_free(&out);
}

/* Requests of any length and answers of any length, in datagrams of any size and in any order. */
static void test_bound(void)
{
    unsigned miscounted = 0, over = 0, unanswered = 0;

    memset(payload, 'x', sizeof payload);
    for (unsigned i = 0; i < 2000; i++) {
        struct talk t = {.now.datagram = 32 + (random_below(2) ? random_below(1441) : 0)};
        for (unsigned k = 0; k < 100; k++) {
            if (random_below(2))
                come(&t);
            else if (t.read < t.come && random_below(2))
                read_one(&t);
            else if (t.answered < t.read)
                answer(&t);
            over += t.sent > ANSWER_LIMIT_TIMES * t.now.received;
            miscounted += t.sent != t.limit.sent;
        }
        unanswered += t.unanswered;
    }
    is_int(miscounted, 0, "answer_limit: counts the bytes of datagrams of any size");
    is_int(over, 0, "answer_limit: never more than three times what came");
    is_int(unanswered, 0, "answer_limit: each request is answered");
}

int main(void)
{
    random_begin();
    test_words();
    test_open();
    test_bound();
    return done_testing();
}
