/* SPDX-License-Identifier: ISC */
#include "session/send_rate.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/bucket.h"
#include "base/recent.h"

#define MINUTE_US INT64_C(60000000)

struct sender {
    struct recent_entry recent; /* until both buckets are full */
    struct bucket messages, bytes;
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

/* The rules of a message of this size. No limit: costs nothing to speak of. */
static struct bucket_rule rule_of_messages(struct send_limits limits)
{
    return limits.messages ? bucket_per_minute(limits.messages)
                           : (struct bucket_rule){1, MINUTE_US};
}

static struct bucket_rule rule_of_bytes(struct send_limits limits, uint64_t bytes)
{
    struct bucket_rule rule = {1, MINUTE_US};
    if (limits.bytes)
        rule.cost_us = 1 + (int64_t)((double)bytes * MINUTE_US / (double)limits.bytes);
    if (rule.burst_us < rule.cost_us)
        rule.burst_us = rule.cost_us;
    return rule;
}

static void remember(struct sender *sender)
{
    int64_t messages_ms = bucket_full_ms(&sender->messages),
            bytes_ms = bucket_full_ms(&sender->bytes);
    sender->recent.until = messages_ms > bytes_ms ? messages_ms : bytes_ms;
}

int64_t send_rate_take(struct send_rate *s, struct span user, struct send_limits limits,
                       uint64_t bytes, int64_t now_ms, bool *of_bytes)
{
    const struct bucket_rule of_messages = rule_of_messages(limits),
                             rule = rule_of_bytes(limits, bytes);
    pthread_mutex_lock(&s->mutex);
    struct sender *sender = recent_take(RECENT_OF(s->senders), siphash(s->key, user), now_ms);
    int64_t wait_ms = bucket_wait_ms(&sender->messages, of_messages, now_ms * 1000);
    *of_bytes = wait_ms == 0;
    if (wait_ms == 0)
        wait_ms = bucket_take(&sender->bytes, rule, now_ms * 1000);
    if (wait_ms == 0)
        bucket_take(&sender->messages, of_messages, now_ms * 1000);
    remember(sender);
    pthread_mutex_unlock(&s->mutex);
    return wait_ms;
}

void send_rate_give_back(struct send_rate *s, struct span user, struct send_limits limits,
                         uint64_t bytes, int64_t now_ms)
{
    pthread_mutex_lock(&s->mutex);
    struct sender *sender = recent_find(RECENT_OF(s->senders), siphash(s->key, user), now_ms);
    if (sender) {
        bucket_give_back(&sender->messages, rule_of_messages(limits));
        bucket_give_back(&sender->bytes, rule_of_bytes(limits, bytes));
        remember(sender);
    }
    pthread_mutex_unlock(&s->mutex);
}
