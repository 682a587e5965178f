/* SPDX-License-Identifier: ISC */
/*
 * The text files of backups: what was written can be read, and nothing else is accepted.
 */
#include "store/backup_list.h"

#include "base/crc32c.h"
#include "tap.h"

#define STORE      "0123456789abcdef0123456789abcdef"
#define GENERATION "89abcdef01234567"
#define DATE       "2026-11-30T02:45:24Z"
#define HEAD       "pochta-list 1\nstore " STORE "\nsince 1764470724\n"
#define ANN        "ann " GENERATION " " DATE "\n"

/* --- dates --- */

static void test_dates(void)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {DATE, INT64_C(1796006724)},
        {"2024-02-29T23:59:59Z", INT64_C(1709251199)},
        {"9999-12-30T23:59:59Z", INT64_C(253402214399)},
    };
    static const char *const bad[] = {
        "",
        "2026",
        "2026-11-30T02:45:24",
        "2026-11-30T02:45:24Z ",
        "2026-11-30 02:45:24Z",
        "2026-11-30T02:45:24z",
        "2026-13-30T02:45:24Z",
        "2026-02-29T02:45:24Z",
        "2026-11-30T24:00:00Z",
        "2016-12-31T23:59:60Z", /* this second has another name */
        "9999-12-31T00:00:00Z", /* os_clock_utc does not go further */
        "9999-12-31T23:59:60Z",
        "1969-12-31T23:59:59Z",
        "0000-01-01T00:00:00Z",
        "Mon Nov 30 02:45:24 2026",
    };
    char text[BACKUP_DATE_BYTES];
    int64_t seconds;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ok(backup_date_parse(span_str(good[i].text), &seconds) && seconds == good[i].seconds,
           "a date: %s", good[i].text);
        backup_date(good[i].seconds, text);
        is_str(text, good[i].text, "... is written in the same way");
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        seconds = -7;
        ok(!backup_date_parse(span_str(bad[i]), &seconds) && seconds == -7, "not a date: \"%s\"",
           bad[i]);
    }
}

/* --- lists --- */

static void test_list(void)
{
    const struct backup_entry ann = {
        .name = "ann", .generation = UINT64_C(0x89abcdef01234567), .date = INT64_C(1796006724)};
    const struct backup_head head = {.store = STORE, .since = 1764470724};
    struct backup_list l;
    struct backup_entry e;
    struct buf text;
    char last[40];

    buf_init(&text, 1000);
    backup_head_add(&text, &head);
    backup_entry_add(&text, &ann);
    snprintf(last, sizeof last, "complete 1 %08x\n", (unsigned)crc32c(0, buf_span(&text)));
    backup_end_add(&text, 1, crc32c(0, buf_span(&text)));
    ok(span_starts(buf_span(&text), SPAN(HEAD ANN)) && span_ends(buf_span(&text), span_str(last)),
       "list: it is written as backup_list.h says");
    ok(backup_list_begin(&l, buf_span(&text)), "list: its head is accepted");
    is_str(l.head.store, STORE, "list: the id of its store");
    is_int(l.head.since, 1764470724, "list: its time");
    ok(backup_list_next(&l, &e), "list: it has an account");
    is_str(e.name, "ann", "list: its name");
    ok(e.generation == ann.generation && e.date == ann.date, "list: its generation and date");
    ok(!backup_list_next(&l, &e), "list: it has no other account");
    ok(backup_list_is_complete(&l), "list: it is complete");
    is_int((int)l.accounts, 1, "list: with one account");
    buf_free(&text);
}

static void test_heads(void)
{
    static const char *const bad[] = {
        "",
        "pochta-list 1",
        "pochta-list 2\nstore " STORE "\nsince 0\n",
        "pochta-list 10\nstore " STORE "\nsince 0\n",
        "pochta-list 1\nsince 0\n",
        "pochta-list 1\nstore 0123456789abcdef\nsince 0\n",
        "pochta-list 1\nstore " STORE "0\nsince 0\n",
        "pochta-list 1\nstore 0123456789abcdef0123456789abcdeg\nsince 0\n",
        "pochta-list 1\nstore 0123456789ABCDEF0123456789ABCDEF\nsince 0\n",
        "pochta-list 1\nstore " STORE "\n",
        "pochta-list 1\nstore " STORE "\nsince 0",
        "pochta-list 1\nstore " STORE "\nsince -1\n",
        "pochta-list 1\nstore " STORE "\nsince 9223372036854775808\n",
    };
    struct backup_list l;

    ok(backup_list_begin(&l, SPAN(HEAD)), "a list without accounts");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(!backup_list_begin(&l, span_str(bad[i])), "not a list: text %zu", i);
}

/* After a line that is not an account's, no further line is read. */
static void test_lines(void)
{
    static const char *const bad[] = {
        "\n",
        "bob\n",
        "bob " GENERATION "\n",
        "bob " GENERATION " " DATE,
        "bob " GENERATION "0 " DATE "\n",
        "bob 89abcdef0123456 " DATE "\n",
        "bob 89abcdef0123456g " DATE "\n",
        "bob " GENERATION " 2026-11-30T02:45:24\n",
        "bob " GENERATION " " DATE " \n",
        "Bob " GENERATION " " DATE "\n",
        "../bob " GENERATION " " DATE "\n",
        ".. " GENERATION " " DATE "\n",
        " " GENERATION " " DATE "\n",
        "complete 1 00000000\n",
    };
    char text[300];
    struct backup_list l;
    struct backup_entry e;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(text, sizeof text, HEAD ANN "%s" ANN, bad[i]);
        ok(backup_list_begin(&l, span_str(text)) && backup_list_next(&l, &e), "line %zu: after ann",
           i);
        ok(!backup_list_next(&l, &e) && l.accounts == 1, "line %zu: is not an account", i);
        ok(!backup_list_is_complete(&l), "line %zu: nor the end of a list", i);
    }
}

/* The last line: before, then the right checksum if sum is true, then after. */
static void test_ends(void)
{
    static const struct {
        const char *accounts, *before;
        bool sum;
        const char *after;
        bool complete;
    } ends[] = {
        {"", "complete 0 ", true, "\n", true},
        {ANN, "complete 1 ", true, "\n", true},
        {ANN ANN, "complete 2 ", true, "\n", true},
        {ANN, "", false, "", false},
        {ANN, "complete 1 ", true, "", false},
        {ANN, "complete 1 ", true, "\n\n", false},
        {ANN, "complete 1 ", true, "\n" ANN, false},
        {ANN, "complete ", true, "\n", false},
        {ANN, "complete 0 ", true, "\n", false},
        {ANN, "complete 2 ", true, "\n", false},
        {ANN, "complete one ", true, "\n", false},
        {ANN, "complete 1 ", false, "00000000\n", false},
        {ANN, "complete 1 ", false, "0000000g\n", false},
        {ANN, "complete 1 0", true, "\n", false},
        {ANN, "complete 1 ", true, " \n", false},
    };
    char text[300];
    struct backup_list l;
    struct backup_entry e;

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        int n = snprintf(text, sizeof text, HEAD "%s", ends[i].accounts);
        unsigned sum = crc32c(0, span_of(text, (size_t)n));
        n += snprintf(text + n, sizeof text - (size_t)n, "%s", ends[i].before);
        if (ends[i].sum)
            n += snprintf(text + n, sizeof text - (size_t)n, "%08x", sum);
        snprintf(text + n, sizeof text - (size_t)n, "%s", ends[i].after);
        ok(backup_list_begin(&l, span_str(text)), "end %zu: a list", i);
        while (backup_list_next(&l, &e))
            ;
        is_int(backup_list_is_complete(&l), ends[i].complete, "end %zu: it is complete: %d", i,
               ends[i].complete);
    }
}

/* --- marks --- */

static void test_backup_marks(void)
{
    static const char *const bad[] = {
        "",
        "pochta-backup 2\nstore " STORE "\n",
        "pochta-backup 12\nstore " STORE "\n",
        "pochta-backup 1\n",
        "pochta-backup 1\nstore " STORE,
        "pochta-backup 1\nstore 0123\n",
        "pochta-backup 1\nstore 0123456789abcdef0123456789abcde/\n",
        "pochta-backup 1\nstore " STORE "\nmore\n",
    };
    char store[BACKUP_STORE_DIGITS + 1];
    struct buf text;

    buf_init(&text, 100);
    backup_mark_add(&text, STORE);
    ok(backup_mark_parse(buf_span(&text), store), "the mark of a directory of backups");
    is_str(store, STORE, "... of this store");
    buf_free(&text);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(!backup_mark_parse(span_str(bad[i]), store), "not such a mark: text %zu", i);
}

static void test_export_marks(void)
{
    static const char *const bad[] = {
        "",
        "pochta-export 2\nname ann\ngeneration " GENERATION "\nletters 7\n",
        "pochta-export 1\ngeneration " GENERATION "\nletters 7\n",
        "pochta-export 1\nname \ngeneration " GENERATION "\nletters 7\n",
        "pochta-export 1\nname ../ann\ngeneration " GENERATION "\nletters 7\n",
        "pochta-export 1\nname Ann\ngeneration " GENERATION "\nletters 7\n",
        "pochta-export 1\nname ann\nletters 7\n",
        "pochta-export 1\nname ann\ngeneration 89abcdef\nletters 7\n",
        "pochta-export 1\nname ann\ngeneration 89abcdef0123456g\nletters 7\n",
        "pochta-export 1\nname ann\ngeneration " GENERATION "\n",
        "pochta-export 1\nname ann\ngeneration " GENERATION "\nletters -7\n",
        "pochta-export 1\nname ann\ngeneration " GENERATION "\nletters 18446744073709551616\n",
        "pochta-export 1\nname ann\ngeneration " GENERATION "\nletters 7",
        "pochta-export 1\nname ann\ngeneration " GENERATION "\nletters 7\n\n",
    };
    const struct export_mark ann = {.name = "ann", .generation = GENERATION, .letters = UINT64_MAX};
    struct export_mark mark;
    struct buf text;

    buf_init(&text, 200);
    export_mark_add(&text, &ann);
    ok(export_mark_parse(buf_span(&text), &mark), "the mark of an exported account");
    is_str(mark.name, "ann", "... its name");
    is_str(mark.generation, GENERATION, "... its generation");
    ok(mark.letters == UINT64_MAX, "... its number of letters");
    buf_free(&text);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(!export_mark_parse(span_str(bad[i]), &mark), "not such a mark: text %zu", i);
}

int main(void)
{
    test_dates();
    test_list();
    test_heads();
    test_lines();
    test_ends();
    test_backup_marks();
    test_export_marks();
    return done_testing();
}
