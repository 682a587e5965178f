/* SPDX-License-Identifier: ISC */
/*
 * span: a run of bytes that belongs to someone else.
 *
 * It may contain any byte, NUL included, and has no terminator. It is valid as long as the memory
 * it points to; every function that returns a span says how long that is. All functions here are
 * pure.
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

/* Arguments for printf's "%.*s". The span must be shorter than INT_MAX. */
#define SPAN_PRINTF(s) (int)(s).n, (s).p

/* The n bytes at p. */
static inline struct span span_of(const char *p, size_t n)
{
    return (struct span){p, n};
}

/* The bytes of a C string, without its NUL. */
struct span span_str(const char *z);

/* s without its first n bytes; empty if s is shorter. */
struct span span_skip(struct span s, size_t n);

/* The first n bytes of s; all of s if it is shorter. */
struct span span_first(struct span s, size_t n);

bool span_eq(struct span a, struct span b);

/* The same, but ASCII letters may differ in case. */
bool span_eq_folded(struct span a, struct span b);

bool span_starts(struct span s, struct span prefix);
bool span_ends(struct span s, struct span suffix);

/* How many bytes of s are c. */
size_t span_count(struct span s, char c);

/* The offset of the first c in s, or s.n if there is none. */
size_t span_find(struct span s, char c);

/*
 * Splits s at the first sep: *head becomes the part before it, *s the part after it. Returns false
 * and leaves both unchanged if s has no sep. It parses every format here whose parts end with a
 * separator, one part a call.
 */
bool span_cut(struct span *s, char sep, struct span *head);

/* Removes the part before the first sep from s, and that sep, or all of s. Returns the part. */
struct span span_take(struct span *s, char sep);

/* The first line of s, with its LF if it has one. */
struct span span_line(struct span s);

/* Whether a byte is a space, a tab or part of a line end. */
bool span_is_space(char c);

/* s without such bytes at its beginning and end. */
struct span span_trim(struct span s);

/* Whether s is one or more decimal digits and nothing else. */
bool span_is_decimal(struct span s);

/*
 * Reads a decimal number of at most max: one or more digits and nothing else; leading zeros are
 * allowed. Returns false and leaves *value unchanged for anything else.
 */
bool span_u64(struct span s, uint64_t max, uint64_t *value);

/* The same without a limit: *value becomes UINT64_MAX for a number that is too large for it. */
bool span_number(struct span s, uint64_t *value);

#endif
