/* SPDX-License-Identifier: ISC */
#include "doors/smtp_command.h"

#define SIZE_DIGITS 20 /* RFC 1870, section 3 */

static bool is_control(char c)
{
    return ((unsigned char)c < ' ' && c != '\t') || c == 0x7f;
}

static size_t word_bytes(struct span s)
{
    size_t n = 0;
    while (n < s.n && !span_is_space(s.p[n]))
        n++;
    return n;
}

bool smtp_command_split(struct span line, struct span *word, struct span *rest)
{
    for (size_t i = 0; i < line.n; i++)
        if (is_control(line.p[i]))
            return false;
    line = span_trim(line);
    *word = span_first(line, word_bytes(line));
    *rest = span_trim(span_skip(line, word->n));
    return true;
}

static enum smtp_syntax take_path(struct span *rest, struct span before, struct mail_address *path)
{
    if (!span_eq_folded(span_first(*rest, before.n), before))
        return SMTP_SYNTAX_PATH;
    *rest = span_skip(*rest, before.n);
    if (mail_address_path(rest, path))
        return SMTP_SYNTAX_OK;
    return path->too_long ? SMTP_SYNTAX_TOO_LONG : SMTP_SYNTAX_PATH;
}

/* Takes the next parameter, NAME or NAME=VALUE. False: there are no more. */
static bool take_parameter(struct span *rest, struct span *name, struct span *value)
{
    *rest = span_trim(*rest);
    *value = span_first(*rest, word_bytes(*rest));
    *rest = span_skip(*rest, value->n);
    bool any = value->n > 0;
    *name = span_take(value, '=');
    return any;
}

enum smtp_syntax smtp_command_mail(struct span rest, struct mail_address *from, uint64_t *size)
{
    struct span name, value;
    *size = 0;
    enum smtp_syntax syntax = take_path(&rest, SPAN("FROM:"), from);
    if (syntax != SMTP_SYNTAX_OK)
        return syntax;
    while (take_parameter(&rest, &name, &value)) {
        bool good = value.n > 0;
        if (span_eq_folded(name, SPAN("SIZE")))
            good = value.n <= SIZE_DIGITS && span_number(value, size);
        else if (span_eq_folded(name, SPAN("BODY")))
            good = span_eq_folded(value, SPAN("7BIT")) || span_eq_folded(value, SPAN("8BITMIME"));
        else if (span_eq_folded(name, SPAN("SMTPUTF8")))
            good = value.n == 0;
        else if (!span_eq_folded(name, SPAN("AUTH")))
            return SMTP_SYNTAX_PARAMETER;
        if (!good)
            return SMTP_SYNTAX_VALUE;
    }
    return SMTP_SYNTAX_OK;
}

enum smtp_syntax smtp_command_rcpt(struct span rest, struct mail_address *to)
{
    enum smtp_syntax syntax = take_path(&rest, SPAN("TO:"), to);
    if (syntax != SMTP_SYNTAX_OK)
        return syntax;
    if (to->local_bytes == 0)
        return SMTP_SYNTAX_PATH;
    return span_trim(rest).n == 0 ? SMTP_SYNTAX_OK : SMTP_SYNTAX_PARAMETER;
}
