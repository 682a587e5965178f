/*
 * The mailboxes in memory. Opening one reads its whole directory, so those that were used last are
 * kept for the next time, up to a number and a size.
 */
#include <string.h>

#include "store_private.h"

#define IDLE_PER_STRIPE 8 /* each keeps a descriptor open */

/* These are called with the cache's mutex held. */

static void take_out(struct cache *c, struct mailbox *mb)
{
    struct mailbox **at = &c->first;

    while (*at != mb)
        at = &(*at)->next;
    *at = mb->next;
    mb->cached = false;
}

static void put_first(struct cache *c, struct mailbox *mb)
{
    mb->next = c->first;
    c->first = mb;
    mb->cached = true;
}

static void become_idle(struct cache *c, struct mailbox *mb)
{
    mb->idle_bytes = mb->index ? index_bytes(mb->index) : 0;
    c->idle_bytes += mb->idle_bytes;
    c->idle++;
}

static void end_idle(struct cache *c, struct mailbox *mb)
{
    c->idle_bytes -= mb->idle_bytes;
    c->idle--;
}

static bool keeps_too_much(const struct store *s, const struct cache *c)
{
    return c->idle > IDLE_PER_STRIPE || c->idle_bytes > s->limits.index_bytes / LOCK_STRIPES;
}

/*
 * The idle one that was used longest ago. One that failed to sync stays: its failure must not be
 * forgotten.
 */
static struct mailbox *oldest_idle(struct cache *c)
{
    struct mailbox *oldest = NULL;

    for (struct mailbox *mb = c->first; mb; mb = mb->next)
        if (mb->refs == 0 && !commit_failed(&mb->commit))
            oldest = mb;
    return oldest;
}

/* Takes out what is too much, as a list for free_all. */
static struct mailbox *shrink(const struct store *s, struct cache *c)
{
    struct mailbox *list = NULL, *oldest;

    while (keeps_too_much(s, c) && (oldest = oldest_idle(c))) {
        take_out(c, oldest);
        end_idle(c, oldest);
        oldest->next = list;
        list = oldest;
    }
    return list;
}

static void free_all(struct mailbox *list)
{
    while (list) {
        struct mailbox *next = list->next;
        mailbox_free(list);
        list = next;
    }
}

struct mailbox *cache_get(struct store *s, const char *name)
{
    struct cache *c = &s->caches[lock_stripe(name)];
    struct mailbox *mb;

    pthread_mutex_lock(&c->mutex);
    for (mb = c->first; mb && strcmp(mb->who.name, name) != 0;)
        mb = mb->next;
    if (!mb) {
        mb = mailbox_new(s, name);
    } else {
        if (mb->refs == 0)
            end_idle(c, mb);
        take_out(c, mb);
    }
    if (mb) {
        mb->refs++;
        put_first(c, mb);
    }
    pthread_mutex_unlock(&c->mutex);
    return mb;
}

void cache_put(struct mailbox *mb)
{
    struct cache *c = &mb->store->caches[mb->stripe];
    struct mailbox *drop = NULL;

    pthread_mutex_lock(&c->mutex);
    if (--mb->refs == 0) {
        if (mb->cached) {
            become_idle(c, mb);
            drop = shrink(mb->store, c);
        } else {
            mb->next = NULL;
            drop = mb;
        }
    }
    pthread_mutex_unlock(&c->mutex);
    free_all(drop);
}

void cache_remove(struct mailbox *mb)
{
    struct cache *c = &mb->store->caches[mb->stripe];

    pthread_mutex_lock(&c->mutex);
    if (mb->cached)
        take_out(c, mb);
    pthread_mutex_unlock(&c->mutex);
}

void cache_clear(struct cache *c)
{
    free_all(c->first);
    c->first = NULL;
}
