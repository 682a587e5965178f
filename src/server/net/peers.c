/* SPDX-License-Identifier: ISC */
#include "net/peers.h"

#include <stdlib.h>
#include <string.h>

#include "base/bucket.h"
#include "base/recent.h"
#include "os/attached.h"

struct peers_slot {
    struct recent_entry recent; /* kept while there are connections, then until the rate is full */
    uint64_t at_once;
    struct bucket rate;
};

struct peers {
    unsigned char key[SIPHASH_KEY_BYTES];
    size_t count;
    struct peers_slot slots[];
};

struct peers *peers_new(size_t slots, const unsigned char key[SIPHASH_KEY_BYTES])
{
    struct peers *p = calloc(1, sizeof *p + slots * sizeof p->slots[0]);
    if (!p)
        return NULL;
    memcpy(p->key, key, sizeof p->key);
    p->count = slots;
    return p;
}

void peers_free(struct peers *p)
{
    free(p);
}

enum peers_result peers_enter(struct peers *p, const struct address *a,
                              const struct peers_limits *limits, int64_t now_ms,
                              struct peers_slot **slot)
{
    const struct recent table = {p->slots, p->count, sizeof p->slots[0]};
    struct address client = os_attached_client(a, (unsigned)limits->v6_bits);
    uint64_t key = siphash(p->key, span_of((const char *)client.b, sizeof client.b));
    struct peers_slot *s = recent_take(table, key, now_ms);
    *slot = NULL;
    if (!s)
        return PEERS_TAKEN;
    if (limits->at_once > 0 && s->at_once >= limits->at_once)
        return PEERS_TOO_MANY;
    if (limits->per_minute > 0 &&
        bucket_take(&s->rate, bucket_per_minute(limits->per_minute), now_ms * 1000) > 0)
        return PEERS_TOO_FAST;
    s->at_once++;
    s->recent.until = RECENT_KEPT;
    *slot = s;
    return PEERS_TAKEN;
}

void peers_leave(struct peers_slot *slot)
{
    if (slot && --slot->at_once == 0)
        slot->recent.until = bucket_full_ms(&slot->rate);
}
