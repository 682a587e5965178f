/* SPDX-License-Identifier: ISC */
#include "proto/frame.h"

#include "proto/escape.h"
#include "random.h"
#include "tap.h"

#define LIMIT 4096

static void test_form(void)
{
    is_int(frame_form(SPAN("")), FORM_UNKNOWN, "frame_form: unknown without any byte");
    is_int(frame_form(SPAN("\r\n\n")), FORM_UNKNOWN, "frame_form: unknown after CR and LF");
    is_int(frame_form(SPAN("\n0000000011")), FORM_LENGTH, "frame_form: a digit means length form");
    is_int(frame_form(SPAN("\r\nHelp")), FORM_LINE, "frame_form: a letter means line form");
    is_int(frame_form(SPAN("\0")), FORM_LINE, "frame_form: a NUL means line form");
    is_int(frame_form(SPAN("\xff")), FORM_LINE, "frame_form: a byte above 127 means line form");
}

static void test_capture(void)
{
    struct span in = exact(SPAN("0000000011Show all|0|"));
    struct frame_scan scan = {.skipped = 0};
    struct frame f;

    is_int(frame_scan(in, FORM_LENGTH, LIMIT, &scan), FRAME_DONE,
           "frame_scan: finds the frame that was captured in the report");
    ok(scan.total == 21 && scan.length == 11 && scan.skipped == 0,
       "frame_scan: the sizes of that frame");
    is_int(frame_parse(scan.payload, FORM_LENGTH, &f), FRAME_OK, "frame_parse: splits that frame");
    ok(span_eq(f.op, SPAN("Show all")) && f.nargs == 0 && !f.brackets,
       "frame_parse: it is Show all");
    exact_free(in);
}

static void test_scan(void)
{
    static const struct {
        const char *text;
        enum form form;
        size_t limit;
        enum frame_result want;
        size_t skipped, total;
        uint64_t length;
        size_t payload;
    } rows[] = {
        {"", FORM_LENGTH, 9, FRAME_MORE, 0, 0, 0, 0},
        {"\r\n\n", FORM_LENGTH, 9, FRAME_MORE, 3, 0, 0, 0},
        {"\r\n\n", FORM_UNKNOWN, 9, FRAME_MORE, 3, 0, 0, 0},
        {"000000000", FORM_LENGTH, 9, FRAME_MORE, 0, 0, 0, 0},
        {"0000000009", FORM_LENGTH, 9, FRAME_MORE, 0, 0, 9, 0},
        {"0000000009", FORM_LENGTH, 8, FRAME_TOO_LONG, 0, 0, 9, 0},
        {"9999999999", FORM_LENGTH, 9, FRAME_TOO_LONG, 0, 0, 9999999999, 0},
        {"0000000000", FORM_LENGTH, 9, FRAME_DONE, 0, 10, 0, 0},
        {"\n0000000002abc", FORM_LENGTH, 9, FRAME_DONE, 1, 13, 2, 2},
        {"x", FORM_LENGTH, 9, FRAME_NO_LENGTH, 0, 0, 0, 0},
        {"\n000 ", FORM_LENGTH, 9, FRAME_NO_LENGTH, 1, 0, 0, 0},
        {"000000000-", FORM_LENGTH, 9, FRAME_NO_LENGTH, 0, 0, 0, 0},
        {"+000000001", FORM_LENGTH, 9, FRAME_NO_LENGTH, 0, 0, 0, 0},
        {"Help", FORM_LINE, 9, FRAME_MORE, 0, 0, 0, 0},
        {"Help\nmore", FORM_LINE, 9, FRAME_DONE, 0, 5, 0, 4},
        {"\r\nHelp\r\n", FORM_LINE, 9, FRAME_DONE, 2, 8, 0, 4},
        {"Help\r", FORM_LINE, 4, FRAME_MORE, 0, 0, 0, 0},
        {"Help\r\n", FORM_LINE, 4, FRAME_DONE, 0, 6, 0, 4},
        {"Help|", FORM_LINE, 4, FRAME_TOO_LONG, 0, 0, 0, 0},
        {"Help|\n", FORM_LINE, 4, FRAME_TOO_LONG, 0, 0, 0, 0},
        {"a\rb\n", FORM_LINE, 9, FRAME_DONE, 0, 4, 0, 3},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span in = exact(span_str(rows[i].text));
        struct frame_scan scan = {.skipped = 0};
        is_int(frame_scan(in, rows[i].form, rows[i].limit, &scan), rows[i].want,
               "frame_scan: result of row %zu", i);
        ok(scan.skipped == rows[i].skipped && scan.total == rows[i].total &&
               scan.length == rows[i].length && scan.payload.n == rows[i].payload,
           "frame_scan: sizes in this row");
        exact_free(in);
    }
    struct frame_scan scan = {.skipped = 0};
    is_int(frame_scan(SPAN("\rabc"), FORM_LINE, 9, &scan), FRAME_MORE, "frame_scan: half a line");
    is_int(scan.searched, 3, "frame_scan: remembers what has been searched");
    is_int(frame_scan(SPAN("abcdef"), FORM_LINE, 9, &scan), FRAME_MORE,
           "frame_scan: more of the same line");
    is_int(scan.searched, 6, "frame_scan: searches only what is new");
    is_int(frame_scan(SPAN("abc\nef\n"), FORM_LINE, 9, &scan), FRAME_DONE,
           "frame_scan: the whole line");
    is_int(scan.payload.n, 6, "frame_scan: finds the first LF that was not searched before");
    scan.searched = 0;
    is_int(frame_scan(SPAN("\0001"), FORM_LENGTH, 9, &scan), FRAME_NO_LENGTH,
           "frame_scan: a NUL before a frame is not skipped");
}

/* Writes the result of frame_parse in a line: the opcode, then each argument in brackets. */
static void describe(const struct frame *f, char *out, size_t size)
{
    int n = snprintf(out, size, "%s%.*s", f->brackets ? "<>" : "", SPAN_PRINTF(f->op));
    for (size_t i = 0; i < f->nargs && i < FRAME_ARGS_MAX; i++)
        n += snprintf(out + n, size - (size_t)n, "[%.*s]", SPAN_PRINTF(f->arg[i]));
}

struct parse_row {
    const char *text;
    enum frame_error want;
    const char *found; /* compared unless there was an error */
};

static void check_parse(const struct parse_row *rows, size_t n, enum form form)
{
    for (size_t i = 0; i < n; i++) {
        struct span in = exact(span_str(rows[i].text));
        struct frame f;
        char found[200];
        is_int(frame_parse(in, form, &f), rows[i].want, "frame_parse: \"%s\"", rows[i].text);
        describe(&f, found, sizeof found);
        if (rows[i].want == FRAME_OK)
            is_str(found, rows[i].found, "frame_parse: the parts of that payload");
        else
            ok(frame_error_text(rows[i].want)[0] != 0, "frame_error_text: that error has a text");
        exact_free(in);
    }
}

static void test_parse_length(void)
{
    static const struct parse_row rows[] = {
        {"Start|0|", FRAME_OK, "Start"},
        {"Login|2|ann|secret|", FRAME_OK, "Login[ann][secret]"},
        {"Login|02|ann|secret|", FRAME_OK, "Login[ann][secret]"},
        {"Send mes|2|ann||", FRAME_OK, "Send mes[ann][]"},
        {"<Show all|0|>", FRAME_OK, "<>Show all"},
        {"<Login|2|a>|b<|>", FRAME_OK, "<>Login[a>][b<]"},
        {"A|8|1|2|3|4|5|6|7|8|", FRAME_OK, "A[1][2][3][4][5][6][7][8]"},
        {"A|9|1|2|3|4|5|6|7|8|9|", FRAME_OK, "A[1][2][3][4][5][6][7][8]"},
        {"", FRAME_NO_BAR, NULL},
        {"Help", FRAME_NO_BAR, NULL},
        {"<>", FRAME_NO_BAR, NULL},
        {"Help|", FRAME_BAD_NUMARG, NULL},
        {"Help||", FRAME_BAD_NUMARG, NULL},
        {"Help|x|", FRAME_BAD_NUMARG, NULL},
        {"Help|-1|", FRAME_BAD_NUMARG, NULL},
        {"Help|99999999999999999999|", FRAME_BAD_NUMARG, NULL},
        {"Help|18446744073709551615|", FRAME_WRONG_NUMARG, NULL},
        {"Help|1|", FRAME_WRONG_NUMARG, NULL},
        {"Help|0|a|", FRAME_WRONG_NUMARG, NULL},
        {"Login|2|ann|", FRAME_WRONG_NUMARG, NULL},
        {"Help|0", FRAME_NOT_CLOSED, NULL},
        {"Login|2|ann|secret", FRAME_NOT_CLOSED, NULL},
        {"<Help|0|", FRAME_NOT_CLOSED, NULL},
        {"<", FRAME_NOT_CLOSED, NULL},
        {"Help|0|>", FRAME_NOT_CLOSED, NULL},
    };
    check_parse(rows, sizeof rows / sizeof rows[0], FORM_LENGTH);
}

static void test_parse_line(void)
{
    static const struct parse_row rows[] = {
        {"Help", FRAME_OK, "Help"},
        {"Show all", FRAME_OK, "Show all"},
        {"Help|", FRAME_OK, "Help"},
        {"Help|0", FRAME_OK, "Help"},
        {"Help|0|", FRAME_OK, "Help"},
        {"<Help>", FRAME_OK, "<>Help"},
        {"<Help|0>", FRAME_OK, "<>Help"},
        {"Login|2|ann|secret", FRAME_OK, "Login[ann][secret]"},
        {"Login|2|ann|secret|", FRAME_OK, "Login[ann][secret]"},
        {"Send mes|2|ann|", FRAME_OK, "Send mes[ann][]"},
        {"Send mes|2|ann||", FRAME_OK, "Send mes[ann][]"},
        {"Show exact|1|", FRAME_OK, "Show exact[]"},
        {"", FRAME_OK, ""},
        {"Help||", FRAME_BAD_NUMARG, NULL},
        {"Login|ann|secret", FRAME_BAD_NUMARG, NULL},
        {"Help|18446744073709551615|", FRAME_WRONG_NUMARG, NULL},
        {"Help|18446744073709551615", FRAME_WRONG_NUMARG, NULL},
        {"Help|0|a", FRAME_WRONG_NUMARG, NULL},
        {"Help|0||", FRAME_WRONG_NUMARG, NULL},
        {"Show exact|1", FRAME_WRONG_NUMARG, NULL},
        {"Login|2|ann", FRAME_WRONG_NUMARG, NULL},
        {"Login|1|ann|secret", FRAME_WRONG_NUMARG, NULL},
        {"<Help", FRAME_NOT_CLOSED, NULL},
    };
    check_parse(rows, sizeof rows / sizeof rows[0], FORM_LINE);
}

static void test_many_args(void)
{
    struct span in = SPAN("A|9|1|2|3|4|5|6|7|8|9|");
    struct frame f;
    ok(frame_parse(in, FORM_LENGTH, &f) == FRAME_OK && f.nargs == 9,
       "frame_parse: counts more arguments than it keeps");
    ok(frame_parse(SPAN("<Help|x|>"), FORM_LENGTH, &f) == FRAME_BAD_NUMARG && f.brackets &&
           span_eq(f.op, SPAN("Help")),
       "frame_parse: an error leaves op and brackets as far as they were read");
    ok(frame_parse(SPAN("A\0|1|\0|"), FORM_LENGTH, &f) == FRAME_OK && f.op.n == 2 &&
           f.arg[0].n == 1,
       "frame_parse: NUL is a byte like any other");
}

static void test_head(void)
{
    struct span op = SPAN("untouched");
    uint64_t nargs = 77;
    struct span in = exact(SPAN("Answer|2|Yes|1^a^"));
    struct span rest = in;

    ok(frame_head(&rest, &op, &nargs) && span_eq(op, SPAN("Answer")) && nargs == 2,
       "frame_head: reads opcode and number of arguments");
    ok(span_eq(rest, SPAN("Yes|1^a^")), "frame_head: removes the head");
    for (size_t n = 0; n < 9; n++) {
        struct span part = exact(span_first(in, n));
        rest = part;
        ok(!frame_head(&rest, &op, &nargs) && rest.n == n, "frame_head: not from %zu bytes", n);
        exact_free(part);
    }
    rest = SPAN("Answer|x|");
    ok(!frame_head(&rest, &op, &nargs) && nargs == 2 && span_eq(op, SPAN("Answer")),
       "frame_head: a wrong number changes nothing");
    exact_free(in);
}

/* A frame with random arguments. */
struct trip {
    struct dialect d;
    const char *op;
    size_t nargs;
    char bytes[FRAME_ARGS_MAX][40];
    struct span arg[FRAME_ARGS_MAX];
};

static void make_trip(struct trip *t, enum form form)
{
    static const char *const ops[] = {"Send mes", "Help", "A"};

    t->d = (struct dialect){form, 2, random_below(2)};
    t->op = ops[random_below(3)];
    t->nargs = random_below(FRAME_ARGS_MAX + 1);
    for (size_t i = 0; i < t->nargs; i++)
        t->arg[i] = random_bytes(t->bytes[i], sizeof t->bytes[i]);
}

static void write_trip(struct buf *out, const struct trip *t)
{
    bool sized = random_below(2);
    struct buf args;
    size_t mark = 0;

    buf_init(&args, SIZE_MAX);
    if (!sized)
        mark = frame_open(out, t->d, t->op, t->nargs);
    for (size_t i = 0; i < t->nargs; i++)
        frame_arg(sized ? &args : out, t->d, t->arg[i]);
    if (sized) {
        frame_open_sized(out, t->d, t->op, t->nargs, args.n);
        buf_add(out, buf_span(&args));
        frame_end(out, t->d);
    } else {
        frame_close(out, t->d, mark);
    }
    buf_free(&args);
    if (random_below(4) == 0)
        buf_add_str(out, "\r\n");
}

static bool same_trip(const struct trip *t, struct span payload)
{
    struct frame f;

    if (frame_parse(payload, t->d.form, &f) != FRAME_OK || f.brackets != t->d.brackets ||
        !span_eq(f.op, span_str(t->op)) || f.nargs != t->nargs)
        return false;
    for (size_t i = 0; i < t->nargs; i++) {
        char out[80];
        size_t n;
        if (!escape_undo(f.arg[i], out, &n) || !span_eq(span_of(out, n), t->arg[i]))
            return false;
    }
    return true;
}

/* Reads frames from in, which arrives in pieces of any size. Returns how many are right. */
static size_t read_trips(struct span in, const struct trip *trips, size_t count)
{
    size_t right = 0;
    size_t come = 0;

    while (right < count) {
        struct frame_scan scan = {.skipped = 0};
        struct span seen = exact(span_first(in, come));
        enum frame_result r = frame_scan(seen, trips[0].d.form, LIMIT, &scan);
        bool same = r == FRAME_DONE && same_trip(&trips[right], scan.payload);
        exact_free(seen);
        if (r == FRAME_MORE && come < in.n) {
            come += 1 + random_below(in.n - come);
            continue;
        }
        if (!same)
            break;
        right++;
        in = span_skip(in, scan.total);
        come = come > scan.total ? come - scan.total : 0;
    }
    return right;
}

static void test_round_trips(enum form form)
{
    static struct trip trips[8];
    int rounds = 0;

    for (; rounds < 2000; rounds++) {
        struct buf out;
        buf_init(&out, SIZE_MAX);
        for (size_t i = 0; i < 8; i++) {
            make_trip(&trips[i], form);
            write_trip(&out, &trips[i]);
        }
        size_t right = read_trips(buf_span(&out), trips, 8);
        buf_free(&out);
        if (right != 8)
            break;
    }
    is_int(rounds, 2000, "frame_parse: reads random frames that were written, in pieces, %s form",
           form == FORM_LINE ? "line" : "length");
    if (rounds < 2000)
        random_diag();
}

/* Random input: nothing outside of it may be read, and a parsed frame must lie inside it. */
static void test_rubbish(void)
{
    int wrong = 0;

    for (int i = 0; i < 50000; i++) {
        static const char alphabet[] = "||||0123<>AB\r\n";
        char bytes[30];
        size_t n = random_below(sizeof bytes);
        for (size_t k = 0; k < n; k++)
            bytes[k] = alphabet[random_below(sizeof alphabet - 1)];
        struct span in = exact(span_of(bytes, n));
        struct frame_scan scan = {.skipped = 0};
        struct frame f;
        enum form form = random_below(2) ? FORM_LINE : FORM_LENGTH;
        frame_scan(in, form, 20, &scan);
        wrong += scan.total > in.n || scan.payload.n > 20;
        if (frame_parse(in, form, &f) == FRAME_OK) {
            for (size_t k = 0; k < f.nargs && k < FRAME_ARGS_MAX; k++)
                wrong += f.arg[k].p < in.p || f.arg[k].p + f.arg[k].n > in.p + in.n;
        }
        exact_free(in);
    }
    is_int(wrong, 0, "frame_scan, frame_parse: random bytes give nothing outside of the input");
    if (wrong)
        random_diag();
}

static void test_writing(void)
{
    struct dialect d = {FORM_LENGTH, 1, false};
    struct buf out;

    buf_init(&out, 40);
    size_t mark = frame_open(&out, d, "Answer", 2);
    frame_arg(&out, d, SPAN("Yes"));
    frame_arg(&out, d, SPAN("a|b^c"));
    ok(frame_close(&out, d, mark), "frame_close: completes a frame");
    ok(span_eq(buf_span(&out), SPAN("0000000019Answer|2|Yes|a b^c|")),
       "frame_arg: version 1 replaces a bar in an argument");
    mark = frame_open(&out, d, "Answer", 2);
    ok(!frame_close(&out, d, mark) && !buf_ok(&out), "frame_close: fails when the buffer is full");
    buf_clear(&out);
    ok(!frame_open_sized(&out, d, "A", 0, FRAME_LENGTH_MAX),
       "frame_open_sized: fails if the length has more than ten digits");
    buf_clear(&out);
    ok(frame_open_sized(&out, d, "A", 1, FRAME_LENGTH_MAX - 4),
       "frame_open_sized: the largest length");
    ok(span_eq(buf_span(&out), SPAN("9999999999A|1|")),
       "frame_open_sized: writes the largest length");
    buf_free(&out);
}

static void test_exit(void)
{
    char out[FRAME_EXIT_BYTES];
    struct dialect d = {.form = FORM_LENGTH, .version = 2};
    size_t n = frame_exit(out, d, "no memory");
    ok(span_eq(span_of(out, n), SPAN("0000000017Exit|1|no memory|")), "frame_exit: length form");
    d.form = FORM_LINE;
    n = frame_exit(out, d, "no memory");
    ok(span_eq(span_of(out, n), SPAN("Exit|1|no memory|\n")), "frame_exit: line form");
}

int main(void)
{
    random_begin();
    test_form();
    test_capture();
    test_scan();
    test_parse_length();
    test_parse_line();
    test_many_args();
    test_head();
    test_writing();
    test_exit();
    test_round_trips(FORM_LENGTH);
    test_round_trips(FORM_LINE);
    test_rubbish();
    return done_testing();
}
