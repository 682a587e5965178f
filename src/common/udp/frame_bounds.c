/* SPDX-License-Identifier: ISC */
#include "udp/frame_bounds.h"

#include "proto/frame.h"

/* Returns false at a byte that is not a digit. */
static bool take_length(struct frame_bounds *f, struct span s, size_t *n)
{
    for (; *n < s.n && f->digits < FRAME_LENGTH_DIGITS; ++*n, f->digits++) {
        if (s.p[*n] < '0' || s.p[*n] > '9')
            return false;
        f->left = f->left * 10 + (uint64_t)(s.p[*n] - '0');
    }
    return true;
}

size_t frame_bounds_take(struct frame_bounds *f, struct span s, bool *end)
{
    size_t n = 0;
    f->lost = f->lost || !take_length(f, s, &n);
    *end = f->lost;
    if (f->lost || f->digits < FRAME_LENGTH_DIGITS)
        return s.n;
    if (s.n - n < f->left) {
        f->left -= s.n - n;
        return s.n;
    }
    n += (size_t)f->left;
    *f = (struct frame_bounds){0};
    *end = true;
    return n;
}
