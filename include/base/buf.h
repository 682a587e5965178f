/* SPDX-License-Identifier: ISC */
/*
 * buf: a growing byte buffer with a limit.
 *
 * p and n may be read at any time; only these functions write them. A pointer into the buffer is
 * valid until the next call that adds to, consumes from or frees the buffer.
 *
 * A buffer remembers its first failure (out of memory, or the limit would be exceeded): every later
 * addition changes nothing and returns false. So a sequence of additions needs only one check,
 * buf_ok, at its end. buf_clear forgets the failure.
 *
 * Not thread-safe.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>

#include "base/span.h"

struct buf {
    char *p;
    size_t n;     /* bytes in use */
    size_t cap;   /* bytes allocated */
    size_t limit; /* n never exceeds this */
    bool failed;
};

/* Makes an empty buffer that holds at most limit bytes. Allocates nothing yet. */
void buf_init(struct buf *b, size_t limit);

/*
 * The same in the caller's room, which holds at most size bytes: what fits can always be added. It
 * must not be freed or trimmed.
 */
void buf_init_room(struct buf *b, void *room, size_t size);

/* Frees the memory and leaves an empty buffer with the same limit. */
void buf_free(struct buf *b);

/* Whether nothing has failed since buf_init or buf_clear. */
bool buf_ok(const struct buf *b);

/* Makes it fail, because what was to be added could not be made: nobody must take it for whole. */
void buf_fail(struct buf *b);

/* Makes room for extra more bytes. On failure the contents are unchanged. */
bool buf_reserve(struct buf *b, size_t extra);

/*
 * Returns room for extra more bytes at the end, which the caller writes directly and then adds with
 * buf_added. NULL on failure.
 */
char *buf_space(struct buf *b, size_t extra);
void buf_added(struct buf *b, size_t n);

bool buf_add(struct buf *b, struct span s);
bool buf_add_char(struct buf *b, char c);
bool buf_add_str(struct buf *b, const char *z);

/* Adds a decimal number, with leading zeros up to width digits. */
bool buf_add_u64(struct buf *b, uint64_t v, unsigned width);

/* How many bytes buf_add_u64 adds at width 0. */
size_t buf_u64_bytes(uint64_t v);

/* Adds text as printf or vprintf formats it. */
bool buf_printf(struct buf *b, const char *format, ...) __attribute__((format(__printf__, 2, 3)));
bool buf_vprintf(struct buf *b, const char *format, va_list args)
    __attribute__((format(__printf__, 2, 0)));

/* Inserts s, which is not part of the buffer, before byte at; removes n bytes from there on. */
bool buf_insert(struct buf *b, size_t at, struct span s);
void buf_erase(struct buf *b, size_t at, size_t n);

/* Removes the first n bytes, at most b->n. */
void buf_consume(struct buf *b, size_t n);

/* Empties the buffer, keeps its memory, and forgets a failure. */
void buf_clear(struct buf *b);

/* Frees memory above keep bytes, as far as the contents allow. */
void buf_trim(struct buf *b, size_t keep);

struct span buf_span(const struct buf *b);

#endif
