/* SPDX-License-Identifier: ISC */
/*
 * The file that remembers a list of accounts, read in pieces. Each name that the parser accepts is
 * safe as the name of a file, and a complete file is the same when it is written again. Since a
 * random last line is almost never right, one is also made here from the rest of the input.
 */
#include "base/crc32c.h"
#include "fuzz.h"
#include "store/account_rows.h"

static bool write_row(void *ctx, const struct account_row *row)
{
    char folded[NAME_BYTES + 1];

    must(name_fold(span_str(row->name), folded) && strcmp(row->name, folded) == 0);
    must(row->st == ST_OK || row->st == ST_IO);
    account_row_add(ctx, row);
    return true;
}

/* Writes what was read. Returns whether that was the whole file. */
static bool read_file(struct span in, size_t piece, struct buf *again)
{
    struct account_rows r = {.since = 0};
    struct buf rows, left;
    bool ok = true;

    buf_init(&rows, SIZE_MAX / 4);
    buf_init(&left, SIZE_MAX / 4);
    for (; ok && in.n > 0; in = span_skip(in, piece)) {
        buf_add(&left, span_first(in, piece));
        struct span some = buf_span(&left);
        ok = account_rows_take(&r, &some, write_row, &rows);
        must(!ok || some.n < ACCOUNT_ROWS_LINE_BYTES);
        buf_consume(&left, left.n - some.n);
    }
    must(r.since >= 0 && span_count(buf_span(&rows), '\n') == r.accounts);
    bool complete = ok && left.n == 0 && r.next == ACCOUNT_ROWS_END;
    if (complete || r.accounts > 0) {
        account_rows_head_add(again, r.since);
        buf_add(again, buf_span(&rows));
    }
    if (complete)
        account_rows_end_add(again, r.accounts, crc32c(0, buf_span(again)));
    buf_free(&rows);
    buf_free(&left);
    return complete;
}

void fuzz_one(struct span in)
{
    size_t piece = 1 + fuzz_below(&in, 300);
    struct buf once, again, more;

    buf_init(&once, SIZE_MAX / 4);
    buf_init(&again, SIZE_MAX / 4);
    buf_init(&more, SIZE_MAX / 4);
    bool complete = read_file(in, SIZE_MAX, &once);
    must(read_file(in, piece, &again) == complete);
    must(span_eq(buf_span(&once), buf_span(&again)));
    /* Numbers may have leading zeros; nothing else can be written in two ways. */
    must(!complete || (once.n <= in.n && once.n + span_count(in, '0') >= in.n));
    if (!complete && once.n > 0) { /* what was read, with the right last line */
        uint64_t accounts = span_count(buf_span(&once), '\n') - 2;

        account_rows_end_add(&once, accounts, crc32c(0, buf_span(&once)));
        must(read_file(buf_span(&once), piece, &more));
        must(span_eq(buf_span(&once), buf_span(&more)));
    }
    buf_free(&once);
    buf_free(&again);
    buf_free(&more);
}
