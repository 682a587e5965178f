/*
 * The mailboxes in memory. Opening one reads its whole directory, so those that were used last are
 * kept for the next time, up to a number and a size.
 */
#include <string.h>

#include "store/store_private.h"

/* These are called with the cache's mutex held. */

static void take_out(struct cache *c, struct mailbox *mb)
{
    struct mailbox **at = &c->first[mb->stripe];

    while (*at != mb)
        at = &(*at)->next;
    *at = mb->next;
    mb->cached = false;
}

static void put_in(struct cache *c, struct mailbox *mb)
{
    mb->next = c->first[mb->stripe];
    c->first[mb->stripe] = mb;
    mb->cached = true;
}

static void become_idle(struct cache *c, struct mailbox *mb)
{
    mb->idle_bytes = mb->index ? index_bytes(mb->index) : 0;
    mb->used = ++c->uses;
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
    return c->idle > s->limits.idle_mailboxes || c->idle_bytes > s->limits.index_bytes;
}

/*
 * The idle one that was used longest ago. One that failed to sync stays: its failure must not be
 * forgotten.
 */
static struct mailbox *oldest_idle(struct cache *c)
{
    struct mailbox *oldest = NULL;

    for (unsigned i = 0; i < LOCK_STRIPES; i++)
        for (struct mailbox *mb = c->first[i]; mb; mb = mb->next)
            if (mb->refs == 0 && (!oldest || mb->used < oldest->used) &&
                !commit_failed(&mb->commit))
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
    struct cache *c = &s->cache;
    struct mailbox *mb;

    pthread_mutex_lock(&c->mutex);
    for (mb = c->first[lock_stripe(name)]; mb && strcmp(mb->who.name, name) != 0;)
        mb = mb->next;
    if (!mb) {
        mb = mailbox_new(s, name);
        if (mb)
            put_in(c, mb);
    } else if (mb->refs == 0) {
        end_idle(c, mb);
    }
    if (mb)
        mb->refs++;
    pthread_mutex_unlock(&c->mutex);
    return mb;
}

void cache_put(struct mailbox *mb)
{
    struct cache *c = &mb->store->cache;
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
    struct cache *c = &mb->store->cache;

    pthread_mutex_lock(&c->mutex);
    if (mb->cached)
        take_out(c, mb);
    pthread_mutex_unlock(&c->mutex);
}

void cache_init(struct cache *c)
{
    *c = (struct cache){.idle = 0};
    pthread_mutex_init(&c->mutex, NULL);
}

void cache_destroy(struct cache *c)
{
    for (unsigned i = 0; i < LOCK_STRIPES; i++)
        free_all(c->first[i]);
    pthread_mutex_destroy(&c->mutex);
}
