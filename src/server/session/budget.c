/* SPDX-License-Identifier: ISC */
#include "session/budget.h"

#include <string.h>

void budget_init(struct budget *b, size_t bytes)
{
    memset(b, 0, sizeof *b);
    pthread_mutex_init(&b->mutex, NULL);
    b->bytes = bytes;
}

void budget_destroy(struct budget *b)
{
    pthread_mutex_destroy(&b->mutex);
}

void budget_resize(struct budget *b, size_t bytes)
{
    pthread_mutex_lock(&b->mutex);
    b->bytes = bytes;
    pthread_mutex_unlock(&b->mutex);
}

static size_t *owned_by(struct budget *b, uint64_t owner)
{
    return &b->owned[owner % BUDGET_OWNERS];
}

/* With the mutex held. */
static bool may_grow(struct budget *b, const struct budget_share *share, size_t more)
{
    if (b->used > b->bytes || more > b->bytes - b->used)
        return false;
    size_t left = b->bytes - b->used - more;
    for (int i = 1; i >= 0; i--) {
        size_t owned = share->owners[i] ? *owned_by(b, share->owners[i]) + more : 0;
        if (owned > left)
            return false;
        left -= owned; /* a user has only what the user's address leaves */
    }
    return true;
}

bool budget_take(struct budget *b, struct budget_share *share, size_t want)
{
    pthread_mutex_lock(&b->mutex);
    bool ok = want <= share->bytes || may_grow(b, share, want - share->bytes);
    if (ok) {
        b->used += want - share->bytes; /* may wrap round, and back */
        for (int i = 0; i < 2; i++)
            if (share->owners[i])
                *owned_by(b, share->owners[i]) += want - share->bytes;
        share->bytes = want;
    }
    pthread_mutex_unlock(&b->mutex);
    return ok;
}

size_t budget_used(struct budget *b)
{
    pthread_mutex_lock(&b->mutex);
    size_t used = b->used;
    pthread_mutex_unlock(&b->mutex);
    return used;
}
