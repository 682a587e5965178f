#include "roll.h"

/* An id is a hash with a key: nobody can choose where it goes. */
static struct roll_entry *bucket_of(struct roll *r, uint64_t id)
{
    return &r->entry[id % (ROLL_PLACES / ROLL_BUCKET) * ROLL_BUCKET];
}

struct roll_entry *roll_find(struct roll *r, uint64_t id, int64_t now_us)
{
    struct roll_entry *b = bucket_of(r, id);

    for (int i = 0; i < ROLL_BUCKET; i++)
        if (b[i].id == id && b[i].until_us > now_us)
            return &b[i];
    return NULL;
}

struct roll_entry *roll_begin(struct roll *r, uint64_t id, int64_t now_us)
{
    struct roll_entry *b = bucket_of(r, id);

    if (roll_find(r, id, now_us))
        return NULL;
    for (int i = 0; i < ROLL_BUCKET; i++) {
        if (b[i].until_us > now_us)
            continue;
        b[i] = (struct roll_entry){.id = id, .until_us = INT64_MAX};
        return &b[i];
    }
    return NULL;
}

void roll_end(struct roll_entry *e, uint64_t came, bool in_order, int64_t now_us)
{
    e->came = came;
    e->in_order = in_order;
    e->until_us = now_us + COOKIE_LIFE_US;
}
