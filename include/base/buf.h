/*
 * buf: a growing byte buffer with a limit.
 *
 * p and n may be read at any time; only these functions write. Every pointer into a buf dies at the
 * next call that can grow, consume or free it.
 *
 * A buffer remembers its first failure (out of memory, or the limit would be passed): from then on
 * every addition leaves it as it is and returns false, so that a sequence of additions needs one
 * check, buf_ok(), at its end. buf_clear() forgets the failure.
 *
 * Not for two threads at a time.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/span.h"

struct buf {
    char *p;
    size_t n;     /* bytes in use */
    size_t cap;   /* bytes allocated */
    size_t limit; /* n never passes this */
    bool failed;
};

/* An empty buffer that holds at most limit bytes. Allocates nothing yet. */
void buf_init(struct buf *b, size_t limit);

/* Gives the memory back and leaves an empty buffer with the same limit. */
void buf_free(struct buf *b);

/* True while nothing has failed since buf_init or buf_clear. */
bool buf_ok(const struct buf *b);

/* Makes room for extra more bytes. On failure the contents stay as they were. */
bool buf_reserve(struct buf *b, size_t extra);

/* Room for extra more bytes, to be written directly and then counted with buf_added. NULL: none. */
char *buf_space(struct buf *b, size_t extra);
void buf_added(struct buf *b, size_t n);

bool buf_add(struct buf *b, struct span s);
bool buf_add_char(struct buf *b, char c);
bool buf_add_str(struct buf *b, const char *z);

/* Decimal, zero-padded to at least width digits (0: as short as it goes). */
bool buf_add_u64(struct buf *b, uint64_t v, unsigned width);

/* How many bytes buf_add_u64 adds at width 0. */
size_t buf_u64_bytes(uint64_t v);

/* printf to the end of the buffer. For short text of our own making, not for untrusted formats. */
bool buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Drops the first n bytes; n is at most b->n. */
void buf_consume(struct buf *b, size_t n);

/* Drops the bytes from offset n on, where a sequence of additions is to be undone. */
void buf_truncate(struct buf *b, size_t n);

/* Empties the buffer, keeps the memory, forgets a failure. */
void buf_clear(struct buf *b);

/* Gives memory above keep bytes back, as far as the contents allow. */
void buf_trim(struct buf *b, size_t keep);

struct span buf_span(const struct buf *b);

#endif
