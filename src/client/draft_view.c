/* SPDX-License-Identifier: ISC */
#include "client/draft_view.h"

#include <errno.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "client/language.h"
#include "client/letter.h"
#include "client/rows.h"
#include "client/view.h"
#include "os/clock.h"
#include "os/error.h"

#define SHORT_LINES 6
#define SHORT_BYTES 500

static const char *state_of(const struct draft *d, enum draft_opened opened)
{
    if (opened == DRAFT_BUSY)
        return N_("writing");
    if (draft_has(d, DRAFT_TRIED))
        return N_("unsure");
    if (!draft_has(d, DRAFT_NEW))
        return N_("sent");
    return d->ready ? N_("ready") : N_("unfinished");
}

static void add_date(struct buf *out, int64_t seconds)
{
    char text[MESSAGE_DATE_BYTES];
    struct tm local, utc;
    os_clock_local(seconds, &local);
    os_clock_utc(seconds, &utc);
    message_date_format(1, &local, text);
    buf_add_str(out, text);
}

/* Those who have it already are left out, unless all have. */
static void add_recipients(struct buf *out, const struct draft *d, const char *separator)
{
    bool all = !draft_has(d, DRAFT_NEW) && !draft_has(d, DRAFT_TRIED);
    const char *before = "";
    for (size_t i = 0; i < d->nto; i++) {
        if (d->to[i].mark == DRAFT_SENT && !all)
            continue;
        buf_printf(out, "%s%s", before, d->to[i].name);
        before = separator;
    }
}

static void add_columns(struct rows *r, struct buf *out, const struct draft *d, const char *state)
{
    struct buf to, text;
    buf_init(&to, SIZE_MAX / 2);
    buf_init(&text, SIZE_MAX / 2);
    add_recipients(&to, d, ",");
    rows_add_draft(r, out,
                   &(struct rows_draft){d->number, state, true, d->changed, buf_span(&to),
                                        d->text.n, letter_text(&text, buf_span(&d->text))});
    if (!buf_ok(&to) || !buf_ok(&text))
        buf_fail(out);
    buf_free(&to);
    buf_free(&text);
}

/* The row is for a program, unless r says how wide the screen is. */
static void add_row(struct rows *r, struct buf *out, const struct state_dir *dir, unsigned number)
{
    struct draft d;
    enum draft_opened opened = draft_peek(&d, dir, number);
    const char *bad = errno == 0 ? N_("damaged") : N_("unreadable");
    if (opened == DRAFT_DAMAGED && r->columns > 0)
        rows_add_draft(r, out, &(struct rows_draft){.number = number, .state = bad});
    else if (opened == DRAFT_DAMAGED)
        buf_printf(out, "%u\t%s\t\t\t\t\n", number, bad);
    if (opened != DRAFT_OPENED && opened != DRAFT_BUSY)
        return;
    if (r->columns > 0) {
        add_columns(r, out, &d, state_of(&d, opened));
        draft_close(&d);
        return;
    }
    buf_printf(out, "%u\t%s\t%zu\t", number, state_of(&d, opened), d.text.n);
    add_date(out, d.changed);
    buf_add_char(out, '\t');
    add_recipients(out, &d, ",");
    buf_add_char(out, '\t');
    view_safe(out, utf8_first_line(buf_span(&d.text), MESSAGE_LINE_BYTES), VIEW_ROW);
    buf_add_char(out, '\n');
    draft_close(&d);
}

bool draft_view_list(struct buf *out, const struct state_dir *dir, unsigned columns)
{
    struct rows rows = {ROWS_COLUMNS, columns, false, false};
    size_t n = draft_numbers(dir, NULL, 0);
    if (n == 0)
        return errno == 0;
    unsigned *numbers = calloc(n, sizeof *numbers);
    if (!numbers) {
        buf_fail(out);
        return false;
    }
    size_t found = draft_numbers(dir, numbers, n);
    int error = errno;
    n = found < n ? found : n;
    for (size_t i = 0; i < n; i++)
        add_row(&rows, out, dir, numbers[i]);
    free(numbers);
    errno = buf_ok(out) ? error : ENOMEM;
    return errno == 0;
}

static void add_files(struct buf *out, const struct draft *d)
{
    struct span rest = buf_span(&d->files), path;
    while (span_cut(&rest, '\0', &path)) {
        buf_add_str(out, "FILE: ");
        view_safe(out, path, VIEW_ROW);
        buf_add_char(out, '\n');
    }
}

void draft_view(struct buf *out, const struct draft *d, unsigned columns)
{
    buf_printf(out, "DRAFT: %u\nSTATE: %s\nTIME: ", d->number, state_of(d, DRAFT_OPENED));
    add_date(out, d->changed);
    buf_add_str(out, "\nSERVER: ");
    view_safe(out, buf_span(&d->server), VIEW_ROW);
    buf_printf(out, "\nFROM: %s\nTO: ", d->user);
    add_recipients(out, d, ", ");
    buf_printf(out, "\nLEN: %zu\nBODY: ", d->text.n);
    letter_show_body(out, buf_span(&d->text), columns);
    add_files(out, d);
}

/* The first SHORT_LINES lines of a text, at most SHORT_BYTES of them, without the LF of the last.
 */
static struct span beginning(struct span text)
{
    size_t n = 0;
    for (unsigned lines = 0; n < text.n && n < SHORT_BYTES; n++)
        if (text.p[n] == '\n' && ++lines == SHORT_LINES)
            break;
    while (n > 0 && n < text.n && ((unsigned char)text.p[n] & 0xc0) == 0x80)
        n--; /* a character is not cut */
    return span_first(text, n);
}

void draft_view_short(struct buf *out, const struct draft *d, unsigned columns)
{
    struct span text = buf_span(&d->text), shown = beginning(text);
    buf_add_str(out, "TO: ");
    add_recipients(out, d, ", ");
    buf_printf(out, "\nLEN: %zu\nBODY: ", text.n);
    if (parts_is_mime(text)) {
        letter_show_body(out, text, columns);
        return;
    }
    letter_show_body(out, shown, columns);
    if (shown.n + 1 < text.n)
        buf_printf(out, _("(%zu more bytes)\n"), text.n - shown.n);
    add_files(out, d);
}

const char *draft_view_why(enum draft_opened opened)
{
    switch (opened) {
    case DRAFT_NONE:
        return _("there is no such draft");
    case DRAFT_BUSY:
        return _("another process is working on it");
    case DRAFT_DAMAGED:
        return errno ? _(os_error_text(errno)) : _("this file is not a draft, or it is damaged");
    case DRAFT_OPENED:
        break;
    }
    return "";
}
