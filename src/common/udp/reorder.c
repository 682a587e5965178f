#include "udp/reorder.h"

#include <stdlib.h>
#include <string.h>

void reorder_init(struct reorder *a)
{
    *a = (struct reorder){.next = 1, .reading = 1};
}

void reorder_free(struct reorder *a)
{
    for (size_t i = 0; i < REORDER_MAX; i++)
        free(a->slot[i].p);
    reorder_init(a);
}

static struct arrival *slot_of(struct reorder *a, uint64_t number)
{
    return &a->slot[number % REORDER_MAX];
}

static void drop_first(struct reorder *a)
{
    struct arrival *s = slot_of(a, a->reading++);

    free(s->p);
    *s = (struct arrival){0};
    a->taken = 0;
}

/* Empty ones would look as if there were something to read. */
static void drop_empty(struct reorder *a)
{
    while (a->reading < a->next && a->taken == slot_of(a, a->reading)->n)
        drop_first(a);
}

/* Only in its order can it be known where a datagram's data ends. */
static void advance(struct reorder *a)
{
    while (a->next < a->reading + REORDER_MAX && slot_of(a, a->next)->p) {
        struct arrival *s = slot_of(a, a->next++);
        bool end;
        s->n = frame_bounds_take(&a->cutter, span_of(s->p, s->n), &end);
    }
    drop_empty(a);
}

bool reorder_came(const struct reorder *a, uint64_t number)
{
    return number < a->next || (number <= reorder_limit(a) && a->slot[number % REORDER_MAX].p);
}

uint64_t reorder_limit(const struct reorder *a)
{
    return a->reading + REORDER_MAX - 1;
}

enum reorder_result reorder_put(struct reorder *a, uint64_t number, struct span body)
{
    if (number == 0 || number > reorder_limit(a) || body.n > DATAGRAM_MAX)
        return REORDER_FAR;
    if (reorder_came(a, number))
        return REORDER_OLD;
    struct arrival *s = slot_of(a, number);
    s->p = malloc(body.n + 1); /* never of no size, which may give NULL */
    if (!s->p)
        return REORDER_MEMORY;
    if (body.n > 0)
        memcpy(s->p, body.p, body.n);
    s->n = body.n;
    if (number > a->highest)
        a->highest = number;
    if (number != a->next)
        return REORDER_EARLY;
    advance(a);
    return REORDER_NEXT;
}

bool reorder_ready(const struct reorder *a)
{
    return a->reading < a->next;
}

size_t reorder_read(struct reorder *a, char *out, size_t size)
{
    size_t n = 0;

    while (n < size && a->reading < a->next) {
        struct arrival *s = slot_of(a, a->reading);
        struct span part = span_first(span_skip(span_of(s->p, s->n), a->taken), size - n);
        memcpy(out + n, part.p, part.n);
        n += part.n;
        a->taken += part.n;
        drop_empty(a);
    }
    return n;
}
