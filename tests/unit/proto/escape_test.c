/* SPDX-License-Identifier: ISC */
#include "proto/escape.h"

#include "random.h"
#include "tap.h"

static const struct dialect dialects[] = {
    {FORM_LENGTH, 1, false}, {FORM_LINE, 1, false}, {FORM_LENGTH, 2, false}, {FORM_LINE, 2, false}};

/* What the protocol says the byte c becomes. */
static struct span expected(char c, struct dialect d, enum escape_place place, char room[2])
{
    static const char from[] = {'\\', '|', '^', '\n', '\r'};
    static const char to[] = {'\\', 'p', 'c', 'n', 'r'};
    const char *at = memchr(from, c, d.form == FORM_LINE ? 5 : 3);

    room[0] = c;
    if (!at)
        return span_of(room, 1);
    if (d.version == 1) {
        if (c != '\\' && (c != '^' || place == ESCAPE_FIELD))
            room[0] = ' ';
        return span_of(room, 1);
    }
    room[0] = '\\';
    room[1] = to[at - from];
    return span_of(room, 2);
}

static void test_every_byte(struct dialect d, enum escape_place place)
{
    int wrong = 0;

    for (int i = 0; i < 256; i++) {
        char c = (char)i;
        char want[2];
        struct span in = exact(span_of(&c, 1));
        char *out = malloc(ESCAPE_GROWTH);
        size_t n = escape_write(out, in, d, place);
        wrong += !span_eq(span_of(out, n), expected(c, d, place, want));
        free(out);
        exact_free(in);
    }
    is_int(wrong, 0, "escape_write: every byte, version %u, %s form, %s", d.version,
           d.form == FORM_LINE ? "line" : "length", place == ESCAPE_FIELD ? "field" : "argument");
}

/* Long runs of plain bytes with an escape here and there, at any place of a run. */
static struct span sparse_bytes(char *out, size_t max)
{
    size_t n = random_below(max + 1);

    for (size_t i = 0; i < n; i++)
        out[i] = "abc ~{}[]_\x7f\xff\0"[random_below(13)];
    for (size_t i = random_below(400); i < n; i += 1 + random_below(400))
        out[i] = "\\|^\n\r"[random_below(5)];
    return span_of(out, n);
}

static void test_sparse(struct dialect d, enum escape_place place)
{
    static char bytes[2000];
    int wrong = 0, miscounted = 0;

    for (int i = 0; i < 500; i++) {
        struct span in = exact(sparse_bytes(bytes, sizeof bytes));
        char want[2], *out = malloc(in.n * ESCAPE_GROWTH + 1);
        size_t n = escape_write(out, in, d, place), at = 0, escapes = 0;
        for (size_t j = 0; j < in.n; j++) {
            struct span one = expected(in.p[j], d, place, want);
            /* NOLINTNEXTLINE(clang-analyzer-alpha.unix.cstring.OutOfBounds): n bytes are there. */
            wrong += at + one.n > n || memcmp(out + at, one.p, one.n) != 0;
            at += one.n;
            escapes += in.p[j] == '\\' || in.p[j] == '|' || in.p[j] == '^';
        }
        wrong += at != n;
        miscounted += escape_count(in) != escapes;
        free(out);
        exact_free(in);
    }
    is_int(wrong, 0, "escape_write: few escapes, version %u, %s form, %s", d.version,
           d.form == FORM_LINE ? "line" : "length", place == ESCAPE_FIELD ? "field" : "argument");
    is_int(miscounted, 0, "escape_count: ... are counted");
    if (wrong || miscounted)
        random_diag();
}

/* More in a row than fit a byte in any place. */
static void test_many(void)
{
    static char bytes[100000];

    memset(bytes, '|', sizeof bytes);
    is_int(escape_count(span_of(bytes, sizeof bytes)), sizeof bytes, "escape_count: only escapes");
}

/* Escapes s, checks that no separator is left, and undoes it in place. */
static bool round_trip(struct span s, struct dialect d, enum escape_place place)
{
    struct buf b;
    size_t n = 0;

    buf_init(&b, SIZE_MAX);
    escape_add(&b, s, d, place);
    struct span escaped = exact(buf_span(&b));
    buf_free(&b);

    bool good = span_count(escaped, '|') == 0;
    if (d.form == FORM_LINE)
        good = good && span_count(escaped, '\n') == 0 && span_count(escaped, '\r') == 0;
    if (d.version == 1) {
        good = good && escaped.n == s.n;
    } else {
        char *p = exact_bytes(escaped);
        good = good && span_count(escaped, '^') == 0;
        if (d.form == FORM_LENGTH)
            good = good && escaped.n == s.n + escape_count(s);
        good = good && escape_undo(escaped, p, &n) && span_eq(span_of(p, n), s);
    }
    exact_free(escaped);
    return good;
}

static void test_round_trips(void)
{
    static char bytes[10000];
    int trips = 0;

    for (; trips < 4000; trips++) {
        struct span s = exact(random_bytes(bytes, trips % 100 ? 40 : sizeof bytes));
        enum escape_place place = random_below(2) ? ESCAPE_FIELD : ESCAPE_ARGUMENT;
        bool good = round_trip(s, dialects[trips % 4], place);
        exact_free(s);
        if (!good)
            break;
    }
    is_int(trips, 4000,
           "escape_undo: restores random bytes, which contain no separator once escaped");
    if (trips < 4000)
        random_diag();
}

static void test_undo(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"", ""},           {"plain", "plain"}, {"\\\\", "\\"}, {"a\\pb\\cc", "a|b^c"},
        {"\\n\\r", "\n\r"}, {"\\\\p", "\\p"},   {"\\", NULL},   {"abc\\", NULL},
        {"\\x", NULL},      {"\\P", NULL},      {"\\|", NULL},  {"\\\\\\", NULL},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span in = exact(span_str(rows[i].text));
        struct span room = exact(in);
        char *out = exact_bytes(room);
        size_t n = 0;
        bool good = escape_undo(in, out, &n);
        ok(good == (rows[i].want != NULL) &&
               (!good || span_eq(span_of(out, n), span_str(rows[i].want))),
           "escape_undo: \"%s\"", rows[i].text);
        exact_free(room);
        exact_free(in);
    }
}

static void test_full_buffer(void)
{
    struct buf b;

    buf_init(&b, 10);
    ok(!escape_add(&b, SPAN("more than ten bytes"), dialects[2], ESCAPE_FIELD),
       "escape_add: fails when the buffer is full");
    buf_free(&b);
}

int main(void)
{
    random_begin();
    for (size_t i = 0; i < 4; i++) {
        test_every_byte(dialects[i], ESCAPE_ARGUMENT);
        test_every_byte(dialects[i], ESCAPE_FIELD);
        test_sparse(dialects[i], ESCAPE_ARGUMENT);
        test_sparse(dialects[i], ESCAPE_FIELD);
    }
    test_many();
    test_round_trips();
    test_undo();
    test_full_buffer();
    return done_testing();
}
