/* SPDX-License-Identifier: ISC */
#include "base/recent.h"

#include <assert.h>
#include <string.h>

static size_t ways_of(struct recent r)
{
    assert(r.count > 0);
    return r.count < RECENT_WAYS ? r.count : RECENT_WAYS;
}

/* The entry at a place of the set to which the key belongs. */
static struct recent_entry *entry_at(struct recent r, uint64_t key, size_t place)
{
    size_t ways = ways_of(r), first = key % (r.count / ways) * ways;
    return (struct recent_entry *)(void *)((char *)r.entries + (first + place) * r.entry_bytes);
}

static struct recent_entry *renew(struct recent r, struct recent_entry *e, uint64_t key)
{
    memset(e, 0, r.entry_bytes);
    e->key = key;
    return e;
}

void *recent_find(struct recent r, uint64_t key, int64_t now)
{
    for (size_t i = 0; i < ways_of(r); i++) {
        struct recent_entry *e = entry_at(r, key, i);
        if (e->key == key && e->until > now)
            return e;
    }
    return NULL;
}

/* The entry that is forgotten first, or was. */
static struct recent_entry *least_of(struct recent r, uint64_t key)
{
    struct recent_entry *least = entry_at(r, key, 0);
    for (size_t i = 1; i < ways_of(r); i++)
        if (entry_at(r, key, i)->until < least->until)
            least = entry_at(r, key, i);
    return least;
}

void *recent_add(struct recent r, uint64_t key, int64_t now)
{
    struct recent_entry *e = least_of(r, key);
    return e->until > now ? NULL : renew(r, e, key);
}

void *recent_take(struct recent r, uint64_t key, int64_t now)
{
    struct recent_entry *e = recent_find(r, key, now);
    if (e)
        return e;
    e = least_of(r, key);
    return e->until == RECENT_KEPT ? NULL : renew(r, e, key);
}
