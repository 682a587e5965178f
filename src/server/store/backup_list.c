/* SPDX-License-Identifier: ISC */
#include "store/backup_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/digits.h"
#include "os/clock.h"
#include "proto/message.h"
#include "store/key_line.h"

#define CHECKSUM_DIGITS 8

void backup_date(int64_t seconds, char out[BACKUP_DATE_BYTES])
{
    char date[MESSAGE_DATE_BYTES];
    struct tm utc;
    os_clock_utc(seconds, &utc);
    message_date_format(2, &utc, date);
    snprintf(out, BACKUP_DATE_BYTES, "%.*s", BACKUP_DATE_BYTES - 1, date);
}

/* Accepts only what backup_date writes, in UTC, so that a date has only one name. */
bool backup_date_parse(struct span text, int64_t *seconds)
{
    char again[BACKUP_DATE_BYTES];
    struct tm tm = {.tm_mday = 1};
    bool utc;
    if (text.n != BACKUP_DATE_BYTES - 1 || !message_date_parse(text, &tm, &utc))
        return false;
    int64_t found = os_clock_from_utc(&tm);
    backup_date(found, again);
    if (found < 0 || !span_eq(text, span_str(again)))
        return false;
    *seconds = found;
    return true;
}

void backup_head_add(struct buf *out, const struct backup_head *h)
{
    buf_printf(out, "pochta-list 1\nstore %s\nsince %" PRId64 "\n", h->store, h->since);
}

void backup_entry_add(struct buf *out, const struct backup_entry *e)
{
    char date[BACKUP_DATE_BYTES];
    backup_date(e->date, date);
    buf_printf(out, "%s %016" PRIx64 " %s\n", e->name, e->generation, date);
}

void backup_end_add(struct buf *out, uint64_t accounts, uint32_t checksum)
{
    buf_printf(out, "complete %" PRIu64 " %08" PRIx32 "\n", accounts, checksum);
}

static bool take_hex(struct span *s, struct span key, char *out, size_t digits)
{
    struct span rest = *s;
    if (!key_line_take_text(&rest, key, out, digits + 1) || strlen(out) != digits ||
        !digits_is_hex(span_str(out)))
        return false;
    *s = rest;
    return true;
}

/* Takes the line "WORD 1". */
static bool take_version(struct span *s, struct span line)
{
    struct span rest;
    return key_line_take(s, line, &rest) && rest.n == 0;
}

bool backup_list_begin(struct backup_list *l, struct span text)
{
    uint64_t since;
    *l = (struct backup_list){.rest = text, .whole = text};
    if (!take_version(&l->rest, SPAN("pochta-list 1")) ||
        !take_hex(&l->rest, SPAN("store "), l->head.store, BACKUP_STORE_DIGITS) ||
        !key_line_take_number(&l->rest, SPAN("since "), INT64_MAX, &since))
        return false;
    l->head.since = (int64_t)since;
    return true;
}

/* A name with the length of a generation or a date behind it: no other line looks like that. */
bool backup_list_next(struct backup_list *l, struct backup_entry *e)
{
    struct span rest = l->rest, line, name, generation;
    *e = (struct backup_entry){.changed = false};
    if (!span_cut(&rest, '\n', &line) || !span_cut(&line, ' ', &name) ||
        !span_cut(&line, ' ', &generation) || generation.n != STORE_GENERATION_DIGITS ||
        !digits_get_hex(generation, &e->generation) || !backup_date_parse(line, &e->date) ||
        !name_fold(name, e->name) || !span_eq(name, span_str(e->name)))
        return false;
    l->rest = rest;
    l->accounts++;
    return true;
}

bool backup_list_is_complete(const struct backup_list *l)
{
    struct span rest = l->rest, checksum, accounts;
    uint64_t n, sum;
    if (!key_line_take(&rest, SPAN("complete "), &checksum) || rest.n > 0 ||
        !span_cut(&checksum, ' ', &accounts))
        return false;
    uint32_t right = crc32c(0, span_first(l->whole, l->whole.n - l->rest.n));
    return span_u64(accounts, UINT64_MAX, &n) && n == l->accounts &&
           checksum.n == CHECKSUM_DIGITS && digits_get_hex(checksum, &sum) && sum == right;
}

void backup_mark_add(struct buf *out, const char *store)
{
    buf_printf(out, "pochta-backup 1\nstore %s\n", store);
}

bool backup_mark_parse(struct span text, char store[BACKUP_STORE_DIGITS + 1])
{
    return take_version(&text, SPAN("pochta-backup 1")) &&
           take_hex(&text, SPAN("store "), store, BACKUP_STORE_DIGITS) && text.n == 0;
}

void export_mark_add(struct buf *out, const struct export_mark *m)
{
    buf_printf(out, "pochta-export 1\nname %s\ngeneration %s\nletters %" PRIu64 "\n", m->name,
               m->generation, m->letters);
}

bool export_mark_parse(struct span text, struct export_mark *m)
{
    struct span name;
    return take_version(&text, SPAN("pochta-export 1")) &&
           key_line_take(&text, SPAN("name "), &name) && name_fold(name, m->name) &&
           span_eq(name, span_str(m->name)) &&
           take_hex(&text, SPAN("generation "), m->generation, STORE_GENERATION_DIGITS) &&
           key_line_take_number(&text, SPAN("letters "), UINT64_MAX, &m->letters) && text.n == 0;
}
