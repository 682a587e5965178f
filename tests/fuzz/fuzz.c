/* SPDX-License-Identifier: ISC */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (fuzz_before)
        fuzz_before();
    fuzz_one(span_of((const char *)bytes, n));
    return 0;
}

static void (*at_end)(void);

void fuzz_at_end(void (*end)(void))
{
    at_end = end;
    atexit(end);
}

void fuzz_violation(const char *file, int line, const char *what)
{
    fprintf(stderr, "# violation: %s:%d: %s\n", file, line, what);
    if (at_end)
        at_end();
    abort();
}

unsigned fuzz_byte(struct span *in)
{
    struct span one = fuzz_bytes(in, 1);

    return one.n > 0 ? (unsigned char)one.p[0] : 0;
}

size_t fuzz_below(struct span *in, size_t end)
{
    size_t number = fuzz_byte(in);

    if (end > 256)
        number = number << 8 | fuzz_byte(in);
    return number % end;
}

struct span fuzz_bytes(struct span *in, size_t n)
{
    struct span s = span_first(*in, n);

    *in = span_skip(*in, s.n);
    return s;
}

bool fuzz_within(struct span part, struct span whole)
{
    return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}
