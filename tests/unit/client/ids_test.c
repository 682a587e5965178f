/* SPDX-License-Identifier: ISC */
#include "client/ids.h"

#include "random.h"
#include "tap.h"

static void test_texts(void)
{
    static const char *const good[] = {
        "0",     "7",       "07",  "1,2",        "3-3",
        "3,7-9", "all,3-5", "all", "unread,all", "18446744073709551615"};
    static const char *const bad[] = {
        "",
        ",",
        "3,",
        ",3",
        "3,,4",
        "-",
        "3-",
        "-3",
        "9-7",
        "3-4-5",
        "x",
        "3 4",
        "All",
        "alle",
        "3-all",
        "+3",
        "0x3",
        "3;",
        "18446744073709551616",
        "1-18446744073709551616",
    };

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ok(ids_text_ok(span_str(good[i])), "ids_text_ok: \"%s\"", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct span in = exact(span_str(bad[i]));
        ok(!ids_text_ok(in), "ids_text_ok: not \"%s\"", bad[i]);
        exact_free(in);
    }
}

/* A server in memory that answers each request with the same list. */
struct peer {
    struct io io;
    struct span answer, left;
    int asked;
};

static enum io_result peer_read(struct io *io, void *bytes, size_t size, int64_t deadline_ms,
                                size_t *n)
{
    struct peer *p = (struct peer *)io;

    (void)deadline_ms;
    struct span piece = span_first(p->left, size);
    if (piece.n > 0)
        memcpy(bytes, piece.p, piece.n);
    p->left = span_skip(p->left, piece.n);
    *n = piece.n;
    return piece.n > 0 ? IO_OK : IO_TIMEOUT;
}

static enum io_result peer_write(struct io *io, const void *bytes, size_t size, int64_t deadline_ms)
{
    struct peer *p = (struct peer *)io;

    (void)bytes, (void)size, (void)deadline_ms;
    p->left = p->answer;
    p->asked++;
    return IO_OK;
}

#define LIST                                                                      \
    "0000000113Answer|5|Yes|1^ann^D^3^0^one^|2^ann^D^3^2^two^|5^ann^D^4^0^five^|" \
    "9^ann^D^4^2^nine^|"

/* Finds what the text means, and writes it as text. */
static void found(struct peer *p, const char *text, const char *want, const char *name)
{
    struct ids ids;
    struct link l;
    struct buf got;

    link_init(&l, &p->io, 1000, 10);
    l.reply.version = 2;
    buf_init(&got, 1000);
    is_int(ids_find(&ids, &l, span_str(text), OP_SHOW_LIST), REPLY_OK, "ids_find: \"%s\"", text);
    for (size_t i = 0; i < ids.n; i++)
        buf_printf(&got, "%llu ", (unsigned long long)ids.id[i]);
    buf_add_char(&got, '\0');
    is_str(got.p, want, "ids_find: %s", name);
    buf_free(&got);
    ids_free(&ids);
    link_free(&l);
}

static void test_find(void)
{
    char list[200];
    struct peer p = {.io = {peer_read, peer_write}};
    const char *payload = &LIST[10];

    snprintf(list, sizeof list, "%010zu%s", strlen(payload), payload);
    p.answer = span_str(list);
    found(&p, "7", "7 ", "a single id is taken as it is");
    found(&p, "9,7,007,3-3,9", "3 7 9 ", "in ascending order, each once");
    is_int(p.asked, 0, "ids_find: for single ids the server is not asked");
    found(&p, "all", "1 2 5 9 ", "all");
    found(&p, "unread", "2 9 ", "unread");
    found(&p, "2-8", "2 5 ", "a range");
    found(&p, "0-1,9-18446744073709551615", "1 9 ", "two ranges");
    found(&p, "3-4", "", "a range of none");
    found(&p, "7,unread,1-2", "1 2 7 9 ", "all kinds together");
    is_int(p.asked, 6, "ids_find: otherwise the server is asked once");
    /* cppcheck-suppress unreadVariable ; the server reads it */
    p.answer = SPAN("0000000019Answer|2|Noop|away|");
    struct ids ids;
    struct link l;
    link_init(&l, &p.io, 1000, 10);
    l.reply.version = 2;
    is_int(ids_find(&ids, &l, SPAN("all"), OP_SHOW_LIST), REPLY_NOOP, "ids_find: a refusal");
    ok(span_eq(link_words(&l), SPAN("away")), "ids_find: ... with its reason");
    ids_free(&ids);
    link_free(&l);
}

int main(void)
{
    test_texts();
    test_find();
    return done_testing();
}
