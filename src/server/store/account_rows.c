/* SPDX-License-Identifier: ISC */
#include "store/account_rows.h"

#include <inttypes.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/digits.h"
#include "store/account_file.h"

#define CHECKSUM_DIGITS 8

void account_rows_head_add(struct buf *out, int64_t since)
{
    buf_printf(out, "pochta-accounts 1\nsince %" PRId64 "\n", since);
}

static void add_quota(struct buf *out, uint64_t quota)
{
    if (quota == ACCOUNT_QUOTA_STANDARD)
        buf_add_str(out, " -");
    else
        buf_printf(out, " %" PRIu64, quota);
}

void account_row_add(struct buf *out, const struct account_row *row)
{
    buf_add_str(out, row->name);
    if (row->st != ST_OK) {
        buf_add_str(out, " unknown\n");
        return;
    }
    buf_add_str(out, row->disabled ? " disabled" : " enabled");
    add_quota(out, row->quota_bytes);
    add_quota(out, row->quota_messages);
    buf_add_char(out, '\n');
}

void account_rows_end_add(struct buf *out, uint64_t accounts, uint32_t checksum)
{
    buf_printf(out, "complete %" PRIu64 " %08" PRIx32 "\n", accounts, checksum);
}

static bool parse_quota(struct span text, uint64_t *quota)
{
    *quota = ACCOUNT_QUOTA_STANDARD;
    return span_eq(text, SPAN("-")) || span_u64(text, ACCOUNT_QUOTA_STANDARD - 1, quota);
}

static bool parse_row(struct span line, struct account_row *row)
{
    struct span name, state, bytes;
    *row = (struct account_row){.st = ST_IO};
    if (!span_cut(&line, ' ', &name) || !name_fold(name, row->name) ||
        !span_eq(name, span_str(row->name)))
        return false;
    if (span_eq(line, SPAN("unknown")))
        return true;
    row->st = ST_OK;
    if (!span_cut(&line, ' ', &state) || !span_cut(&line, ' ', &bytes))
        return false;
    row->disabled = span_eq(state, SPAN("disabled"));
    return (row->disabled || span_eq(state, SPAN("enabled"))) &&
           parse_quota(bytes, &row->quota_bytes) && parse_quota(line, &row->quota_messages);
}

/* An account may be called "complete", but its state is not a number. */
static bool parse_end(const struct account_rows *r, struct span line)
{
    struct span word, accounts;
    uint64_t n, sum;
    return span_cut(&line, ' ', &word) && span_eq(word, SPAN("complete")) &&
           span_cut(&line, ' ', &accounts) && span_u64(accounts, UINT64_MAX, &n) &&
           n == r->accounts && line.n == CHECKSUM_DIGITS && digits_get_hex(line, &sum) &&
           sum == r->checksum;
}

static bool take_row(struct account_rows *r, struct span line,
                     bool (*each)(void *ctx, const struct account_row *row), void *ctx)
{
    struct account_row row;
    if (parse_row(line, &row)) {
        r->accounts++;
        return !each || each(ctx, &row);
    }
    r->next = ACCOUNT_ROWS_END;
    return parse_end(r, line);
}

static bool take_line(struct account_rows *r, struct span line,
                      bool (*each)(void *ctx, const struct account_row *row), void *ctx)
{
    struct span number = span_skip(line, SPAN("since ").n);
    uint64_t since;
    switch (r->next) {
    case ACCOUNT_ROWS_VERSION:
        r->next = ACCOUNT_ROWS_SINCE;
        return span_eq(line, SPAN("pochta-accounts 1"));
    case ACCOUNT_ROWS_SINCE:
        r->next = ACCOUNT_ROWS_LINES;
        if (!span_starts(line, SPAN("since ")) || !span_u64(number, INT64_MAX, &since))
            return false;
        r->since = (int64_t)since;
        return true;
    case ACCOUNT_ROWS_LINES:
        return take_row(r, line, each, ctx);
    default:
        return false;
    }
}

bool account_rows_take(struct account_rows *r, struct span *bytes,
                       bool (*each)(void *ctx, const struct account_row *row), void *ctx)
{
    struct span line;
    while (span_cut(bytes, '\n', &line)) {
        if (line.n >= ACCOUNT_ROWS_LINE_BYTES || !take_line(r, line, each, ctx))
            return false;
        r->checksum = crc32c(r->checksum, span_of(line.p, line.n + 1));
    }
    return bytes->n < ACCOUNT_ROWS_LINE_BYTES;
}
