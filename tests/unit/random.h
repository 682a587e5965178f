/* SPDX-License-Identifier: ISC */
/*
 * random: repeatable chance for tests. The seed is fixed unless the variable SEED says otherwise,
 * and is to be printed where a test fails: random_diag().
 */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/span.h"
#include "tap.h"

static struct {
    uint64_t seed, state;
} chance;

static inline void random_begin(void)
{
    const char *seed = getenv("SEED");
    chance.seed = seed ? strtoull(seed, NULL, 10) : 20171203;
    chance.state = chance.seed;
}

static inline void random_diag(void)
{
    diag("to repeat: SEED=%" PRIu64, chance.seed);
}

/* A number from 0 to end - 1 (splitmix64). */
static inline uint64_t random_below(uint64_t end)
{
    uint64_t z = chance.state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) % end;
}

/* Up to max bytes into out, half of them such as the protocol finds special. */
static inline struct span random_bytes(char *out, size_t max)
{
    static const char special[] = "\\|^\n\r<>0pcnr ";
    size_t n = (size_t)random_below(max + 1);

    for (size_t i = 0; i < n; i++)
        out[i] = random_below(2) ? special[random_below(sizeof special)] : (char)random_below(256);
    return span_of(out, n);
}

/* A copy that ends where its block ends, so that a sanitizer sees each byte read too far. */
static inline struct span exact(struct span s)
{
    char *block = malloc(1 + s.n);

    if (!block)
        abort();
    if (s.n > 0)
        memcpy(block + 1, s.p, s.n);
    return span_of(block + 1, s.n);
}

/* The bytes of an exact copy, to be written to. */
static inline char *exact_bytes(struct span s)
{
    char *p;

    /* NOLINTNEXTLINE(clang-analyzer-alpha.core.SizeofPtr): the pointer is copied. */
    memcpy(&p, &s.p, sizeof p);
    return p;
}

static inline void exact_free(struct span s)
{
    free(exact_bytes(s) - 1);
}

#endif
