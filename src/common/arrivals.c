#include "arrivals.h"

#include <stdlib.h>
#include <string.h>

void arrivals_init(struct arrivals *a)
{
    *a = (struct arrivals){.next = 1, .reading = 1};
}

void arrivals_free(struct arrivals *a)
{
    for (size_t i = 0; i < ARRIVALS_MAX; i++)
        free(a->slot[i].p);
    arrivals_init(a);
}

static struct arrival *slot_of(struct arrivals *a, uint64_t number)
{
    return &a->slot[number % ARRIVALS_MAX];
}

static void drop_first(struct arrivals *a)
{
    struct arrival *s = slot_of(a, a->reading++);

    free(s->p);
    *s = (struct arrival){0};
    a->taken = 0;
}

/* Empty ones would look as if there were something to read. */
static void drop_empty(struct arrivals *a)
{
    while (a->reading < a->next && a->taken == slot_of(a, a->reading)->n)
        drop_first(a);
}

/* Only in its order can it be known where a datagram's data ends. */
static void advance(struct arrivals *a)
{
    while (a->next < a->reading + ARRIVALS_MAX && slot_of(a, a->next)->p) {
        struct arrival *s = slot_of(a, a->next++);
        bool end;
        s->n = cutter_take(&a->cutter, span_of(s->p, s->n), &end);
    }
    drop_empty(a);
}

bool arrivals_came(const struct arrivals *a, uint64_t number)
{
    return number < a->next || (number <= arrivals_limit(a) && a->slot[number % ARRIVALS_MAX].p);
}

uint64_t arrivals_limit(const struct arrivals *a)
{
    return a->reading + ARRIVALS_MAX - 1;
}

enum arrivals_result arrivals_put(struct arrivals *a, uint64_t number, struct span body)
{
    if (number == 0 || number > arrivals_limit(a) || body.n > DATAGRAM_MAX)
        return ARRIVALS_FAR;
    if (arrivals_came(a, number))
        return ARRIVALS_OLD;
    struct arrival *s = slot_of(a, number);
    s->p = malloc(body.n + 1); /* never of no size, which may give NULL */
    if (!s->p)
        return ARRIVALS_MEMORY;
    if (body.n > 0)
        memcpy(s->p, body.p, body.n);
    s->n = body.n;
    if (number > a->highest)
        a->highest = number;
    if (number != a->next)
        return ARRIVALS_EARLY;
    advance(a);
    return ARRIVALS_NEXT;
}

bool arrivals_ready(const struct arrivals *a)
{
    return a->reading < a->next;
}

size_t arrivals_read(struct arrivals *a, char *out, size_t size)
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
