/* SPDX-License-Identifier: ISC */
/*
 * account_rows: the text file that remembers a list of accounts (account_list.h). Pure. The file is
 * not trusted: a name that the parser accepts is safe as the name of a file.
 *
 *     pochta-accounts 1
 *     since 1764470724
 *     ann enabled - -
 *     bob disabled 1000000 100
 *     eve unknown
 *     complete 3 0a1b2c3d
 *
 * since: changes_mark of the store before the accounts were looked at. Each account has a line: its
 * name, its state, and its quotas of bytes and of messages, "-" for the store's. An account that
 * could not be looked at is unknown. The last line has the number of accounts, and the CRC-32C of
 * all lines before it. A file without this line was cut short.
 */
#ifndef STORE_ACCOUNT_ROWS_H
#define STORE_ACCOUNT_ROWS_H

#include "base/buf.h"
#include "proto/status.h"
#include "store/store.h"

#define ACCOUNT_ROWS_LINE_BYTES 128 /* each line is shorter, with its LF */

struct account_row {
    char name[NAME_BYTES + 1];
    enum status st; /* if it is not ST_OK, only the name counts; the parser then sets ST_IO */
    bool disabled;
    uint64_t quota_bytes, quota_messages; /* or ACCOUNT_QUOTA_STANDARD (account_file.h) */
};

void account_rows_head_add(struct buf *out, int64_t since);
void account_row_add(struct buf *out, const struct account_row *row);

/* Appends the last line. checksum: of all lines before it. */
void account_rows_end_add(struct buf *out, uint64_t accounts, uint32_t checksum);

/* A file that is being read; at first all members are 0. */
struct account_rows {
    enum { ACCOUNT_ROWS_VERSION, ACCOUNT_ROWS_SINCE, ACCOUNT_ROWS_LINES, ACCOUNT_ROWS_END } next;
    int64_t since;     /* set once next is ACCOUNT_ROWS_LINES */
    uint64_t accounts; /* so far */
    uint32_t checksum; /* of the lines so far */
};

/*
 * Takes the whole lines off the beginning of *bytes, and leaves less than ACCOUNT_ROWS_LINE_BYTES.
 * Calls each, which may be NULL, for each account, until it returns false. False: each did so, or
 * the file is damaged. The file is complete if nothing is left at its end, and next is
 * ACCOUNT_ROWS_END.
 */
bool account_rows_take(struct account_rows *r, struct span *bytes,
                       bool (*each)(void *ctx, const struct account_row *row), void *ctx);

#endif
