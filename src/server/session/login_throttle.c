/* SPDX-License-Identifier: ISC */
#include "session/login_throttle.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/recent.h"

#define ENTRIES  8192
#define TRUST_MS INT64_C(604800000) /* a week */
#define KEPT     60                 /* times the delay */

struct failed {
    struct recent_entry recent; /* by address, by name, and by both */
    int64_t turn_ms;            /* when the next guess may be checked */
    uint64_t password;          /* the last wrong one */
    unsigned failures;
};

struct login_throttle {
    unsigned char key[SIPHASH_KEY_BYTES];
    pthread_mutex_t mutex; /* leaf lock: guards the tables */
    struct failed failed[ENTRIES];
    struct recent_entry trusted[ENTRIES]; /* by name and address */
};

struct login_throttle *login_throttle_new(const unsigned char key[SIPHASH_KEY_BYTES])
{
    struct login_throttle *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    memcpy(t->key, key, sizeof t->key);
    pthread_mutex_init(&t->mutex, NULL);
    return t;
}

void login_throttle_free(struct login_throttle *t)
{
    if (!t)
        return;
    pthread_mutex_destroy(&t->mutex);
    free(t);
}

/* Continues a hash with one more text. */
static uint64_t hash_more(const struct login_throttle *t, uint64_t before, struct span s)
{
    uint64_t both[2] = {before, siphash(t->key, s)};
    return siphash(t->key, span_of((const char *)both, sizeof both));
}

struct guess login_throttle_make(const struct login_throttle *t, struct span address,
                                 struct span name, struct span password, int64_t now_ms)
{
    struct guess guess = {
        .address = hash_more(t, 1, address), .name = hash_more(t, 2, name), .since_ms = now_ms};
    guess.pair = hash_more(t, guess.address, name);
    guess.password = hash_more(t, guess.name, password);
    return guess;
}

uint64_t login_throttle_hash(const struct login_throttle *t, const struct guess *guess,
                             struct span more)
{
    return hash_more(t, guess->password, more);
}

/* failures: at least one. */
static int64_t delay_ms(struct login_throttle_rule rule, unsigned failures)
{
    int64_t ms = rule.first_ms;
    while (--failures > 0 && ms < rule.most_ms)
        ms *= 2;
    return ms < rule.most_ms ? ms : rule.most_ms;
}

static int64_t max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int64_t login_throttle_ask(struct login_throttle *t, struct login_throttle_rule rule,
                           const struct guess *guess, int64_t now_ms)
{
    const struct recent failed = RECENT_OF(t->failed);
    struct failed *turns[2] = {NULL, NULL}, *name = NULL;
    int64_t wait_ms = 0;
    if (rule.first_ms == 0)
        return 0;
    pthread_mutex_lock(&t->mutex);
    turns[0] = recent_find(failed, guess->pair, now_ms);
    if (!recent_find(RECENT_OF(t->trusted), guess->pair, now_ms)) {
        turns[1] = recent_find(failed, guess->address, now_ms);
        name = recent_find(failed, guess->name, now_ms);
    }
    for (int i = 0; i < 2; i++)
        if (turns[i])
            wait_ms = max(wait_ms, turns[i]->turn_ms - now_ms);
    if (name) {
        int64_t delay = delay_ms(rule, name->failures);
        if (delay > LOGIN_THROTTLE_OWNER_MS)
            delay = LOGIN_THROTTLE_OWNER_MS;
        wait_ms = max(wait_ms, guess->since_ms - now_ms + delay);
    }
    for (int i = 0; wait_ms == 0 && i < 2; i++)
        if (turns[i])
            turns[i]->turn_ms = now_ms + delay_ms(rule, turns[i]->failures);
    pthread_mutex_unlock(&t->mutex);
    return wait_ms;
}

void login_throttle_wrong(struct login_throttle *t, struct login_throttle_rule rule,
                          const struct guess *guess, int64_t now_ms)
{
    const struct recent failed = RECENT_OF(t->failed);
    const uint64_t keys[] = {guess->pair, guess->address, guess->name};
    if (rule.first_ms == 0)
        return;
    pthread_mutex_lock(&t->mutex);
    const struct failed *before = recent_find(failed, guess->pair, now_ms);
    bool same_password = before && before->password == guess->password;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct failed *f = recent_take(failed, keys[i], now_ms);
        if (f->failures == 0 || (!same_password && f->failures < UINT32_MAX))
            f->failures++;
        f->password = guess->password;
        f->turn_ms = max(f->turn_ms, now_ms + delay_ms(rule, f->failures));
        f->recent.until = now_ms + rule.most_ms + KEPT * delay_ms(rule, f->failures);
    }
    pthread_mutex_unlock(&t->mutex);
}

void login_throttle_right(struct login_throttle *t, const struct guess *guess, int64_t now_ms)
{
    pthread_mutex_lock(&t->mutex);
    struct failed *f = recent_find(RECENT_OF(t->failed), guess->pair, now_ms);
    if (f)
        f->recent.until = 0;
    struct recent_entry *trusted = recent_take(RECENT_OF(t->trusted), guess->pair, now_ms);
    trusted->until = now_ms + TRUST_MS;
    pthread_mutex_unlock(&t->mutex);
}
