/* SPDX-License-Identifier: ISC */
/*
 * A peer in memory answers each write with the next line of its script, in pieces of a given size.
 */
#include "client/link.h"

#include "client/language.h"
#include "os/clock.h"
#include "proto/frame.h"
#include "random.h"
#include "tap.h"

struct peer {
    struct io io;
    const struct span *script; /* what one write after the other is answered with */
    size_t lines;
    struct span sent; /* what there is to read now */
    size_t step;      /* bytes a read gives at most */
    bool closes;      /* closes after the script; else is silent */
    bool breaks;      /* then the connection breaks instead */
    bool deaf;        /* every write fails, after it was answered */
    struct buf written;
    int64_t read_until_ms; /* the deadline of the last read */
};

static enum io_result peer_read(struct io *io, void *bytes, size_t size, int64_t deadline_ms,
                                size_t *n)
{
    struct peer *p = (struct peer *)io;
    p->read_until_ms = deadline_ms;
    if (p->sent.n == 0 && p->breaks)
        return IO_LOST;
    if (p->sent.n == 0)
        return p->closes && p->lines == 0 ? IO_CLOSED : IO_TIMEOUT;
    struct span s = span_first(p->sent, size < p->step ? size : p->step);
    memcpy(bytes, s.p, s.n);
    p->sent = span_skip(p->sent, s.n);
    *n = s.n;
    return IO_OK;
}

static enum io_result peer_write(struct io *io, const void *bytes, size_t size, int64_t deadline_ms)
{
    struct peer *p = (struct peer *)io;
    (void)deadline_ms;
    buf_add(&p->written, span_of(bytes, size));
    if (p->lines > 0) {
        p->sent = *p->script++;
        p->lines--;
    }
    return p->deaf ? IO_CLOSED : IO_OK;
}

#define LIMIT 1000

/* A link to a peer with a script. */
static void begin(struct link *l, struct peer *p, const struct span *script, size_t lines)
{
    *p = (struct peer){.io = {peer_read, peer_write}, .script = script, .lines = lines};
    p->step = SIZE_MAX;
    buf_init(&p->written, SIZE_MAX / 2);
    link_init(l, &p->io, LIMIT, 10);
}

static void end(struct link *l, struct peer *p)
{
    link_free(l);
    buf_free(&p->written);
}

static void words_are(const struct link *l, const char *want, const char *name)
{
    ok(span_eq(link_words(l), span_str(want)), "%s", name);
}

static void written_is(struct peer *p, const char *want, const char *name)
{
    buf_add_char(&p->written, '\0');
    is_str(p->written.p, want, "%s", name);
    buf_clear(&p->written);
}

#define YES_2 SPAN("0000000015Answer|2|Yes|2|")
#define YES   SPAN("0000000013Answer|1|Yes|")

static void test_pieces(void)
{
    static const struct span script[] = {
        SPAN("0000000015Answer|2|Yes|2|"),
        SPAN("\r\n0000000094Answer|3|Yes|1^ann^2017-12-03T12:51:33Z^6^2^a\\pb\\cc\\\\^|"
             "22^bob^2017-12-03T12:51:33Z^5^0^line\n^|"),
        SPAN("0000000013Answer|1|Yes|"),
    };
    int wrong = 0;
    for (size_t step = 1; step < 120; step++) {
        struct link l;
        struct peer p;
        struct message m = {.id = 0};
        begin(&l, &p, script, 3);
        p.step = step;
        wrong += link_start(&l) != REPLY_OK || link_version(&l) != 2;
        wrong += link_ask(&l, OP_SHOW_ALL, NULL, 0) != REPLY_OK;
        wrong += link_next_message(&l, &m) != REPLY_OK || m.id != 1 || m.len != 6 ||
                 m.state != MESSAGE_UNREAD || !span_eq(m.body, SPAN("a|b^c\\"));
        wrong += link_next_message(&l, &m) != REPLY_OK || !span_eq(m.from, SPAN("bob")) ||
                 !span_eq(m.body, SPAN("line\n"));
        wrong += link_next_message(&l, &m) != REPLY_END;
        wrong += link_ask(&l, OP_LOGOUT, NULL, 0) != REPLY_OK;
        end(&l, &p);
    }
    is_int(wrong, 0, "reply: an answer may arrive in pieces of any size");
}

static void test_requests(void)
{
    const struct span script[] = {YES_2, YES, YES, YES, YES, YES, YES, YES};
    const struct span login[] = {SPAN("ann"), SPAN("a\\b")};
    struct link l;
    struct peer p;
    begin(&l, &p, script, 6);
    is_int(link_start(&l), REPLY_OK, "link_start: the server knows version 2");
    written_is(&p, "0000000010Start|1|2|", "link_start: asks for version 2");
    link_ask(&l, OP_LOGIN, login, 2);
    written_is(&p, "0000000017Login|2|ann|a\\\\b|", "link_ask: arguments are escaped");
    link_send(&l, SPAN("bob"), SPAN("a|b^c"), "0123456789abcdef");
    written_is(&p, "0000000049Send mes|3|bob|0^^^0^0^a\\pb\\cc^|0123456789abcdef|",
               "link_send: a request in version 2");
    link_resend(&l, SPAN("bob"), SPAN("7"), "0123456789abcdef");
    written_is(&p, "0000000032Resend|3|bob|7|0123456789abcdef|",
               "link_resend: a request in version 2");
    link_send(&l, SPAN("bob"), SPAN("a"), NULL);
    written_is(&p, "0000000026Send mes|2|bob|0^^^0^0^a^|", "link_send: without a token");
    link_resend(&l, SPAN("bob"), SPAN("7"), NULL);
    written_is(&p, "0000000015Resend|2|bob|7|", "link_resend: without a token");
    end(&l, &p);

    begin(&l, &p, script + 1, 3);
    is_int(link_start(&l), REPLY_OK, "link_start: the server knows only version 1");
    is_int(link_version(&l), 1, "link_version: then it is 1");
    buf_clear(&p.written);
    link_send(&l, SPAN("bob"), SPAN("a|b^c\\"), "0123456789abcdef");
    written_is(&p, "0000000031Send mes|2|bob|0^^^0^0^a b c\\^|",
               "link_send: version 1 has no token and no escapes");
    link_resend(&l, SPAN("bob"), SPAN("7"), "0123456789abcdef");
    written_is(&p, "0000000015Resend|2|7|bob|",
               "link_resend: version 1 has no token, and names the id first");
    end(&l, &p);
}

/* After Start was answered without a version, only these go out. */
static void test_operations_of_the_report(void)
{
    static const enum opcode known[] = {
        OP_START,       OP_EXIT,           OP_REGISTER,    OP_LOGIN,    OP_LOGOUT,     OP_SEND,
        OP_DELETE_USER, OP_DELETE_MESSAGE, OP_SHOW_UNREAD, OP_SHOW_ALL, OP_SHOW_EXACT, OP_RESEND};
    int wrong = 0;
    for (enum opcode op = 0; op < OP_COMMANDS; op++) {
        const struct span script[] = {YES, YES};
        bool is_known = false;
        struct link l;
        struct peer p;
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            is_known = is_known || known[i] == op;
        begin(&l, &p, script, 2);
        link_start(&l);
        buf_clear(&p.written);
        enum reply_result result = link_ask(&l, op, NULL, 0);
        wrong += result != (is_known ? REPLY_OK : REPLY_NOOP) || (p.written.n > 0) != is_known ||
                 link_check(&l) != REPLY_OK;
        if (op == OP_SHOW_LIST)
            words_are(&l, "this server does not know Show list",
                      "link_words: names what the server does not know");
        end(&l, &p);
    }
    is_int(wrong, 0, "link_ask: version 1 sends the operations of the report and no other");
}

/* Of a server of the report; what is no more than a line feed too many is taken as it is. */
static void test_line_feed_after_body(void)
{
    static const struct {
        struct span start, answer, body;
        const char *name;
    } cases[] = {
        {YES, SPAN("0000000030Answer|2|Yes|1^a^x^4^0^moo!\n^|"), SPAN("moo!"), "is cut"},
        {YES, SPAN("0000000030Answer|2|Yes|1^a^x^5^0^moo!\n^|"), SPAN("moo!\n"),
         "stays if it is counted"},
        {YES, SPAN("0000000030Answer|2|Yes|1^a^x^3^0^moo!\n^|"), SPAN("moo!\n"),
         "stays if more is wrong"},
        {YES, SPAN("0000000026Answer|2|Yes|1^a^x^0^0^\n^|"), SPAN(""), "is cut if it is all"},
        {YES, SPAN("0000000029Answer|2|Yes|1^a^x^3^0^moo!^|"), SPAN("moo!"),
         "is another byte: it stays"},
        {YES_2, SPAN("0000000030Answer|2|Yes|1^a^x^4^0^moo!\n^|"), SPAN("moo!\n"),
         "stays in version 2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct span script[] = {cases[i].start, cases[i].answer};
        struct message m = {.id = 0};
        struct link l;
        struct peer p;
        begin(&l, &p, script, 2);
        link_start(&l);
        link_ask(&l, OP_SHOW_ALL, NULL, 0);
        ok(link_next_message(&l, &m) == REPLY_OK && span_eq(m.body, cases[i].body),
           "link_next_message: a line feed after the body %s", cases[i].name);
        is_int(link_next_message(&l, &m), REPLY_END, "link_next_message: nothing follows");
        end(&l, &p);
    }
}

/* Servers of the report end a connection with a frame that has no opcode. */
static void test_farewell(void)
{
    static const struct span farewell = SPAN("0000000019Closing connection."),
                             bare = SPAN("Closing connection.\n");
    const struct span script[] = {YES, farewell};
    struct link l;
    struct peer p;
    begin(&l, &p, script, 2);
    link_start(&l);
    is_int(link_ask(&l, OP_SHOW_ALL, NULL, 0), REPLY_EXIT,
           "link_ask: words without an opcode end the connection");
    words_are(&l, "Closing connection.", "link_words: these words");
    end(&l, &p);

    begin(&l, &p, script, 1);
    link_start(&l);
    p.sent = farewell;
    p.step = 1;
    is_int(link_check(&l), REPLY_EXIT, "link_check: words without an opcode, byte by byte");
    words_are(&l, "Closing connection.", "link_words: all of them");
    end(&l, &p);

    begin(&l, &p, script, 1);
    link_start(&l);
    p.sent = bare;
    is_int(link_check(&l), REPLY_BROKEN, "link_check: words without a length");
    words_are(&l, "the answer does not begin with its length: Closing connection.",
              "link_words: shows them");
    end(&l, &p);
}

static void test_odd_starts(void)
{
    const struct span later[] = {SPAN("0000000015Answer|2|Yes|3|")},
                      words[] = {YES, SPAN("0000000009Bye|for|now")}, yes[] = {YES_2, YES};
    struct link l;
    struct peer p;
    begin(&l, &p, later, 1);
    is_int(link_start(&l), REPLY_OK, "link_start: the server answers with another version");
    is_int(link_version(&l), 1, "link_version: then it is 1");
    end(&l, &p);

    begin(&l, &p, words, 2);
    link_start(&l);
    is_int(link_ask(&l, OP_SHOW_ALL, NULL, 0), REPLY_BROKEN,
           "link_ask: words with a vertical bar are no farewell");
    end(&l, &p);

    begin(&l, &p, yes, 2);
    link_start(&l);
    p.deaf = true;
    is_int(link_ask(&l, OP_NOOP, NULL, 0), REPLY_BROKEN,
           "link_ask: Yes to a request that was not read to its end");
    words_are(&l, "the server answered before the request was complete", "link_words: says so");
    end(&l, &p);

    begin(&l, &p, yes, 1);
    link_start(&l);
    p.breaks = true;
    is_int(link_check(&l), REPLY_LOST, "link_check: the connection breaks");
    end(&l, &p);
}

/* Over UDP a server of the report does not answer Exit. */
static void test_leaving(void)
{
    const struct span script[] = {YES};
    struct link l;
    struct peer p;
    begin(&l, &p, script, 1);
    link_start(&l);
    l.reply.idle_ms = 60000;
    is_int(link_exit(&l), REPLY_TIMEOUT, "link_exit: no answer comes");
    ok(p.read_until_ms - os_clock_ms() <= 2000, "link_exit: waits 2 s for it at most");
    end(&l, &p);
}

static void test_refusals(void)
{
    const struct span script[] = {YES_2, SPAN("0000000024Answer|2|Noop|not \\p so|"),
                                  SPAN("0000000014Answer|1|Noop|"), YES};
    struct link l;
    struct peer p;
    begin(&l, &p, script, 4);
    link_start(&l);
    is_int(link_ask(&l, OP_STATUS, NULL, 0), REPLY_NOOP, "link_ask: the answer is Noop");
    words_are(&l, "not | so", "link_words: the words that come with Noop");
    is_int(link_ask(&l, OP_STATUS, NULL, 0), REPLY_NOOP,
           "link_ask: the answer is Noop without words");
    words_are(&l, "the server does not say why", "link_words: says that the server gave none");
    is_int(link_ask(&l, OP_STATUS, NULL, 0), REPLY_OK,
           "link_ask: after Noop the connection can be used");
    end(&l, &p);
}

#define EXIT SPAN("0000000011Exit|1|bye|")

static void test_exit(void)
{
    const struct span in_place[] = {YES_2, EXIT};
    const struct span broken_off[] = {YES_2, SPAN("0000000040Answer|2|Yes|1^ann^")};
    struct link l;
    struct peer p;
    begin(&l, &p, in_place, 1);
    link_start(&l);
    is_int(link_check(&l), REPLY_OK, "link_check: the server has sent nothing by itself");
    p.sent = EXIT;
    p.step = 3;
    buf_clear(&p.written);
    is_int(link_ask(&l, OP_STATUS, NULL, 0), REPLY_EXIT,
           "link_ask: the server has sent Exit before the request");
    words_are(&l, "bye", "link_words: the reason of Exit");
    is_int(p.written.n, 0, "link_ask: after Exit nothing is sent");
    is_int(link_ask(&l, OP_STATUS, NULL, 0), REPLY_EXIT,
           "link_ask: after Exit every request fails");
    end(&l, &p);

    begin(&l, &p, in_place, 2);
    link_start(&l);
    is_int(link_ask(&l, OP_STATUS, NULL, 0), REPLY_EXIT, "link_ask: Exit instead of an answer");
    end(&l, &p);

    begin(&l, &p, in_place, 2);
    link_start(&l);
    p.deaf = true;
    is_int(link_ask(&l, OP_STATUS, NULL, 0), REPLY_EXIT,
           "link_ask: Exit from a server that has stopped reading");
    end(&l, &p);

    struct message m;
    begin(&l, &p, broken_off, 2);
    link_start(&l);
    p.closes = true;
    is_int(link_ask(&l, OP_SHOW_ALL, NULL, 0), REPLY_OK, "link_ask: an answer begins");
    is_int(link_next_message(&l, &m), REPLY_LOST, "link_next_message: the answer is cut off");
    end(&l, &p);

    begin(&l, &p, broken_off, 2);
    link_start(&l);
    link_ask(&l, OP_SHOW_ALL, NULL, 0);
    is_int(link_next_message(&l, &m), REPLY_TIMEOUT, "link_next_message: the answer stalls");
    end(&l, &p);
}

/* The menu has an item with this word, which is translated. */
static void test_exit_in_russian(void)
{
    const struct span script[] = {YES_2, EXIT};
    struct link l;
    struct peer p;
    language_set(LANGUAGE_RUSSIAN);
    begin(&l, &p, script, 2);
    link_start(&l);
    is_int(link_ask(&l, OP_STATUS, NULL, 0), REPLY_EXIT, "link_ask: Exit, to a user of Russian");
    words_are(&l, "bye", "... and its reason");
    end(&l, &p);
    language_set(LANGUAGE_ENGLISH);
}

/* What a request gets when the server's answer is this. All of the answer is read. */
static enum reply_result result_of(struct span answer, size_t step)
{
    const struct span script[] = {YES_2, exact(answer)};
    struct link l;
    struct peer p;
    struct message m;
    begin(&l, &p, script, 2);
    link_start(&l);
    p.step = step;
    p.closes = true;
    enum reply_result result = link_ask(&l, OP_SHOW_ALL, NULL, 0);
    while (result == REPLY_OK)
        result = link_next_message(&l, &m);
    end(&l, &p);
    exact_free(script[1]);
    return result;
}

#define ZEROS_60  "000000000000000000000000000000000000000000000000000000000000"
#define ZEROS_240 ZEROS_60 ZEROS_60 ZEROS_60 ZEROS_60

static void test_hostile(void)
{
    static const struct {
        struct span answer;
        enum reply_result result;
        const char *name;
    } cases[] = {
        {SPAN("0000000013Answer|1|Yes|"), REPLY_END, "a valid answer"},
        {SPAN("HTTP/1.1 400"), REPLY_BROKEN, "no length"},
        {SPAN("00000000-3Answer|1|Yes|"), REPLY_BROKEN, "a negative length"},
        {SPAN("0000000000Answer|1|Yes|"), REPLY_BROKEN, "an empty payload"},
        {SPAN("0000000012Answer|1|Yes|"), REPLY_BROKEN, "a length too small"},
        {SPAN("0000000014Answer|1|Yes||"), REPLY_BROKEN, "more bytes than arguments"},
        {SPAN("0000000013Answer|2|Yes|"), REPLY_BROKEN, "more arguments than bytes"},
        {SPAN("0000000014Answer|2|Yes|x"), REPLY_BROKEN, "an argument without its end"},
        {SPAN("0000000014Answer|1|Yes|"), REPLY_BROKEN, "a length too large"},
        {SPAN("9999999999Answer|99999999999999999999|Yes|"), REPLY_LOST, "a number too large"},
        {SPAN("9999999999Answer|9999999980|Yes|"), REPLY_LOST, "a length of 10 GB"},
        {SPAN("0000000013Answer|x|Yes|"), REPLY_BROKEN, "the number of arguments is not a number"},
        {SPAN("0000000253Answer|" ZEROS_240 "1|Yes|"), REPLY_END, "a number with zeros before it"},
        {SPAN("0000000313Answer|" ZEROS_240 ZEROS_60 "1|Yes|"), REPLY_BROKEN,
         "too many zeros before a number"},
        {SPAN("0000000009Answer|0|"), REPLY_BROKEN, "no argument"},
        {SPAN("0000000015Answer|1|Maybe|"), REPLY_BROKEN, "neither Yes nor Noop"},
        {SPAN("0000000012Mail|1|abcd|"), REPLY_BROKEN, "an unknown push"},
        {SPAN("0000000020Answer|2|Yes|1^2^3^|"), REPLY_BROKEN, "a malformed message"},
        {SPAN("0000000028Answer|2|Yes|1^2^3^4^0^a\\q^|"), REPLY_BROKEN, "an unknown escape"},
        {SPAN("0000000016Answer|2|Noop|\\|"), REPLY_BROKEN, "an unfinished escape"},
        {SPAN("0000000013An\0wer|1|Yes|"), REPLY_BROKEN, "a NUL"},
        {SPAN("00000"), REPLY_LOST, "half a length"},
        {SPAN("\n\n\n"), REPLY_LOST, "no frame at all"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        is_int(result_of(cases[i].answer, SIZE_MAX), cases[i].result, "reply: %s", cases[i].name);
        is_int(result_of(cases[i].answer, 1), cases[i].result, "reply: %s, byte by byte",
               cases[i].name);
    }
}

/* Answers that were honest before some bytes were changed: no result but those, and no overrun. */
static void test_damaged(void)
{
    static const char honest[] =
        "0000000053Answer|2|Yes|1^ann^2017-12-03T12:51:33Z^6^2^a\\pb\\cc^|";
    char answer[sizeof honest];
    int wrong = 0;
    for (int round = 0; round < 20000; round++) {
        memcpy(answer, honest, sizeof honest);
        for (size_t i = random_below(4); i > 0; i--)
            answer[random_below(sizeof honest - 1)] = "0129|^\\pYesN\n"[random_below(13)];
        enum reply_result result =
            result_of(span_of(answer, sizeof honest - 1), 1 + random_below(sizeof honest));
        wrong += result != REPLY_END && result != REPLY_NOOP && result != REPLY_LOST &&
                 result != REPLY_BROKEN;
    }
    is_int(wrong, 0, "reply: randomly damaged answers");
    if (wrong)
        random_diag();
}

static void test_large(void)
{
    const size_t messages = 100000;
    struct buf answer, args;
    buf_init(&answer, SIZE_MAX / 2);
    buf_init(&args, SIZE_MAX / 2);
    buf_printf(&args, "Answer|%zu|Yes|", messages + 1);
    for (size_t i = 1; i <= messages; i++)
        buf_printf(&args, "%zu^ann^2017-12-03T12:51:33Z^4^0^%04zu^|", i, i % 10000);
    buf_add_u64(&answer, args.n, FRAME_LENGTH_DIGITS);
    buf_add(&answer, buf_span(&args));
    const struct span script[] = {YES_2, buf_span(&answer)};
    struct link l;
    struct peer p;
    struct message m;
    size_t count = 0;
    begin(&l, &p, script, 2);
    link_start(&l);
    link_ask(&l, OP_SHOW_ALL, NULL, 0);
    while (link_next_message(&l, &m) == REPLY_OK)
        count += m.id == count + 1;
    is_int(count, messages, "link_next_message: all messages of a large mailbox");
    ok(l.reply.in.cap <= 4 * 65536, "link_next_message: the buffer stays small meanwhile");
    end(&l, &p);
    buf_free(&answer);
    buf_free(&args);
}

static void test_limit(void)
{
    struct buf answer;
    buf_init(&answer, SIZE_MAX / 2);
    buf_add_str(&answer, "0001000000Answer|2|Yes|1^ann^x^1^0^");
    while (answer.n < 1000000)
        buf_add_char(&answer, 'x');
    const struct span script[] = {YES_2, buf_span(&answer)};
    struct link l;
    struct peer p;
    struct message m;
    begin(&l, &p, script, 2);
    link_start(&l);
    link_ask(&l, OP_SHOW_ALL, NULL, 0);
    is_int(link_next_message(&l, &m), REPLY_BROKEN,
           "link_next_message: an argument over the limit");
    ok(l.reply.in.cap <= 4 * 65536, "link_next_message: such an argument is not buffered");
    end(&l, &p);
    buf_free(&answer);
}

static void test_frame_end(void)
{
    const struct span script[] = {YES_2, SPAN("0000000024Answer|2|Yes|1^a^x^0^0^^|"
                                              "Exit|0|")};
    struct link l;
    struct peer p;
    struct message m;
    begin(&l, &p, script, 2);
    link_start(&l);
    link_ask(&l, OP_SHOW_ALL, NULL, 0);
    is_int(link_next_message(&l, &m), REPLY_BROKEN,
           "link_next_message: an argument that ends after its frame");
    end(&l, &p);
}

static void test_unread_answer(void)
{
    const struct span script[] = {YES_2, SPAN("0000000018Answer|3|Yes|a|bb|"), YES};
    struct link l;
    struct peer p;
    struct span arg;
    begin(&l, &p, script, 3);
    link_start(&l);
    is_int(link_ask(&l, OP_STATUS, NULL, 0), REPLY_OK, "link_ask: an answer with arguments");
    is_int(link_next(&l, &arg), REPLY_OK, "link_next: reads one of them");
    is_int(link_ask(&l, OP_STATUS, NULL, 0), REPLY_OK, "link_ask: the next request drops the rest");
    is_int(link_next(&l, &arg), REPLY_END, "link_next: the next request has its own answer");
    p.sent = YES;
    is_int(link_check(&l), REPLY_BROKEN, "link_check: an answer without a request");
    end(&l, &p);
}

#define MAIL(id) "0000000047Mail|1|" id "^bob^2017-12-03T12:51:33Z^9^2^a\\pline^|"

struct told {
    struct reply_watcher watcher; /* first */
    char text[200];
};

static void hear(struct reply_watcher *w, const struct message *m)
{
    struct told *t = (struct told *)w;
    size_t n = strlen(t->text);
    snprintf(t->text + n, sizeof t->text - n, "%d %.*s: %.*s; ", (int)m->id, SPAN_PRINTF(m->from),
             SPAN_PRINTF(m->body));
}

/* In pieces of any size, before and between answers and with none. */
static void test_news(void)
{
    static const struct span script[] = {
        YES_2,
        SPAN("0000000013Answer|1|Yes|" MAIL("1")),
        SPAN(MAIL("2") MAIL("3") "0000000020Answer|3|Yes|a\\pb|c|" MAIL("4")),
        SPAN(MAIL("5") "0000000024Answer|2|Noop|forbidden|" MAIL("6") "0000000011Exit|1|bye|"),
    };
    int wrong = 0;
    for (size_t step = 1; step < 200; step++) {
        struct link l;
        struct peer p;
        struct span arg;
        struct told t = {.watcher = {hear}};
        begin(&l, &p, script, 4);
        p.step = step;
        wrong += link_start(&l) != REPLY_OK || link_watch(&l, &t.watcher) != REPLY_OK;
        wrong += link_check(&l) != REPLY_OK || strcmp(t.text, "1 bob: a|line; ") != 0;
        t.text[0] = '\0';
        wrong += link_ask(&l, OP_STATUS, NULL, 0) != REPLY_OK;
        wrong += strcmp(t.text, "2 bob: a|line; 3 bob: a|line; ") != 0;
        wrong += link_next(&l, &arg) != REPLY_OK || !span_eq(arg, SPAN("a|b"));
        t.text[0] = '\0';
        wrong += link_ask(&l, OP_STATUS, NULL, 0) != REPLY_NOOP;
        wrong += strcmp(t.text, "4 bob: a|line; 5 bob: a|line; ") != 0;
        wrong += link_wait(&l, 0) != REPLY_EXIT || !span_eq(link_words(&l), SPAN("bye"));
        wrong += strstr(t.text, "6 bob: a|line; ") == NULL;
        end(&l, &p);
    }
    is_int(wrong, 0, "link_watch: mail is announced between answers");
}

/* What is no news, and news that nobody waits for. */
static void test_wrong_news(void)
{
    static const struct span script[] = {
        YES_2,
        SPAN(MAIL("1") "0000000013Answer|1|Yes|"),
        SPAN("0000000007Mail|0|0000000013Answer|1|Yes|"),
        SPAN("0000000012Mail|1|news|0000000013Answer|1|Yes|"),
        SPAN("0000000047Mail|2|1^bob^2017-12-03T12:51:33Z^9^2^a\\pline^|"),
    };
    struct link l;
    struct peer p;
    begin(&l, &p, script, 2);
    link_start(&l);
    is_int(link_ask(&l, OP_NOOP, NULL, 0), REPLY_OK,
           "link_ask: announcements are dropped without a watcher");
    end(&l, &p);
    for (size_t i = 2; i < sizeof script / sizeof script[0]; i++) {
        struct span wrong[] = {YES_2, script[i]};
        begin(&l, &p, wrong, 2);
        link_start(&l);
        is_int(link_ask(&l, OP_NOOP, NULL, 0), REPLY_BROKEN, "link_ask: a malformed announcement");
        end(&l, &p);
    }
}

/* Older servers, and those of the report, which are not asked at all. */
static void test_lacks(void)
{
    static const struct span script[] = {
        YES_2,
        SPAN("0000000055Answer|2|Noop|unknown command; Help lists all commands|"),
        SPAN("0000000030Answer|2|Noop|no such message|"),
        YES,
    };
    const struct span id = SPAN("1");
    struct link l;
    struct peer p;
    begin(&l, &p, script, 4);
    link_start(&l);
    is_int(link_ask(&l, OP_PEEK, &id, 1), REPLY_NOOP, "link_lacks: an older server refuses");
    ok(link_lacks(&l), "link_lacks: ... what it does not know");
    words_are(&l, "this server does not know Peek mes", "link_lacks: ... and which words say so");
    is_int(link_ask(&l, OP_PEEK, &id, 1), REPLY_NOOP, "link_lacks: another refusal");
    ok(!link_lacks(&l) && link_usable(&l), "link_lacks: ... has another reason");
    link_ask(&l, OP_NOOP, NULL, 0);
    ok(!link_lacks(&l), "link_lacks: not after Yes");
    end(&l, &p);
    begin(&l, &p, script + 3, 1);
    link_start(&l);
    is_int(link_ask(&l, OP_PEEK, &id, 1), REPLY_NOOP, "link_lacks: a server of the report");
    ok(link_lacks(&l), "link_lacks: ... does not know it either");
    end(&l, &p);
}

int main(void)
{
    random_begin();
    test_pieces();
    test_requests();
    test_operations_of_the_report();
    test_line_feed_after_body();
    test_farewell();
    test_odd_starts();
    test_leaving();
    test_refusals();
    test_exit();
    test_exit_in_russian();
    test_hostile();
    test_damaged();
    test_large();
    test_limit();
    test_frame_end();
    test_unread_answer();
    test_news();
    test_wrong_news();
    test_lacks();
    return done_testing();
}
