/* SPDX-License-Identifier: ISC */
/*
 * The text files of backups. What a parser takes is safe as the name of a file, and is written
 * again as it was: a list, "pochta-backup", "pochta-export" and the copy of "doors". Those whose
 * last line is right are made from the input here.
 */
#include "base/crc32c.h"
#include "fuzz.h"
#include "store/backup_list.h"
#include "store/door_file.h"

static void check_name(const char *name)
{
    char folded[NAME_BYTES + 1];

    must(name_fold(span_str(name), folded) && strcmp(name, folded) == 0);
}

/* Writes what was read of a list. Returns whether that was the whole list. */
static bool read_list(struct span in, struct buf *again)
{
    struct backup_list l;
    struct backup_entry e;
    char date[BACKUP_DATE_BYTES];
    int64_t seconds;

    if (!backup_list_begin(&l, in))
        return false;
    must(strlen(l.head.store) == BACKUP_STORE_DIGITS && l.head.since >= 0);
    backup_head_add(again, &l.head);
    while (backup_list_next(&l, &e)) {
        check_name(e.name);
        backup_date(e.date, date);
        must(e.date >= 0 && backup_date_parse(span_str(date), &seconds) && seconds == e.date);
        backup_entry_add(again, &e);
    }
    bool complete = backup_list_is_complete(&l);
    if (complete)
        backup_end_add(again, l.accounts, crc32c(0, buf_span(again)));
    return complete;
}

static void check_list(struct span in)
{
    struct buf again;

    buf_init(&again, SIZE_MAX / 4);
    bool complete = read_list(in, &again);
    /* A number may have leading zeros, and nothing else another form. */
    must(again.n <= in.n);
    must(!complete || again.n + span_count(in, '0') >= in.n);
    if (!complete && again.n > 0) { /* the part that was read, ended as it should be */
        struct buf whole, more;
        uint64_t accounts = span_count(buf_span(&again), '\n') - 3;

        buf_init(&whole, SIZE_MAX / 4);
        buf_init(&more, SIZE_MAX / 4);
        buf_add(&whole, buf_span(&again));
        backup_end_add(&whole, accounts, crc32c(0, buf_span(&again)));
        must(read_list(buf_span(&whole), &more) && span_eq(buf_span(&whole), buf_span(&more)));
        buf_free(&whole);
        buf_free(&more);
    }
    buf_free(&again);
}

static void check_marks(struct span in)
{
    char store[BACKUP_STORE_DIGITS + 1];
    struct export_mark mark;
    struct buf again;

    buf_init(&again, 1000);
    if (backup_mark_parse(in, store)) {
        backup_mark_add(&again, store);
        must(span_eq(buf_span(&again), in));
    }
    buf_clear(&again);
    if (export_mark_parse(in, &mark)) {
        check_name(mark.name);
        must(strlen(mark.generation) == STORE_GENERATION_DIGITS);
        export_mark_add(&again, &mark);
        must(buf_ok(&again) && again.n <= in.n);
    }
    buf_free(&again);
}

/* What was read of doors; then what is written of it is read as the same. */
static void check_door_file(struct span in)
{
    struct door_file f, same;
    struct buf again;
    buf_init(&again, DOOR_FILE_BYTES);
    if (door_file_parse(in, &f) == ST_OK) {
        must(f.n > 0 && f.n <= DOOR_DOMAINS && f.domains[0].since >= 0);
        for (size_t i = 1; i < f.n; i++)
            must(f.domains[i].since > f.domains[i - 1].since);
        door_file_add(&again, &f);
        must(buf_ok(&again) && again.n <= in.n);
        must(door_file_parse(buf_span(&again), &same) == ST_OK && same.n == f.n);
        must(memcmp(same.keys, f.keys, sizeof f.keys) == 0);
        for (size_t i = 0; i < f.n; i++)
            must(same.domains[i].since == f.domains[i].since && f.domains[i].name[0] > ' ' &&
                 strcmp(same.domains[i].name, f.domains[i].name) == 0);
        door_file_free(&same);
    }
    door_file_free(&f);
    buf_free(&again);
}

static void check_doors(struct span in)
{
    struct buf whole;
    check_door_file(in);
    if (!span_starts(in, SPAN("pochta-doors 1\n")))
        return;
    buf_init(&whole, SIZE_MAX / 4);
    buf_add(&whole, in);
    buf_printf(&whole, "checksum %08" PRIx32 "\n", crc32c(0, in));
    check_door_file(buf_span(&whole));
    buf_free(&whole);
}

void fuzz_one(struct span in)
{
    check_list(in);
    check_doors(in);
    check_marks(in);
}
