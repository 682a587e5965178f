/*
 * span: a run of bytes that someone else owns.
 *
 * Any byte may occur in it, NUL too; it is never terminated. A span dies with the memory it points
 * into: whoever hands one out says when that is. All functions here are pure.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
    const char *p;
    size_t n; /* bytes */
};

/* The span of a string literal, without its NUL. */
#define SPAN(literal) ((struct span){(literal), sizeof(literal) - 1})

/* For printf's "%.*s": the length and the pointer. For text known to be shorter than INT_MAX. */
#define SPAN_PRINTF(s) (int)(s).n, (s).p

/* The n bytes at p. */
static inline struct span span_of(const char *p, size_t n)
{
    return (struct span){p, n};
}

/* The bytes of a C string, without its NUL. */
struct span span_str(const char *z);

/* s without its first n bytes; empty when s is shorter. */
struct span span_skip(struct span s, size_t n);

/* The first n bytes of s; s itself when it is shorter. */
struct span span_first(struct span s, size_t n);

bool span_eq(struct span a, struct span b);
bool span_starts(struct span s, struct span prefix);
bool span_ends(struct span s, struct span suffix);

/* How many bytes of s are c. */
size_t span_count(struct span s, char c);

/* Offset of the first c in s, or s.n when there is none. */
size_t span_find(struct span s, char c);

/*
 * Cuts s at its first sep: *head becomes what stood before it, *s what stands after it. Returns
 * false, with *s and *head as they were, when s has no sep. This is the pull parser of everything
 * here whose parts each end with a mark.
 */
bool span_cut(struct span *s, char sep, struct span *head);

/* Whether s is one or more decimal digits and nothing else. */
bool span_is_decimal(struct span s);

/*
 * Reads a decimal number: one or more digits and nothing else, at most max. Leading zeros are fine.
 * Returns false, *value as it was, for anything else.
 */
bool span_u64(struct span s, uint64_t max, uint64_t *value);

#endif
