#include "net/peers.h"

#include <stdlib.h>
#include <string.h>

#include "base/bucket.h"

struct peers_slot {
    struct peers_slot *chain;         /* those of the same bucket */
    struct peers_slot *older, *newer; /* of those that have no connection */
    struct address address;
    uint64_t at_once;
    struct bucket rate;
};

struct peers {
    unsigned char key[SIPHASH_KEY_BYTES];
    size_t count, buckets; /* a power of two */
    size_t fresh;          /* slots never used yet: the last ones */
    struct peers_slot *slots, **heads;
    struct peers_slot idle; /* a ring of those that have no connection; idle.newer is the oldest */
};

struct peers *peers_new(size_t slots, const unsigned char key[SIPHASH_KEY_BYTES])
{
    struct peers *p = calloc(1, sizeof *p);

    if (!p)
        return NULL;
    memcpy(p->key, key, sizeof p->key);
    p->count = p->fresh = slots;
    for (p->buckets = 1; p->buckets < slots;)
        p->buckets *= 2;
    p->idle.older = p->idle.newer = &p->idle;
    p->slots = calloc(slots, sizeof *p->slots);
    p->heads = calloc(p->buckets, sizeof(struct peers_slot *));
    if (p->slots && p->heads)
        return p;
    peers_free(p);
    return NULL;
}

void peers_free(struct peers *p)
{
    if (!p)
        return;
    free(p->slots);
    free(p->heads);
    free(p);
}

static void ring_remove(struct peers_slot *s)
{
    s->older->newer = s->newer;
    s->newer->older = s->older;
}

static void ring_add_newest(struct peers *p, struct peers_slot *s)
{
    s->newer = &p->idle;
    s->older = p->idle.older;
    s->older->newer = s;
    p->idle.older = s;
}

static struct peers_slot **head_of(struct peers *p, const struct address *a)
{
    struct span bytes = span_of((const char *)a->b, sizeof a->b);

    return &p->heads[siphash(p->key, bytes) & (p->buckets - 1)];
}

static struct peers_slot *find(struct peers *p, const struct address *a)
{
    struct peers_slot *s = *head_of(p, a);

    while (s && !address_equal(&s->address, a))
        s = s->chain;
    return s;
}

static void forget(struct peers *p, struct peers_slot *s)
{
    struct peers_slot **at = head_of(p, &s->address);

    while (*at != s)
        at = &(*at)->chain;
    *at = s->chain;
    ring_remove(s);
}

/* A slot for a new address, as one that has no connection; NULL: all have some. */
static struct peers_slot *make(struct peers *p, const struct address *a)
{
    struct peers_slot *s, **head = head_of(p, a);

    if (p->fresh > 0) {
        s = &p->slots[p->count - p->fresh--];
    } else {
        s = p->idle.newer;
        if (s == &p->idle)
            return NULL;
        forget(p, s);
    }
    *s = (struct peers_slot){.chain = *head, .address = *a};
    *head = s;
    ring_add_newest(p, s);
    return s;
}

/* Whether the rate allows one more, which is then counted. */
static bool use_rate(struct peers_slot *s, uint64_t per_minute, int64_t now_ms)
{
    const struct bucket_rule rule = {per_minute, per_minute};

    return per_minute == 0 || bucket_take(&s->rate, rule, now_ms) == 0;
}

enum peers_result peers_enter(struct peers *p, const struct address *a,
                              const struct peers_limits *limits, int64_t now_ms,
                              struct peers_slot **slot)
{
    struct address who = address_client(a);
    struct peers_slot *s = find(p, &who);

    *slot = NULL;
    if (!s)
        s = make(p, &who);
    if (!s)
        return PEERS_TAKEN;
    if (s->at_once == 0) { /* heard of just now, taken or not */
        ring_remove(s);
        ring_add_newest(p, s);
    }
    if (limits->at_once > 0 && s->at_once >= limits->at_once)
        return PEERS_TOO_MANY;
    if (!use_rate(s, limits->per_minute, now_ms))
        return PEERS_TOO_FAST;
    if (s->at_once++ == 0)
        ring_remove(s);
    *slot = s;
    return PEERS_TAKEN;
}

void peers_leave(struct peers *p, struct peers_slot *slot)
{
    if (slot && --slot->at_once == 0)
        ring_add_newest(p, slot);
}
