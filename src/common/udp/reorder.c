/* SPDX-License-Identifier: ISC */
#include "udp/reorder.h"

#include <stdlib.h>
#include <string.h>

void reorder_init(struct reorder *r)
{
    *r = (struct reorder){.next = 1, .reading = 1};
}

void reorder_free(struct reorder *r)
{
    for (size_t i = 0; i < REORDER_MAX; i++)
        free(r->slot[i].p);
    reorder_init(r);
}

static struct reorder_slot *slot_of(struct reorder *r, uint64_t number)
{
    return &r->slot[number % REORDER_MAX];
}

/* With empty datagrams left, reorder_ready would be true with nothing to read. */
static void drop_empty(struct reorder *r)
{
    while (r->reading < r->next && r->taken == slot_of(r, r->reading)->n) {
        struct reorder_slot *s = slot_of(r, r->reading++);
        free(s->p);
        *s = (struct reorder_slot){0};
        r->taken = 0;
    }
}

/* Where a datagram's data ends is known only once all before it have come. */
static void advance(struct reorder *r)
{
    while (r->next < r->reading + REORDER_MAX && slot_of(r, r->next)->p) {
        struct reorder_slot *s = slot_of(r, r->next++);
        bool end;
        s->n = frame_bounds_take(&r->bounds, span_of(s->p, s->n), &end);
    }
    drop_empty(r);
}

bool reorder_came(const struct reorder *r, uint64_t number)
{
    return number < r->next || (number <= reorder_limit(r) && r->slot[number % REORDER_MAX].p);
}

uint64_t reorder_limit(const struct reorder *r)
{
    return r->reading + REORDER_MAX - 1;
}

enum reorder_result reorder_put(struct reorder *r, uint64_t number, struct span body)
{
    if (number == 0 || number > reorder_limit(r) || body.n > DATAGRAM_MAX)
        return REORDER_FAR;
    if (reorder_came(r, number))
        return REORDER_OLD;
    struct reorder_slot *s = slot_of(r, number);
    s->p = malloc(body.n + 1); /* never 0 bytes, which may return NULL */
    if (!s->p)
        return REORDER_MEMORY;
    if (body.n > 0)
        memcpy(s->p, body.p, body.n);
    s->n = body.n;
    if (number > r->highest)
        r->highest = number;
    if (number != r->next)
        return REORDER_EARLY;
    advance(r);
    return REORDER_NEXT;
}

bool reorder_ready(const struct reorder *r)
{
    return r->reading < r->next;
}

size_t reorder_read(struct reorder *r, char *out, size_t size)
{
    size_t n = 0;
    while (n < size && r->reading < r->next) {
        struct reorder_slot *s = slot_of(r, r->reading);
        struct span part = span_first(span_skip(span_of(s->p, s->n), r->taken), size - n);
        memcpy(out + n, part.p, part.n);
        n += part.n;
        r->taken += part.n;
        drop_empty(r);
    }
    return n;
}
