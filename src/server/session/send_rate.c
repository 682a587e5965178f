#include "session/send_rate.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/bucket.h"
#include "base/recent.h"

#define ENTRIES ((size_t)4096)

struct send_rate {
    unsigned char key[SIPHASH_KEY_BYTES];
    pthread_mutex_t mutex;        /* leaf lock: guards the table */
    struct recent users[ENTRIES]; /* moment: the bucket */
};

struct send_rate *send_rate_new(const unsigned char key[SIPHASH_KEY_BYTES])
{
    struct send_rate *a = calloc(1, sizeof *a);

    if (!a)
        return NULL;
    memcpy(a->key, key, sizeof a->key);
    pthread_mutex_init(&a->mutex, NULL);
    return a;
}

void send_rate_free(struct send_rate *a)
{
    if (!a)
        return;
    pthread_mutex_destroy(&a->mutex);
    free(a);
}

/* A bucket is remembered until it is full. */
static void put(struct recent *r, struct bucket b)
{
    r->moment = b.full_us;
    r->until_ms = b.full_us / 1000 + 1;
}

int64_t send_rate_take(struct send_rate *a, struct span user, uint64_t per_minute, int64_t now_ms)
{
    const struct bucket_rule rule = {per_minute, per_minute};
    struct recent *r;
    struct bucket b;
    int64_t wait_ms;

    if (per_minute == 0)
        return 0;
    pthread_mutex_lock(&a->mutex);
    r = recent_take(a->users, ENTRIES, siphash(a->key, user), now_ms);
    b.full_us = r->moment;
    wait_ms = bucket_take(&b, rule, now_ms);
    put(r, b);
    pthread_mutex_unlock(&a->mutex);
    return wait_ms;
}

void send_rate_give_back(struct send_rate *a, struct span user, uint64_t per_minute, int64_t now_ms)
{
    const struct bucket_rule rule = {per_minute, per_minute};
    struct recent *r;
    struct bucket b;

    if (per_minute == 0)
        return;
    pthread_mutex_lock(&a->mutex);
    r = recent_find(a->users, ENTRIES, siphash(a->key, user), now_ms);
    if (r) {
        b.full_us = r->moment;
        bucket_give_back(&b, rule);
        put(r, b);
    }
    pthread_mutex_unlock(&a->mutex);
}
