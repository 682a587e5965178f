/* SPDX-License-Identifier: ISC */
/* A mailbox in memory, of which the messages are listed and looked at. */
#include "client/stored.h"

#include "proto/escape.h"
#include "tap.h"

struct row {
    uint64_t id;
    const char *date, *body;
};

struct peer {
    struct io io;
    const struct row *rows;
    size_t n;
    struct buf answer;
    size_t taken;                 /* of the answer */
    size_t step;                  /* bytes a read gives at most */
    uint64_t gone, empty, silent; /* what a look at the message with this id meets */
    size_t most;                  /* bytes of the list that are sent */
    bool whole;                   /* they were all */
    unsigned lists, peeks, others;
};

static enum io_result peer_read(struct io *io, void *bytes, size_t size, int64_t deadline_ms,
                                size_t *n)
{
    struct peer *p = (struct peer *)io;
    (void)deadline_ms;
    size_t most = size < p->step ? size : p->step;
    struct span piece = span_first(span_skip(buf_span(&p->answer), p->taken), most);
    if (piece.n > 0)
        memcpy(bytes, piece.p, piece.n);
    p->taken += piece.n;
    *n = piece.n;
    return piece.n > 0 ? IO_OK : IO_TIMEOUT;
}

static void answer(struct peer *p, size_t count, const char *word, struct span args)
{
    struct buf head;
    buf_init(&head, 100);
    buf_printf(&head, "Answer|%zu|%s|", count, word);
    buf_clear(&p->answer);
    p->taken = 0;
    buf_printf(&p->answer, "%010zu%.*s", head.n + args.n, SPAN_PRINTF(buf_span(&head)));
    buf_add(&p->answer, args);
    buf_free(&head);
}

/* In a list the body is the first line; the test does without it. */
static void add_row(struct buf *out, const struct row *row, bool whole)
{
    buf_printf(out, "%" PRIu64 "^ann^%s^%zu^2^", row->id, row->date, strlen(row->body));
    if (whole)
        escape_add(out, span_str(row->body), (struct dialect){FORM_LENGTH, 2, false}, ESCAPE_FIELD);
    buf_add_str(out, "^|");
}

static void answer_peek(struct peer *p, uint64_t id)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    for (size_t i = 0; i < p->n; i++)
        if (p->rows[i].id == id)
            add_row(&text, &p->rows[i], true);
    p->peeks++;
    if (id == p->gone)
        answer(p, 2, "Noop", SPAN("no such message|"));
    else if (id == p->empty)
        answer(p, 1, "Yes", SPAN(""));
    else
        answer(p, 2, "Yes", buf_span(&text));
    if (id == p->silent)
        buf_clear(&p->answer);
    buf_free(&text);
}

static void answer_list(struct peer *p)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    for (size_t i = 0; i < p->n; i++)
        add_row(&text, &p->rows[i], false);
    p->lists++;
    answer(p, p->n + 1, "Yes", buf_span(&text));
    p->whole = p->answer.n <= p->most;
    if (!p->whole)
        p->answer.n = p->most;
    buf_free(&text);
}

static enum io_result peer_write(struct io *io, const void *bytes, size_t size, int64_t deadline_ms)
{
    static const struct span peek = SPAN("Peek mes|1|");
    struct peer *p = (struct peer *)io;
    struct span asked = span_skip(span_of(bytes, size), 10);
    (void)deadline_ms;
    if (span_starts(asked, peek))
        answer_peek(p, strtoull(asked.p + peek.n, NULL, 10));
    else if (span_starts(asked, SPAN("Show list|")))
        answer_list(p);
    else
        p->others++;
    return IO_OK;
}

static void begin(struct link *l, struct peer *p, const struct row *rows, size_t n)
{
    *p = (struct peer){.io = {peer_read, peer_write}, .rows = rows, .n = n};
    p->step = p->most = SIZE_MAX;
    p->gone = p->empty = p->silent = UINT64_MAX;
    buf_init(&p->answer, 1 << 20);
    link_init(l, &p->io, 1 << 20, 10);
    l->reply.version = 2;
}

static void end(struct link *l, struct peer *p, struct stored *s)
{
    is_int(p->others, 0, "nothing else is asked for, so that no message changes");
    stored_free(s);
    link_free(l);
    buf_free(&p->answer);
}

static bool finds(struct stored *s, struct link *l, int64_t date, const char *body)
{
    bool found = false;
    return stored_find(s, l, date, span_str(body), &found) == REPLY_OK && found;
}

#define ROWS(rows) rows, sizeof(rows) / sizeof(rows)[0]

static void test_find(void)
{
    static const struct row rows[] = {
        {9, "2017-12-03T12:51:33Z", "hello"}, {2, "2017-12-03T12:51:33Z", "a|b^c\\\n"},
        {3, "2017-12-03T12:51:33Z", "HELLO"}, {4, "2017-12-03T12:51:32Z", "hello"},
        {5, "1970-01-01T00:00:00Z", ""},      {UINT64_MAX - 1, "9999-12-31T23:59:59Z", "last"},
        {7, "1969-12-31T23:59:59Z", "first"}};
    struct link l;
    struct peer p;
    struct stored s;
    begin(&l, &p, ROWS(rows));
    p.step = 7;
    is_int(stored_list(&s, &l), REPLY_OK, "stored_list: lists a mailbox");
    is_int(s.n, 7, "... with all messages");
    bool ordered = true;
    for (size_t i = 1; i < s.n; i++)
        ordered = ordered && (s.messages[i - 1].date < s.messages[i].date ||
                              (s.messages[i - 1].date == s.messages[i].date &&
                               s.messages[i - 1].bytes <= s.messages[i].bytes));
    ok(ordered, "... in the order of date and size");
    ok(finds(&s, &l, 1512305493, "hello"), "stored_find: a message");
    ok(!finds(&s, &l, 1512305493, "hello"), "... once");
    ok(finds(&s, &l, 1512305492, "hello"), "... but one with another date is another one");
    ok(finds(&s, &l, 1512305493, "a|b^c\\\n"), "... with what the protocol escapes");
    p.peeks = 0;
    ok(!finds(&s, &l, 1512305493, "hell") && !finds(&s, &l, 1512305493, "hello!") &&
           !finds(&s, &l, 1512305494, "hello") && !finds(&s, &l, INT64_MIN, "hello") &&
           !finds(&s, &l, INT64_MAX, "hello"),
       "... none of another size or date");
    is_int(p.peeks, 0, "... at which it does not look");
    ok(!finds(&s, &l, 1512305493, "hallo") && p.peeks == 1, "... and none with another body");
    ok(finds(&s, &l, 1512305493, "HELLO"), "... which can still be found");
    ok(finds(&s, &l, 0, "") && finds(&s, &l, 253402300799, "last") && finds(&s, &l, -1, "first"),
       "... an empty one, and those at the ends");
    is_int(p.lists, 1, "the mailbox is listed once");
    end(&l, &p, &s);
}

static void test_twins(void)
{
    static const struct row rows[] = {{1, "2017-12-03T12:51:33Z", "same"},
                                      {2, "2017-12-03T12:51:33Z", "same"},
                                      {3, "2017-12-03T12:51:33Z", "diff"},
                                      {4, "2017-12-03T12:51:33Z", "same"}};
    struct link l;
    struct peer p;
    struct stored s;
    bool found = true;
    begin(&l, &p, ROWS(rows));
    stored_list(&s, &l);
    p.gone = 1;
    p.empty = 2;
    ok(finds(&s, &l, 1512305493, "same"), "one that was deleted meanwhile hides no other");
    ok(!finds(&s, &l, 1512305493, "same"), "... and is not found itself");
    /* cppcheck-suppress redundantAssignment ; the server read both */
    p.gone = p.empty = UINT64_MAX;
    ok(finds(&s, &l, 1512305493, "same") && finds(&s, &l, 1512305493, "same"),
       "each of several that are the same is found");
    ok(!finds(&s, &l, 1512305493, "same"), "... once");
    p.silent = 3;
    is_int(stored_find(&s, &l, 1512305493, SPAN("diff"), &found), REPLY_TIMEOUT,
           "a server that falls silent is an error");
    ok(!found && !link_usable(&l), "... and nothing is found");
    end(&l, &p, &s);
}

static void test_dates(void)
{
    static const struct row rows[] = {{1, "Sun Dec  3 12:51:33 2017", "x"},
                                      {2, "2017-02-30T00:00:00Z", "x"},
                                      {3, "", "x"},
                                      {4, "2017-12-03T12:51:33Z", "x"}};
    struct link l;
    struct peer p;
    struct stored s;
    begin(&l, &p, ROWS(rows));
    is_int(stored_list(&s, &l), REPLY_OK, "stored_list: dates that say nothing are no error");
    ok(s.n == 1 && s.messages[0].id == 4, "... but such messages are left out");
    end(&l, &p, &s);
}

static void test_list_fails(void)
{
    static const struct row rows[] = {{1, "2017-12-03T12:51:33Z", "x"},
                                      {2, "2017-12-03T12:51:33Z", "y"}};
    struct link l;
    struct peer p;
    struct stored s;
    size_t most = 0;
    int wrong = 0;
    for (bool whole = false; !whole; most++) {
        begin(&l, &p, ROWS(rows));
        p.most = most;
        enum reply_result result = stored_list(&s, &l);
        whole = p.whole;
        wrong += result != (whole ? REPLY_OK : REPLY_TIMEOUT);
        stored_free(&s);
        link_free(&l);
        buf_free(&p.answer);
    }
    ok(wrong == 0 && most > 60, "stored_list: an answer that ends early, at any byte, is an error");
    begin(&l, &p, rows, 0);
    bool found = true;
    ok(stored_list(&s, &l) == REPLY_OK && s.n == 0, "stored_list: an empty mailbox");
    ok(stored_find(&s, &l, 0, SPAN(""), &found) == REPLY_OK && !found, "... in which is nothing");
    end(&l, &p, &s);
}

/* More than what there is room for at first, in no order. */
static void test_many(void)
{
    static struct row rows[500];
    static char dates[500][24];
    struct link l;
    struct peer p;
    struct stored s;
    int wrong = 0;
    for (size_t i = 0; i < 500; i++) {
        size_t second = i * 7 % 500;
        snprintf(dates[i], sizeof dates[i], "1970-01-01T00:%02zu:%02zuZ", second / 60, second % 60);
        rows[i] = (struct row){i + 1, dates[i], i % 2 ? "odd" : "even"};
    }
    begin(&l, &p, rows, 500);
    ok(stored_list(&s, &l) == REPLY_OK && s.n == 500, "stored_list: many");
    for (size_t i = 0; i < 500; i++)
        wrong += !finds(&s, &l, (int64_t)(i * 7 % 500), i % 2 ? "odd" : "even");
    ok(wrong == 0 && p.peeks == 500, "stored_find: finds each with one look");
    end(&l, &p, &s);
}

int main(void)
{
    test_find();
    test_twins();
    test_dates();
    test_list_fails();
    test_many();
    return done_testing();
}
