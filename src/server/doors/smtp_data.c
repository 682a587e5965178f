/* SPDX-License-Identifier: ISC */
#include "doors/smtp_data.h"

/* Takes a byte that is not held back. */
static void take(struct smtp_data *d, char c)
{
    bool after_cr = d->at == SMTP_DATA_CR || d->at == SMTP_DATA_DOT_CR;
    if (after_cr != (c == '\n'))
        d->alone = true;
    if (c == '\r')
        d->at = SMTP_DATA_CR;
    else
        d->at = after_cr && c == '\n' ? SMTP_DATA_BEGIN : SMTP_DATA_LINE;
}

/* Takes a byte if it can belong to the end of the message, and so may not belong to the text. */
static bool hold_back(struct smtp_data *d, char c)
{
    if (d->at == SMTP_DATA_BEGIN && c == '.')
        d->at = SMTP_DATA_DOT;
    else if (d->at == SMTP_DATA_DOT && c == '\r')
        d->at = SMTP_DATA_DOT_CR;
    else if (d->at == SMTP_DATA_DOT_CR && c == '\n')
        d->ended = true;
    else
        return false;
    return true;
}

bool smtp_data_next(struct smtp_data *d, struct span *in, struct span *piece)
{
    size_t begin = 0, i = 0;
    if (d->ended || in->n == 0)
        return false;
    while (i < in->n && !d->ended && hold_back(d, in->p[i]))
        begin = ++i;
    while (i < in->n && !d->ended && !(d->at == SMTP_DATA_BEGIN && in->p[i] == '.'))
        take(d, in->p[i++]);
    *piece = span_of(in->p + begin, i - begin);
    *in = span_skip(*in, i);
    return true;
}
