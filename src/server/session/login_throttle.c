#include "session/login_throttle.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/recent.h"

#define ENTRIES  ((size_t)8192)
#define TRUST_MS INT64_C(604800000) /* a week */
#define KEPT     60                 /* times the delay */

struct login_throttle {
    unsigned char key[SIPHASH_KEY_BYTES];
    pthread_mutex_t mutex;          /* leaf lock: guards the tables */
    struct recent failed[ENTRIES];  /* moment: the next turn; count: failures; mark: the password */
    struct recent trusted[ENTRIES]; /* by pair */
};

struct login_throttle *login_throttle_new(const unsigned char key[SIPHASH_KEY_BYTES])
{
    struct login_throttle *g = calloc(1, sizeof *g);

    if (!g)
        return NULL;
    memcpy(g->key, key, sizeof g->key);
    pthread_mutex_init(&g->mutex, NULL);
    return g;
}

void login_throttle_free(struct login_throttle *g)
{
    if (!g)
        return;
    pthread_mutex_destroy(&g->mutex);
    free(g);
}

/* What was hashed before, and one thing more. */
static uint64_t hash(const struct login_throttle *g, uint64_t before, struct span s)
{
    uint64_t both[2] = {before, siphash(g->key, s)};

    return siphash(g->key, span_of((const char *)both, sizeof both));
}

struct guess login_throttle_make(const struct login_throttle *g, struct span address,
                                 struct span name, struct span password, int64_t now_ms)
{
    struct guess guess = {
        .address = hash(g, 1, address), .name = hash(g, 2, name), .since_ms = now_ms};

    guess.pair = hash(g, guess.address, name);
    guess.password = hash(g, guess.name, password);
    return guess;
}

static int64_t delay_ms(struct login_throttle_rule rule, unsigned failures)
{
    int64_t ms = rule.first_ms;

    if (failures == 0)
        return 0;
    while (--failures > 0 && ms < rule.most_ms)
        ms *= 2;
    return ms < rule.most_ms ? ms : rule.most_ms;
}

static int64_t min(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* With the mutex held. */
static int64_t ask(struct login_throttle *g, struct login_throttle_rule rule,
                   const struct guess *guess, int64_t now_ms)
{
    bool trusted = recent_find(g->trusted, ENTRIES, guess->pair, now_ms);
    struct recent *turns[2] = {recent_find(g->failed, ENTRIES, guess->pair, now_ms)};
    struct recent *name = NULL;
    int64_t wait_ms = 0;

    if (!trusted) {
        turns[1] = recent_find(g->failed, ENTRIES, guess->address, now_ms);
        name = recent_find(g->failed, ENTRIES, guess->name, now_ms);
    }
    for (int i = 0; i < 2; i++)
        if (turns[i])
            wait_ms = max(wait_ms, turns[i]->moment - now_ms);
    if (name)
        wait_ms = max(wait_ms, guess->since_ms - now_ms +
                                   min(delay_ms(rule, name->count), LOGIN_THROTTLE_OWNER_MS));
    for (int i = 0; wait_ms == 0 && i < 2; i++)
        if (turns[i])
            turns[i]->moment = now_ms + delay_ms(rule, turns[i]->count);
    return wait_ms;
}

int64_t login_throttle_ask(struct login_throttle *g, struct login_throttle_rule rule,
                           const struct guess *guess, int64_t now_ms)
{
    int64_t wait_ms;

    if (rule.first_ms == 0)
        return 0;
    pthread_mutex_lock(&g->mutex);
    wait_ms = ask(g, rule, guess, now_ms);
    pthread_mutex_unlock(&g->mutex);
    return wait_ms;
}

void login_throttle_wrong(struct login_throttle *g, struct login_throttle_rule rule,
                          const struct guess *guess, int64_t now_ms)
{
    const uint64_t keys[] = {guess->pair, guess->address, guess->name};
    const struct recent *before;
    bool again;

    if (rule.first_ms == 0)
        return;
    pthread_mutex_lock(&g->mutex);
    before = recent_find(g->failed, ENTRIES, guess->pair, now_ms);
    again = before && before->mark == guess->password;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct recent *r = recent_take(g->failed, ENTRIES, keys[i], now_ms);

        if (r->count == 0 || (!again && r->count < UINT32_MAX))
            r->count++;
        r->mark = guess->password;
        r->moment = max(r->moment, now_ms + delay_ms(rule, r->count));
        r->until_ms = now_ms + rule.most_ms + KEPT * delay_ms(rule, r->count);
    }
    pthread_mutex_unlock(&g->mutex);
}

void login_throttle_right(struct login_throttle *g, const struct guess *guess, int64_t now_ms)
{
    struct recent *r;

    pthread_mutex_lock(&g->mutex);
    r = recent_find(g->failed, ENTRIES, guess->pair, now_ms);
    if (r)
        r->until_ms = 0;
    recent_take(g->trusted, ENTRIES, guess->pair, now_ms)->until_ms = now_ms + TRUST_MS;
    pthread_mutex_unlock(&g->mutex);
}
