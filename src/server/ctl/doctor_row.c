/* SPDX-License-Identifier: ISC */
#include <inttypes.h>

#include "base/shell_word.h"
#include "ctl/doctor_private.h"
#include "ctl/format.h"

static void add_pattern(struct buf *rows, const char *pattern, const char *subject,
                        const struct doctor_row *row)
{
    for (; *pattern; pattern++) {
        switch (*pattern == '%' ? *++pattern : '\0') {
        case 't':
            format_text(rows, span_str(row->text));
            break;
        case 'u':
            format_text(rows, span_str(row->more));
            break;
        case 'q':
            shell_word_add(rows, subject);
            break;
        case '1':
        case '2':
            buf_printf(rows, "%" PRIu64, row->n[*pattern - '1']);
            break;
        default:
            buf_add_char(rows, *pattern);
        }
    }
}

void doctor_add_rows(struct buf *rows, const char *subject, const struct doctor_row *table,
                     size_t n)
{
    for (; n > 0; n--, table++) {
        if (!table->is_so)
            continue;
        buf_printf(rows, "%s\t", table->level);
        format_text(rows, span_str(subject));
        buf_add_char(rows, '\t');
        add_pattern(rows, table->finding, subject, table);
        buf_add_char(rows, '\t');
        add_pattern(rows, table->advice, subject, table);
        buf_add_char(rows, '\n');
    }
}
