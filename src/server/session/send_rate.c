/* SPDX-License-Identifier: ISC */
#include "session/send_rate.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/bucket.h"
#include "base/recent.h"

struct sender {
    struct recent_entry recent; /* until the bucket is full */
    struct bucket bucket;
};

struct send_rate {
    unsigned char key[SIPHASH_KEY_BYTES];
    pthread_mutex_t mutex; /* leaf lock: guards the table */
    struct sender senders[4096];
};

struct send_rate *send_rate_new(const unsigned char key[SIPHASH_KEY_BYTES])
{
    struct send_rate *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    memcpy(s->key, key, sizeof s->key);
    pthread_mutex_init(&s->mutex, NULL);
    return s;
}

void send_rate_free(struct send_rate *s)
{
    if (!s)
        return;
    pthread_mutex_destroy(&s->mutex);
    free(s);
}

int64_t send_rate_take(struct send_rate *s, struct span user, uint64_t per_minute, int64_t now_ms)
{
    if (per_minute == 0)
        return 0;
    pthread_mutex_lock(&s->mutex);
    struct sender *sender = recent_take(RECENT_OF(s->senders), siphash(s->key, user), now_ms);
    int64_t wait_ms = bucket_take(&sender->bucket, bucket_per_minute(per_minute), now_ms * 1000);
    sender->recent.until = bucket_full_ms(&sender->bucket);
    pthread_mutex_unlock(&s->mutex);
    return wait_ms;
}

void send_rate_give_back(struct send_rate *s, struct span user, uint64_t per_minute, int64_t now_ms)
{
    if (per_minute == 0)
        return;
    pthread_mutex_lock(&s->mutex);
    struct sender *sender = recent_find(RECENT_OF(s->senders), siphash(s->key, user), now_ms);
    if (sender) {
        bucket_give_back(&sender->bucket, bucket_per_minute(per_minute));
        sender->recent.until = bucket_full_ms(&sender->bucket);
    }
    pthread_mutex_unlock(&s->mutex);
}
