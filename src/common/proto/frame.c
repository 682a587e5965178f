/* SPDX-License-Identifier: ISC */
#include "proto/frame.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/digits.h"
#include "proto/escape.h"

enum form frame_form(struct span first_bytes)
{
    for (size_t i = 0; i < first_bytes.n; i++) {
        char c = first_bytes.p[i];
        if (c != '\r' && c != '\n')
            return c >= '0' && c <= '9' ? FORM_LENGTH : FORM_LINE;
    }
    return FORM_UNKNOWN;
}

static enum frame_result scan_length(struct span in, size_t limit, struct frame_scan *scan)
{
    struct span digits = span_first(in, FRAME_LENGTH_DIGITS);
    uint64_t length = 0;
    if (digits.n > 0 && !span_u64(digits, FRAME_LENGTH_MAX, &length))
        return FRAME_NO_LENGTH;
    if (digits.n < FRAME_LENGTH_DIGITS)
        return FRAME_MORE;
    scan->length = length;
    if (length > limit)
        return FRAME_TOO_LONG;
    in = span_skip(in, FRAME_LENGTH_DIGITS);
    if (in.n < length)
        return FRAME_MORE;
    scan->payload = span_first(in, (size_t)length);
    scan->total = scan->skipped + FRAME_LENGTH_DIGITS + (size_t)length;
    return FRAME_DONE;
}

static enum frame_result scan_line(struct span in, size_t limit, struct frame_scan *scan)
{
    size_t at = scan->searched + span_find(span_skip(in, scan->searched), '\n');
    struct span line = span_first(in, at);
    if (span_ends(line, SPAN("\r")))
        line.n--;
    if (line.n > limit)
        return FRAME_TOO_LONG;
    scan->searched = at;
    if (at == in.n)
        return FRAME_MORE;
    scan->payload = line;
    scan->total = scan->skipped + at + 1;
    return FRAME_DONE;
}

enum frame_result frame_scan(struct span in, enum form form, size_t limit, struct frame_scan *scan)
{
    *scan = (struct frame_scan){.searched = scan->searched};
    while (scan->skipped < in.n && strchr("\r\n", in.p[scan->skipped]) && in.p[scan->skipped])
        scan->skipped++;
    in = span_skip(in, scan->skipped);
    switch (form) {
    case FORM_LENGTH:
        return scan_length(in, limit, scan);
    case FORM_LINE:
        return scan_line(in, limit, scan);
    case FORM_UNKNOWN:
        break;
    }
    return FRAME_MORE;
}

/* Removes "<" and ">". Returns false if ">" is missing. */
static bool unwrap(struct span *payload, bool *brackets)
{
    *brackets = span_starts(*payload, SPAN("<"));
    if (!*brackets)
        return true;
    *payload = span_skip(*payload, 1);
    if (!span_ends(*payload, SPAN(">")))
        return false;
    payload->n--;
    return true;
}

/* Like span_take at |. Returns whether there was one. */
static bool take_part(struct span *s, struct span *part)
{
    size_t before = s->n;
    *part = span_take(s, '|');
    return part->n < before;
}

/*
 * Splits rest, everything after numArg and its |, into the n arguments that numArg announces. There
 * are n bars if the last argument is closed, and n - 1 if it is not, which only line form allows.
 */
static enum frame_error take_args(struct span rest, enum form form, uint64_t n, struct frame *f)
{
    size_t bars = span_count(rest, '|');
    bool closed = rest.n == 0 || span_ends(rest, SPAN("|"));
    if (form != FORM_LINE && !closed)
        return FRAME_NOT_CLOSED;
    if (!(closed && bars == n) && !(form == FORM_LINE && n > 0 && bars == n - 1))
        return FRAME_WRONG_NUMARG;
    f->nargs = (size_t)n;
    for (size_t i = 0; i < n && i < FRAME_ARGS_MAX; i++)
        f->arg[i] = span_take(&rest, '|');
    return FRAME_OK;
}

enum frame_error frame_parse(struct span payload, enum form form, struct frame *f)
{
    struct span rest = payload;
    struct span numarg;
    uint64_t n;
    *f = (struct frame){0};
    bool wrapped = unwrap(&rest, &f->brackets);
    bool more = take_part(&rest, &f->op);
    if (!wrapped)
        return FRAME_NOT_CLOSED;
    if (form == FORM_LINE && rest.n == 0)
        return FRAME_OK;
    if (!more)
        return FRAME_NO_BAR;

    more = take_part(&rest, &numarg);
    if (!span_u64(numarg, UINT64_MAX, &n))
        return FRAME_BAD_NUMARG;
    if (!more && form != FORM_LINE)
        return FRAME_NOT_CLOSED;
    if (!more)
        return n == 0 ? FRAME_OK : FRAME_WRONG_NUMARG;
    return take_args(rest, form, n, f);
}

const char *frame_error_text(enum frame_error e)
{
    switch (e) {
    case FRAME_OK:
        break;
    case FRAME_NO_BAR:
        return "expected opcode, numArg and the arguments, each followed by a vertical bar";
    case FRAME_BAD_NUMARG:
        return "numArg, after the opcode, must be the number of arguments in decimal digits";
    case FRAME_WRONG_NUMARG:
        return "numArg must be the number of arguments that follow, each ended by a vertical bar";
    case FRAME_NOT_CLOSED:
        return "each part must end with a vertical bar, and what begins with < must end with >";
    }
    return "no error";
}

bool frame_head(struct span *payload, struct span *op, uint64_t *nargs)
{
    struct span rest = *payload;
    struct span word;
    struct span numarg;
    if (!span_cut(&rest, '|', &word) || !span_cut(&rest, '|', &numarg) ||
        !span_u64(numarg, UINT64_MAX, nargs))
        return false;
    *op = word;
    *payload = rest;
    return true;
}

static void add_head(struct buf *out, struct dialect d, const char *op, uint64_t nargs)
{
    if (d.brackets)
        buf_add_char(out, '<');
    buf_add_str(out, op);
    buf_add_char(out, '|');
    buf_add_u64(out, nargs, 0);
    buf_add_char(out, '|');
}

size_t frame_open(struct buf *out, struct dialect d, const char *op, uint64_t nargs)
{
    size_t mark = out->n;
    if (d.form != FORM_LINE)
        buf_add_u64(out, 0, FRAME_LENGTH_DIGITS);
    add_head(out, d, op, nargs);
    return mark;
}

bool frame_arg(struct buf *out, struct dialect d, struct span arg)
{
    return escape_add(out, arg, d, ESCAPE_ARGUMENT) && buf_add_char(out, '|');
}

bool frame_close(struct buf *out, struct dialect d, size_t mark)
{
    if (frame_end(out, d) && d.form != FORM_LINE) {
        /* Overwrites the digits that frame_open reserved with the length. */
        uint64_t length = out->n - mark - FRAME_LENGTH_DIGITS;
        if (length > FRAME_LENGTH_MAX)
            out->failed = true;
        digits_put(out->p + mark, length, FRAME_LENGTH_DIGITS);
    }
    return buf_ok(out);
}

uint64_t frame_payload_bytes(struct dialect d, const char *op, uint64_t nargs, uint64_t args_bytes)
{
    return (d.brackets ? 2 : 0) + strlen(op) + 1 + buf_u64_bytes(nargs) + 1 + args_bytes;
}

bool frame_open_sized(struct buf *out, struct dialect d, const char *op, uint64_t nargs,
                      uint64_t args_bytes)
{
    uint64_t length = frame_payload_bytes(d, op, nargs, args_bytes);
    if (d.form != FORM_LINE) {
        if (length > FRAME_LENGTH_MAX)
            out->failed = true;
        buf_add_u64(out, length, FRAME_LENGTH_DIGITS);
    }
    add_head(out, d, op, nargs);
    return buf_ok(out);
}

bool frame_end(struct buf *out, struct dialect d)
{
    if (d.brackets)
        buf_add_char(out, '>');
    if (d.form == FORM_LINE)
        buf_add_char(out, '\n');
    return buf_ok(out);
}

size_t frame_exit(char out[FRAME_EXIT_BYTES], struct dialect d, const char *reason)
{
    size_t payload = strlen("Exit|1||") + strlen(reason);
    int n = d.form == FORM_LINE
                ? snprintf(out, FRAME_EXIT_BYTES, "Exit|1|%s|\n", reason)
                : snprintf(out, FRAME_EXIT_BYTES, "%010zuExit|1|%s|", payload, reason);
    assert(n > 0 && n < FRAME_EXIT_BYTES);
    return (size_t)n;
}
