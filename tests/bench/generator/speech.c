/* SPDX-License-Identifier: ISC */
/*
 * The protocols of mail, whose answers are lines: LMTP, SMTP and POP3. They are tables of what is
 * asked and how the lines that answer it begin. Commands that may be sent together are.
 */
#include <string.h>

#include "generator.h"

#define REPLIES    4
#define LINE_BYTES 70
#define HEADER     "Subject: bench\r\n\r\n"

struct speech {
    const char *ask;            /* $f, $t: sender, recipient; $n: number of a message; $b: one */
    const char *reply[REPLIES]; /* how each line begins; one whose fourth byte is - goes on */
    bool message;               /* the line gives the size of a message, which follows it */
};

static const struct speech lmtp[] = {
    {"", {"220 "}, false},
    {"LHLO bench.invalid\r\n", {"250 "}, false},
    {"MAIL FROM:<$f@bench.invalid>\r\nRCPT TO:<$t@bench.invalid>\r\nDATA\r\n",
     {"250 ", "250 ", "354 "},
     false},
    {"$b.\r\n", {"250 "}, false},
};

static const struct speech smtp[] = {
    {"", {"220 "}, false},
    {"EHLO bench.invalid\r\n", {"250 "}, false},
    {"MAIL FROM:<$f@bench.invalid>\r\nRCPT TO:<$t@bench.invalid>\r\nDATA\r\n",
     {"250 ", "250 ", "354 "},
     false},
    {"$b.\r\n", {"250 2.0.0 Ok: queued"}, false},
};

static const struct speech pop3[] = {
    {"", {"+OK "}, false},
    {"USER $f\r\n", {"+OK"}, false},
    {"PASS " GENERATOR_PASSWORD "\r\n", {"+OK "}, false},
    {"RETR $n\r\n", {"+OK "}, true},
};

static void compose(struct work *w, char *body)
{
    size_t header = sizeof HEADER - 1;

    if (w->bytes < header + 2)
        bench_fail("a message has more bytes than that", SPAN(HEADER));
    memset(body, 'x', w->bytes);
    memcpy(body, HEADER, header);
    for (size_t i = header + LINE_BYTES; i + 4 <= w->bytes; i += LINE_BYTES + 2)
        memcpy(body + i, "\r\n", 2);
    memcpy(body + w->bytes - 2, "\r\n", 2);
    w->body = span_of(body, w->bytes);
}

static void ask(struct connection *c, const struct speech *s)
{
    for (const char *p = s->ask; *p; p++) {
        if (*p != '$') {
            buf_add_char(&c->out, *p);
            continue;
        }
        switch (*++p) {
        case 'f':
            buf_add_str(&c->out, c->from);
            break;
        case 't':
            buf_add_str(&c->out, c->to);
            break;
        case 'n':
            buf_add_u64(&c->out, connection_message(c), 0);
            break;
        default:
            buf_add(&c->out, c->work->body);
        }
    }
}

/* Takes a line off the front of *in, which must begin so. False: it is not there yet. */
static bool take_reply(struct span *in, const char *begins, struct span *line)
{
    do {
        size_t n = span_find(*in, '\n');
        if (n == in->n)
            return false;
        *line = span_first(*in, n + 1);
        *in = span_skip(*in, n + 1);
    } while (line->n > 3 && line->p[3] == '-' && memcmp(line->p, begins, 3) == 0);
    if (!span_starts(*line, span_str(begins)))
        bench_fail("wrong answer", *line);
    return true;
}

/* "+OK 1024 octets", the message, a dot. */
static size_t whole_message(struct connection *c, struct span line)
{
    struct span words = span_skip(line, 4), in = buf_span(&c->in);
    uint64_t size;

    if (!span_u64(span_take(&words, ' '), UINT32_MAX, &size) || size != c->work->bytes)
        bench_fail("a message of another size", line);
    c->expected = line.n + size + 3;
    if (in.n < c->expected)
        return 0;
    if (memcmp(in.p + c->expected - 5, "\r\n.\r\n", 5) != 0 ||
        memcmp(in.p + line.n, HEADER, sizeof HEADER - 1) != 0)
        bench_fail("another message", in);
    return c->expected;
}

static size_t whole(struct connection *c, const struct speech *s)
{
    struct span in = buf_span(&c->in), line = SPAN("");

    for (size_t i = 0; i < REPLIES && s->reply[i]; i++)
        if (!take_reply(&in, s->reply[i], &line))
            return 0;
    return s->message ? whole_message(c, line) : c->in.n - in.n;
}

static void ask_lmtp(struct connection *c, unsigned stage)
{
    ask(c, &lmtp[stage]);
}

static void ask_smtp(struct connection *c, unsigned stage)
{
    ask(c, &smtp[stage]);
}

static void ask_pop3(struct connection *c, unsigned stage)
{
    ask(c, &pop3[stage]);
}

static size_t whole_lmtp(struct connection *c, unsigned stage)
{
    return whole(c, &lmtp[stage]);
}

static size_t whole_smtp(struct connection *c, unsigned stage)
{
    return whole(c, &smtp[stage]);
}

static size_t whole_pop3(struct connection *c, unsigned stage)
{
    return whole(c, &pop3[stage]);
}

const struct protocol protocol_lmtp = {"lmtp", 2, {[OP_SEND] = 2}, compose, ask_lmtp, whole_lmtp};
const struct protocol protocol_smtp = {"smtp", 2, {[OP_SEND] = 2}, compose, ask_smtp, whole_smtp};
const struct protocol protocol_pop3 = {"pop3", 3, {[OP_SHOW] = 1}, compose, ask_pop3, whole_pop3};
