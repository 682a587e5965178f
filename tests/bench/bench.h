/* SPDX-License-Identifier: ISC */
/*
 * bench: what the programs of the benchmark share. What goes wrong ends the program: a figure made
 * of wrong answers is worth nothing.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/span.h"

static inline _Noreturn void bench_fail(const char *what, struct span detail)
{
    fprintf(stderr, "bench: %s: %.*s\n", what, SPAN_PRINTF(span_first(detail, 200)));
    exit(1);
}

static inline void *bench_alloc(size_t n, size_t size)
{
    void *memory = calloc(n > 0 ? n : 1, size);

    if (!memory)
        bench_fail("out of memory", SPAN(""));
    return memory;
}

/* A number on the command line. */
static inline uint32_t bench_number(const char *text)
{
    uint64_t value;

    if (!span_u64(span_str(text), INT32_MAX, &value))
        bench_fail("not a number", span_str(text));
    return (uint32_t)value;
}

static inline uint64_t bench_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static inline int bench_by_value(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* The value below which so many hundredths of the values are; sorts them. */
static inline uint32_t bench_percentile(uint32_t *values, size_t n, unsigned hundredths)
{
    if (n == 0)
        bench_fail("nothing was measured", SPAN(""));
    qsort(values, n, sizeof *values, bench_by_value);
    return values[(n - 1) * hundredths / 100];
}

#endif
