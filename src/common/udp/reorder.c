/* SPDX-License-Identifier: ISC */
#include "udp/reorder.h"

#include <stdlib.h>
#include <string.h>

void reorder_init(struct reorder *r)
{
    *r = (struct reorder){.next = 1,
                          .reading = 1,
                          .limit = REORDER_FIRST,
                          .window = REORDER_FIRST,
                          .slot = r->first,
                          .room = REORDER_FIRST};
}

/* Changes what is held. */
static bool take_memory(struct reorder *r, size_t bytes)
{
    if (r->memory.take && !r->memory.take(r->memory.ctx, bytes))
        return false;
    r->held = bytes;
    return true;
}

static void drop_block(struct reorder *r, struct reorder_slot *s)
{
    free(s->p);
    if (s->held > 0)
        take_memory(r, r->held - s->held);
    *s = (struct reorder_slot){0};
}

void reorder_free(struct reorder *r)
{
    const struct reorder_memory memory = r->memory;
    for (size_t i = 0; i < r->room; i++)
        drop_block(r, &r->slot[i]);
    if (r->slot != r->first)
        free(r->slot);
    if (r->held > 0)
        take_memory(r, 0);
    reorder_init(r);
    r->memory = memory;
}

static struct reorder_slot *slot_of(const struct reorder *r, uint64_t number)
{
    return &r->slot[number & (r->room - 1)];
}

static void raise_limit(struct reorder *r)
{
    if (r->reading + r->window - 1 > r->limit)
        r->limit = r->reading + r->window - 1;
}

/* With empty datagrams left, reorder_ready would be true with nothing to read. */
static void drop_empty(struct reorder *r)
{
    while (r->reading < r->next && r->taken == slot_of(r, r->reading)->n) {
        drop_block(r, slot_of(r, r->reading++));
        r->taken = 0;
    }
    raise_limit(r);
}

/* Where a datagram's data ends is known only once all before it have come. */
static void advance(struct reorder *r)
{
    while (r->next <= r->limit && slot_of(r, r->next)->p) {
        struct reorder_slot *s = slot_of(r, r->next++);
        bool end;
        s->n = (uint16_t)frame_bounds_take(&r->bounds, span_of(s->p, s->n), &end);
    }
    drop_empty(r);
}

bool reorder_came(const struct reorder *r, uint64_t number)
{
    return number < r->next || (number <= r->limit && slot_of(r, number)->p);
}

/* Moves what is kept to more slots. */
static bool add_slots(struct reorder *r, size_t room)
{
    struct reorder_slot *slot = calloc(room, sizeof *slot);
    if (!slot)
        return false;
    for (uint64_t n = r->reading; n <= r->limit; n++)
        slot[n & (room - 1)] = *slot_of(r, n);
    if (r->slot != r->first)
        free(r->slot);
    r->slot = slot;
    r->room = room;
    return true;
}

bool reorder_grow(struct reorder *r)
{
    size_t window = 2 * r->window, before = r->held, held = before;
    if (window > REORDER_MAX)
        return false;
    if (window > r->room)
        held += (r->slot == r->first ? window : window - r->room) * sizeof *r->slot;
    if (!take_memory(r, held + window * (DATAGRAM_MAX + REORDER_BLOCK)))
        return false;
    bool ok = window <= r->room || add_slots(r, window);
    take_memory(r, ok ? held : before);
    if (ok)
        r->window = window;
    raise_limit(r);
    return ok;
}

/*
 * If nothing waits to be read, the next one is kept in any case: without it there is no progress.
 */
static bool keep_body(struct reorder *r, uint64_t number, struct span body)
{
    struct reorder_slot *s = slot_of(r, number);
    size_t held = number == r->reading ? 0 : body.n + REORDER_BLOCK;
    if (held > 0 && !take_memory(r, r->held + held)) {
        r->window = REORDER_FIRST;
        return false;
    }
    char *p = malloc(body.n + 1); /* 0 bytes may return NULL */
    *s = (struct reorder_slot){p, (uint16_t)body.n, (uint16_t)held};
    if (!s->p)
        drop_block(r, s);
    else if (body.n > 0)
        memcpy(s->p, body.p, body.n);
    return s->p;
}

enum reorder_result reorder_put(struct reorder *r, uint64_t number, struct span body)
{
    if (number == 0 || number > r->limit || body.n > DATAGRAM_MAX)
        return REORDER_FAR;
    if (reorder_came(r, number))
        return REORDER_OLD;
    if (!keep_body(r, number, body))
        return REORDER_MEMORY;
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
