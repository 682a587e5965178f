/* SPDX-License-Identifier: ISC */
#include "admin/admin_answer.h"

#include "os/clock.h"
#include "tap.h"

struct reader {
    int parts;
    size_t bytes;
    bool leaves;
};

static bool take_part(void *ctx, const struct buf *rows)
{
    struct reader *r = ctx;

    r->parts++;
    r->bytes += rows->n;
    return !r->leaves;
}

static void add_row(struct admin_answer *a)
{
    for (int i = 0; i < 100; i++)
        buf_add_str(&a->text, "123456789\t");
    buf_add_char(&a->text, '\n');
}

static void test_parts(void)
{
    struct reader r = {.parts = 0};
    struct admin_answer a = {.take = take_part, .ctx = &r, .taken_ms = os_clock_ms() + 3600000};

    buf_init(&a.text, 1 << 20);
    for (int i = 0; i < 16; i++) {
        add_row(&a);
        ok(admin_answer_row_done(&a), "a row");
    }
    is_int(r.parts, 0, "... are not enough for a part");
    add_row(&a);
    ok(admin_answer_row_done(&a) && r.parts == 1 && a.text.n == 0, "... one more is");
    a.taken_ms = 0;
    add_row(&a);
    ok(admin_answer_row_done(&a) && r.parts == 2, "one row that has waited for long is a part");
    is_int(r.bytes, 18 * 1001, "... and all have come");
    buf_free(&a.text);
}

static void test_nobody(void)
{
    struct reader r = {.leaves = true};
    struct admin_answer a = {.take = take_part, .ctx = &r}, whole = {.code = 0};

    buf_init(&a.text, 1 << 20);
    buf_init(&whole.text, 1 << 20);
    add_row(&a);
    ok(!admin_answer_row_done(&a) && a.cut, "a reader who leaves");
    add_row(&a);
    ok(!admin_answer_pass_on(&a) && r.parts == 1, "... is given nothing more");
    add_row(&whole);
    ok(!admin_answer_pass_on(&whole) && whole.text.n == 1001, "an answer without a reader stays");
    buf_free(&a.text);
    buf_free(&whole.text);
}

static void test_failed(void)
{
    struct reader r = {.parts = 0};
    struct admin_answer a = {.take = take_part, .ctx = &r, .taken_ms = os_clock_ms() + 3600000};

    buf_init(&a.text, 1500);
    add_row(&a);
    ok(admin_answer_row_done(&a), "a row for which there is room");
    add_row(&a);
    ok(!admin_answer_row_done(&a) && !admin_answer_pass_on(&a), "... and one without");
    is_int(r.parts, 0, "... half of a row is given to nobody");
    admin_answer_fail(&a, 71, "%s", "out of memory");
    ok(a.code == 71 && span_eq(buf_span(&a.text), SPAN("out of memory")), "... the error is");
    buf_free(&a.text);
}

int main(void)
{
    test_parts();
    test_nobody();
    test_failed();
    return done_testing();
}
