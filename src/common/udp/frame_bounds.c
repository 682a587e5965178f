#include "udp/frame_bounds.h"

#include "proto/frame.h"

/* False at what is no digit. */
static bool take_length(struct frame_bounds *c, struct span s, size_t *n)
{
    for (; *n < s.n && c->digits < FRAME_LENGTH_DIGITS; ++*n, c->digits++) {
        if (s.p[*n] < '0' || s.p[*n] > '9')
            return false;
        c->left = c->left * 10 + (uint64_t)(s.p[*n] - '0');
    }
    return true;
}

size_t frame_bounds_take(struct frame_bounds *c, struct span s, bool *end)
{
    size_t n = 0;

    c->lost = c->lost || !take_length(c, s, &n);
    *end = c->lost;
    if (c->lost || c->digits < FRAME_LENGTH_DIGITS)
        return s.n;
    if (s.n - n < c->left) {
        c->left -= s.n - n;
        return s.n;
    }
    n += (size_t)c->left;
    *c = (struct frame_bounds){0};
    *end = true;
    return n;
}
