/* SPDX-License-Identifier: ISC */
/*
 * The protocols of mail, whose answers are lines: LMTP, SMTP and POP3. They are tables of what is
 * asked and how the lines that answer it begin. Commands that may be sent together are.
 */
#include <string.h>

#include "generator.h"

#define REPLIES    4
#define LINE_BYTES 70
#define HEADER     "Subject: bench\r\n"
#define ID         "Message-ID: <"
#define REST       "@bench.invalid>\r\n\r\n"

#define TOKEN 32                     /* bytes of a token, which makes the id */
#define ID_AT (sizeof HEADER ID - 1) /* in the message */

struct speech {
    const char *ask;            /* $f, $t: sender, recipient; $n: number of a message; $b: one */
    const char *reply[REPLIES]; /* how each line begins; one whose fourth byte is - goes on */
    enum {
        LINES,   /* no more than these lines */
        MESSAGE, /* the line gives the size of a message, which follows it */
        LIST     /* a line for each message of the mailbox follows */
    } form;
};

static const struct speech lmtp[] = {
    {"", {"220 "}, LINES},
    {"LHLO bench.invalid\r\n", {"250 "}, LINES},
    {"MAIL FROM:<$f@bench.invalid>\r\nRCPT TO:<$t@bench.invalid>\r\nDATA\r\n",
     {"250 ", "250 ", "354 "},
     LINES},
    {"$b.\r\n", {"250 "}, LINES},
};

static const struct speech smtp[] = {
    {"", {"220 "}, LINES},
    {"EHLO bench.invalid\r\n", {"250 "}, LINES},
    {"MAIL FROM:<$f@bench.invalid>\r\nRCPT TO:<$t@bench.invalid>\r\nDATA\r\n",
     {"250 ", "250 ", "354 "},
     LINES},
    {"$b.\r\n", {"250 2.0.0 Ok: queued"}, LINES},
};

static const struct speech pop3[] = {
    {"", {"+OK "}, LINES},
    {"USER $f\r\n", {"+OK"}, LINES},
    {"PASS " GENERATOR_PASSWORD "\r\n", {"+OK "}, LINES},
    {"RETR $n\r\n", {"+OK "}, MESSAGE},
};

static const struct speech pop3_check[] = {
    {"", {"+OK "}, LINES},
    {"USER $f\r\n", {"+OK"}, LINES},
    {"PASS " GENERATOR_PASSWORD "\r\n", {"+OK "}, LINES},
    {"UIDL\r\n", {"+OK"}, LIST},
    {"QUIT\r\n", {"+OK"}, LINES},
};

static void compose(struct work *w, char *body)
{
    size_t header = ID_AT + TOKEN + sizeof REST - 1;

    if (w->operation != OP_SEND)
        return;
    if (w->bytes < header + 2)
        bench_fail("a message has more bytes than that", SPAN(HEADER ID REST));
    memset(body, 'x', w->bytes);
    memcpy(body, HEADER ID, ID_AT);
    memcpy(body + ID_AT + TOKEN, REST, sizeof REST - 1);
    for (size_t i = header + LINE_BYTES; i + 4 <= w->bytes; i += LINE_BYTES + 2)
        memcpy(body + i, "\r\n", 2);
    memcpy(body + w->bytes - 2, "\r\n", 2);
    w->body = span_of(body, w->bytes);
}

/* The message that is sent, with an id of its own: Pochta would take it for a repeat. */
static void add_message(struct connection *c)
{
    struct span body = c->work->body;

    buf_add(&c->out, span_first(body, ID_AT));
    buf_add_str(&c->out, connection_token(c));
    buf_add(&c->out, span_skip(body, ID_AT + TOKEN));
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
            add_message(c);
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

/* A line for each message, and a dot. Lines are counted once, at the end. */
static size_t whole_list(const struct connection *c)
{
    struct span in = buf_span(&c->in);
    size_t lines = 0;

    if (!span_ends(in, SPAN("\r\n.\r\n")))
        return 0;
    for (size_t i = 0; i < in.n; i++)
        lines += in.p[i] == '\n';
    if (lines != (size_t)c->work->count + 2)
        bench_fail("another number of messages", span_line(in));
    return in.n;
}

static size_t whole(struct connection *c, const struct speech *s)
{
    struct span in = buf_span(&c->in), line = SPAN("");

    for (size_t i = 0; i < REPLIES && s->reply[i]; i++)
        if (!take_reply(&in, s->reply[i], &line))
            return 0;
    if (s->form == LIST)
        return whole_list(c);
    return s->form == MESSAGE ? whole_message(c, line) : c->in.n - in.n;
}

static void ask_lmtp(struct connection *c, unsigned stage)
{
    ask(c, &lmtp[stage]);
}

static void ask_smtp(struct connection *c, unsigned stage)
{
    ask(c, &smtp[stage]);
}

static const struct speech *pop3_of(const struct connection *c)
{
    return c->work->operation == OP_CHECK ? pop3_check : pop3;
}

static void ask_pop3(struct connection *c, unsigned stage)
{
    ask(c, &pop3_of(c)[stage]);
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
    return whole(c, &pop3_of(c)[stage]);
}

const struct protocol protocol_lmtp = {"lmtp", 2, {[OP_SEND] = 2}, compose, ask_lmtp, whole_lmtp};
const struct protocol protocol_smtp = {"smtp", 2, {[OP_SEND] = 2}, compose, ask_smtp, whole_smtp};
const struct protocol protocol_pop3 = {"pop3",  3,        {[OP_SHOW] = 1, [OP_CHECK] = 5},
                                       compose, ask_pop3, whole_pop3};
