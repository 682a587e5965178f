/* SPDX-License-Identifier: ISC */
/*
 * The file of user add --batch: its lines are those of the file, and what is taken of a line is
 * what the account's file then says.
 */
#include "ctl/batch_input.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "fuzz.h"
#include "os/crypt.h"
#include "store/account_file.h"

#define QUOTA_MAX (UINT64_C(1) << 60)

static bool is_quota(uint64_t quota)
{
    return quota <= QUOTA_MAX || quota == ACCOUNT_QUOTA_STANDARD;
}

/* Appends what stands for a quota. */
static void add_quota(struct buf *out, uint64_t quota)
{
    if (quota == ACCOUNT_QUOTA_STANDARD)
        buf_add_str(out, "\t-");
    else
        buf_printf(out, "\t%" PRIu64, quota);
}

/* What was taken, written as a line, is taken as the same. */
static void test_again(const struct batch_line *l)
{
    struct batch_line again;
    struct buf line;

    buf_init(&line, 4096);
    buf_add_str(&line, l->name);
    buf_add_char(&line, '\t');
    buf_add(&line, l->secret);
    add_quota(&line, l->quota_bytes);
    add_quota(&line, l->quota_messages);
    must(!batch_line_parse(buf_span(&line), &again));
    must(strcmp(again.name, l->name) == 0 && span_eq(again.secret, l->secret));
    must(again.hashed == l->hashed && again.quota_bytes == l->quota_bytes &&
         again.quota_messages == l->quota_messages);
    buf_free(&line);
}

/* A hash in the account's file is found there again, and nothing else. */
static void test_file(const struct batch_line *l)
{
    struct account a;
    struct who who;
    struct buf text;

    buf_init(&text, ACCOUNT_FILE_BYTES);
    buf_printf(&text, "pochta-account 1\ngeneration 0123456789abcdef\npassword %.*s\n",
               SPAN_PRINTF(l->secret));
    must(account_file_parse(buf_span(&text), &who, &a));
    must(span_eq(span_str(a.hash), l->secret) && !a.disabled);
    must(a.quota_bytes == ACCOUNT_QUOTA_STANDARD && a.quota_messages == ACCOUNT_QUOTA_STANDARD);
    buf_free(&text);
}

static void test_line(struct span line)
{
    struct batch_line l;
    char name[NAME_BYTES + 1];

    if (batch_line_is_empty(line) || batch_line_parse(line, &l))
        return;
    must(name_fold(span_str(l.name), name) && strcmp(name, l.name) == 0);
    must(fuzz_within(l.secret, line) && l.secret.n < OS_CRYPT_HASH_BYTES);
    must(l.hashed ? span_starts(l.secret, SPAN("$y$")) : name_password_ok(l.secret));
    must(span_find(l.secret, '\t') == l.secret.n && is_quota(l.quota_bytes) &&
         is_quota(l.quota_messages));
    test_again(&l);
    if (l.hashed)
        test_file(&l);
}

/* The lines that are read are those of the input. */
static void test_lines(struct batch_input *file, struct span in)
{
    enum batch_input_result got;
    struct span line, want;
    uint64_t lines = 0;

    while ((got = batch_input_next(file, &line)) != BATCH_INPUT_END) {
        must(got != BATCH_INPUT_FAILED && in.n > 0 && file->line == ++lines);
        bool whole = span_cut(&in, '\n', &want);
        if (!whole) {
            want = in;
            in.n = 0;
        }
        must((got == BATCH_INPUT_TOO_LONG) == (want.n > BATCH_LINE_BYTES));
        must(got == BATCH_INPUT_TOO_LONG || (got == BATCH_INPUT_LINE) == whole);
        if (got != BATCH_INPUT_LINE)
            continue;
        must(span_eq(line, want));
        struct span s = exact(line);
        test_line(s);
        exact_free(s);
    }
    must(in.n == 0);
}

void fuzz_one(struct span in)
{
    struct batch_input *file = malloc(sizeof *file);
    int fd = memfd_create("batch", MFD_CLOEXEC);

    must(file && fd >= 0 && write(fd, in.p, in.n) == (ssize_t)in.n && lseek(fd, 0, SEEK_SET) == 0);
    batch_input_init(file, fd);
    test_lines(file, in);
    batch_input_wipe(file);
    free(file);
    close(fd);
}
