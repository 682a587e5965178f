/* SPDX-License-Identifier: ISC */
/* The text file of a list of accounts; account_list_test.c is about what it is used for. */
#include "store/account_rows.h"

#include <string.h>

#include "base/crc32c.h"
#include "store/account_file.h"
#include "tap.h"

#define STANDARD ACCOUNT_QUOTA_STANDARD

static const struct account_row rows[] = {
    {"ann", ST_OK, false, STANDARD, STANDARD},
    {"complete", ST_OK, true, 1000000, 0},
    {"eve", ST_IO, false, 1, 2},
    {"01234567890123456789012345678901", ST_OK, true, UINT64_MAX - 1, UINT64_MAX - 1},
};

#define ROWS (sizeof rows / sizeof *rows)

static char seen[1000];

static bool see(void *ctx, const struct account_row *row)
{
    struct buf text;
    const size_t *until = ctx;

    buf_init(&text, sizeof seen);
    account_row_add(&text, row);
    snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%.*s", SPAN_PRINTF(buf_span(&text)));
    buf_free(&text);
    return !until || strlen(seen) < *until;
}

static void end_file(struct buf *text, uint64_t accounts)
{
    account_rows_end_add(text, accounts, crc32c(0, buf_span(text)));
}

/* Whether the text is a complete file if it is read in pieces of this size. */
static bool is_complete(struct span text, size_t piece)
{
    struct account_rows r = {.since = 0};
    char bytes[2000];
    size_t left = 0;

    seen[0] = '\0';
    while (text.n > 0) {
        struct span now = span_first(text, piece);
        memcpy(bytes + left, now.p, now.n);
        text = span_skip(text, piece);
        struct span some = span_of(bytes, left + now.n);
        if (!account_rows_take(&r, &some, see, NULL))
            return false;
        left = some.n;
        memmove(bytes, some.p, left);
    }
    return r.next == ACCOUNT_ROWS_END && left == 0 && r.since == 1764470724;
}

static void test_file(struct buf *text)
{
    account_rows_head_add(text, 1764470724);
    for (size_t i = 0; i < ROWS; i++)
        account_row_add(text, &rows[i]);
    end_file(text, ROWS);
    static const char want[] = "ann enabled - -\ncomplete disabled 1000000 0\neve unknown\n"
                               "01234567890123456789012345678901 disabled 18446744073709551614 "
                               "18446744073709551614\n";
    ok(strstr(text->p, want), "a file has a line for each account");
    ok(is_complete(buf_span(text), 1000), "a file is read");
    is_str(seen, want, "... with each account");
    int bad = 0;
    for (size_t piece = 1; piece < text->n; piece++)
        bad += !is_complete(buf_span(text), piece) || strcmp(seen, want) != 0;
    is_int(bad, 0, "a file is read the same in pieces of any size");
}

static void test_damage(struct buf *text)
{
    int cut = 0, bits = 0;

    for (size_t n = 0; n < text->n; n++)
        cut += is_complete(span_of(text->p, n), 1000);
    is_int(cut, 0, "a file that was cut short is not complete");
    for (size_t i = 0; i < text->n * 8; i++) {
        text->p[i / 8] ^= (char)(1 << i % 8);
        bits += is_complete(buf_span(text), 1000);
        text->p[i / 8] ^= (char)(1 << i % 8);
    }
    is_int(bits, 0, "a file with a changed bit is not complete");
    text->p[text->n - 2] = '\n';
    ok(!is_complete(span_of(text->p, text->n - 1), 1000),
       "a file with half a checksum is not complete");
}

/* The checksum is right. */
static void test_lines(void)
{
    static const char *const lines[] = {
        "../ann enabled - -",
        "Ann enabled - -",
        "ann Enabled - -",
        "ann enabled -",
        "ann enabled - - -",
        "ann enabled 18446744073709551615 -",
        "ann enabled -1 -",
        "ann unknown -",
        " enabled - -",
        "ann",
        "",
        "complete 0",
    };
    struct buf text;

    buf_init(&text, 2000);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        buf_clear(&text);
        account_rows_head_add(&text, 1764470724);
        buf_printf(&text, "%s\n", lines[i]);
        end_file(&text, 1);
        ok(!is_complete(buf_span(&text), 1000), "not a valid line: \"%s\"", lines[i]);
    }
    buf_clear(&text);
    account_rows_head_add(&text, 1764470724);
    for (int i = 0; i < ACCOUNT_ROWS_LINE_BYTES; i++)
        buf_add_char(&text, 'a');
    ok(!is_complete(buf_span(&text), 1000),
       "a line that is too long is refused before its end has come");
    buf_add_char(&text, '\n');
    ok(!is_complete(buf_span(&text), 1000), "... and with its end");
    buf_clear(&text);
    account_rows_head_add(&text, 1764470724);
    end_file(&text, 1);
    ok(!is_complete(buf_span(&text), 1000),
       "a file with fewer accounts than its last line says is not complete");
    buf_free(&text);
}

static void test_more(struct buf *text)
{
    size_t n = text->n;

    buf_add_char(text, 'a');
    ok(!is_complete(buf_span(text), 1000),
       "a file with anything after its last line is not complete");
    buf_add_char(text, '\n');
    ok(!is_complete(buf_span(text), 1000), "... nor with another line after it");
    text->n = n;
}

static void test_stop(struct buf *text)
{
    struct account_rows r = {.since = 0};
    struct span all = buf_span(text);
    size_t until = 1;

    seen[0] = '\0';
    ok(!account_rows_take(&r, &all, see, &until), "reading stops when each returns false");
    is_str(seen, "ann enabled - -\n", "... after that account");
    ok(account_rows_take(&(struct account_rows){.since = 0}, &(struct span){text->p, text->n - 1},
                         NULL, NULL),
       "each may be NULL");
}

int main(void)
{
    struct buf text;

    buf_init(&text, 2000);
    test_file(&text);
    test_more(&text);
    test_stop(&text);
    test_damage(&text);
    test_lines();
    buf_free(&text);
    return done_testing();
}
