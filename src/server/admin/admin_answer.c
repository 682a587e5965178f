/* SPDX-License-Identifier: ISC */
#include "admin/admin_answer.h"

#include <stdarg.h>
#include <stdio.h>

#include "os/clock.h"

#define PART_BYTES 16384 /* rows are handed on once they have this size */
#define PART_MS    100   /* ... or this long after the last ones */

void admin_answer_fail(struct admin_answer *a, int code, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    a->code = code;
    buf_clear(&a->text);
    buf_add_str(&a->text, text);
}

bool admin_answer_pass_on(struct admin_answer *a)
{
    if (!buf_ok(&a->text) || a->cut || !a->take)
        return false;
    a->cut = !a->take(a->ctx, &a->text);
    a->taken_ms = os_clock_ms();
    buf_clear(&a->text);
    return !a->cut;
}

bool admin_answer_row_done(struct admin_answer *a)
{
    if (a->text.n < PART_BYTES && os_clock_ms() - a->taken_ms < PART_MS)
        return buf_ok(&a->text);
    return admin_answer_pass_on(a);
}

const char *admin_answer_state(enum status st)
{
    return st == ST_BUSY || status_is_shortage(st) ? "busy" : "broken";
}
