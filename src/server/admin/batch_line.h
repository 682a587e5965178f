/* SPDX-License-Identifier: ISC */
/*
 * batch_line: a line of the file that "user add --batch" reads: one account. Pure.
 *
 *     ann	password
 *     bob	$y$j9T$...	1G	-
 *
 * The columns are separated by tabs: the name; the password, or its yescrypt hash as crypt(3)
 * writes it; and optionally the quotas of bytes and of messages. Empty lines and lines that begin
 * with # are skipped.
 */
#ifndef ADMIN_BATCH_LINE_H
#define ADMIN_BATCH_LINE_H

#include "proto/name.h"

/* The longest line, without its LF. A longer one cannot be valid. */
#define BATCH_LINE_BYTES 1024

struct batch_line {
    char name[NAME_BYTES + 1]; /* in lower case */
    struct span secret; /* in the line: a hash that fits in OS_CRYPT_HASH_BYTES, or a password */
    bool hashed;
    uint64_t quota_bytes, quota_messages; /* as in struct account */
};

/* Whether a line is skipped: it is empty, or begins with #. */
bool batch_line_is_empty(struct span line);

/*
 * Parses any other line, without its LF. Returns NULL, or what is wrong: a constant text, so that
 * it shows nothing of the line.
 */
const char *batch_line_parse(struct span line, struct batch_line *l);

#endif
