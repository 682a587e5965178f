/* SPDX-License-Identifier: ISC */
#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"

#define FIRST_CAP 64

void buf_init(struct buf *b, size_t limit)
{
    *b = (struct buf){.limit = limit};
}

void buf_init_room(struct buf *b, void *room, size_t size)
{
    *b = (struct buf){.p = room, .cap = size, .limit = size};
}

void buf_free(struct buf *b)
{
    if (!b)
        return;
    free(b->p);
    buf_init(b, b->limit);
}

void buf_fail(struct buf *b)
{
    b->failed = true;
}

bool buf_ok(const struct buf *b)
{
    return !b->failed;
}

/* The capacity for need bytes: doubling keeps many small additions cheap. */
static size_t grown_cap(const struct buf *b, size_t need)
{
    size_t cap = b->cap > b->limit / 2 ? b->limit : b->cap * 2;
    if (cap < FIRST_CAP)
        cap = FIRST_CAP;
    if (cap > b->limit)
        cap = b->limit;
    return cap < need ? need : cap;
}

bool buf_reserve(struct buf *b, size_t extra)
{
    if (b->failed)
        return false;
    if (extra <= b->cap - b->n)
        return true;

    char *p = NULL;
    size_t cap = 0;
    if (extra <= b->limit - b->n) {
        cap = grown_cap(b, b->n + extra);
        p = realloc(b->p, cap);
    }
    if (!p) {
        b->failed = true;
        return false;
    }
    b->p = p;
    b->cap = cap;
    return true;
}

char *buf_space(struct buf *b, size_t extra)
{
    if (!buf_reserve(b, extra > 0 ? extra : 1))
        return NULL;
    return b->p + b->n;
}

void buf_added(struct buf *b, size_t n)
{
    assert(n <= b->cap - b->n);
    b->n += n;
}

bool buf_add(struct buf *b, struct span s)
{
    if (!buf_reserve(b, s.n))
        return false;
    if (s.n > 0)
        memcpy(b->p + b->n, s.p, s.n);
    b->n += s.n;
    return true;
}

bool buf_add_char(struct buf *b, char c)
{
    return buf_add(b, span_of(&c, 1));
}

bool buf_add_str(struct buf *b, const char *z)
{
    return buf_add(b, span_str(z));
}

bool buf_add_u64(struct buf *b, uint64_t v, unsigned width)
{
    size_t digits = buf_u64_bytes(v);
    size_t n = digits < width ? width : digits;
    char *p = buf_space(b, n);
    if (!p)
        return false;
    digits_put(p, v, n);
    buf_added(b, n);
    return true;
}

size_t buf_u64_bytes(uint64_t v)
{
    size_t digits = 1;
    while (v >= 10) {
        v /= 10;
        digits++;
    }
    return digits;
}

bool buf_vprintf(struct buf *b, const char *format, va_list args)
{
    va_list again;
    char *text = NULL;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);

    if (n >= 0)
        text = malloc((size_t)n + 1);
    if (!text) {
        b->failed = true;
        return false;
    }
    vsnprintf(text, (size_t)n + 1, format, args);

    bool ok = buf_add(b, span_of(text, (size_t)n));
    free(text);
    return ok;
}

bool buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool ok = buf_vprintf(b, format, args);
    va_end(args);
    return ok;
}

bool buf_insert(struct buf *b, size_t at, struct span s)
{
    assert(at <= b->n);
    if (!buf_reserve(b, s.n))
        return false;
    if (s.n == 0)
        return true;
    memmove(b->p + at + s.n, b->p + at, b->n - at);
    memcpy(b->p + at, s.p, s.n);
    b->n += s.n;
    return true;
}

void buf_erase(struct buf *b, size_t at, size_t n)
{
    assert(at <= b->n && n <= b->n - at);
    if (n > 0)
        memmove(b->p + at, b->p + at + n, b->n - at - n);
    b->n -= n;
}

void buf_consume(struct buf *b, size_t n)
{
    assert(n <= b->n);
    b->n -= n;
    if (n > 0 && b->n > 0)
        memmove(b->p, b->p + n, b->n);
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    b->failed = false;
}

void buf_trim(struct buf *b, size_t keep)
{
    size_t cap = b->n > keep ? b->n : keep;
    if (cap >= b->cap)
        return;
    if (cap == 0) {
        free(b->p);
        b->p = NULL;
        b->cap = 0;
        return;
    }
    char *p = realloc(b->p, cap);
    if (!p)
        return;
    b->p = p;
    b->cap = cap;
}

struct span buf_span(const struct buf *b)
{
    return span_of(b->p, b->n);
}
