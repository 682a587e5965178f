/* SPDX-License-Identifier: ISC */
#include "store/cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/siphash.h"
#include "os/random.h"
#include "store/mailbox_private.h"
#include "store/store_private.h"
#include "store/trash.h"

#define LISTS 64

struct cache {
    pthread_mutex_t mutex; /* leaf lock: guards all below, and what mailboxes say it guards */
    struct mailbox *first[LISTS]; /* by the hash of their names, to keep the lists short */
    unsigned char key[SIPHASH_KEY_BYTES];
    unsigned idle;     /* mailboxes without a reference */
    size_t idle_bytes; /* of their indexes */
    uint64_t uses;     /* how often the last reference to a mailbox was given back */
};

struct cache *cache_new(void)
{
    struct cache *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    os_random_bytes(c->key, sizeof c->key);
    pthread_mutex_init(&c->mutex, NULL);
    return c;
}

static void free_all(struct mailbox *list)
{
    while (list) {
        struct mailbox *next = list->next;
        mailbox_free(list);
        list = next;
    }
}

void cache_free(struct cache *c)
{
    if (!c)
        return;
    for (unsigned i = 0; i < LISTS; i++)
        free_all(c->first[i]);
    pthread_mutex_destroy(&c->mutex);
    free(c);
}

/* The functions up to put_back are called with the cache's mutex held. */

static struct mailbox **list_of(struct cache *c, const char *name)
{
    return &c->first[siphash(c->key, span_str(name)) % LISTS];
}

static void take_out(struct cache *c, struct mailbox *mb)
{
    struct mailbox **at = list_of(c, mb->who.name);
    while (*at != mb)
        at = &(*at)->next;
    *at = mb->next;
    mb->cached = false;
}

/* A mailbox whose account is gone makes place for that of the next account with its name. */
static struct mailbox *find_mailbox(struct cache *c, const char *name)
{
    for (struct mailbox *mb = *list_of(c, name); mb; mb = mb->next) {
        if (strcmp(mb->who.name, name) != 0)
            continue;
        if (!atomic_load(&mb->dead))
            return mb;
        take_out(c, mb);
        return NULL;
    }
    return NULL;
}

static struct mailbox *add_mailbox(struct store *s, struct cache *c, const char *name)
{
    struct mailbox *mb = mailbox_new(s, name), **list = list_of(c, name);
    if (!mb)
        return NULL;
    mb->next = *list;
    *list = mb;
    mb->cached = true;
    return mb;
}

static void begin_idle(struct cache *c, struct mailbox *mb)
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

/*
 * The idle mailbox that was used longest ago. One that failed to sync stays: its failure must not
 * be forgotten.
 */
static struct mailbox *oldest_idle(struct cache *c)
{
    struct mailbox *oldest = NULL;
    for (unsigned i = 0; i < LISTS; i++)
        for (struct mailbox *mb = c->first[i]; mb; mb = mb->next)
            if (mb->refs == 0 && (!oldest || mb->used < oldest->used) &&
                !commit_failed(&mb->commit))
                oldest = mb;
    return oldest;
}

/* Returns a list for free_all. */
static struct mailbox *put_back(struct cache *c, struct mailbox *mb)
{
    if (--mb->refs > 0)
        return NULL;
    if (mb->cached && atomic_load(&mb->dead))
        take_out(c, mb);
    if (mb->cached) {
        begin_idle(c, mb);
        /* Takes out the idle mailboxes beyond the limits, as a list for free_all. */
        struct mailbox *list = NULL, *oldest;
        while ((c->idle > mb->store->limits.idle_mailboxes ||
                c->idle_bytes > mb->store->limits.index_bytes) &&
               (oldest = oldest_idle(c))) {
            take_out(c, oldest);
            end_idle(c, oldest);
            oldest->next = list;
            list = oldest;
        }
        return list;
    }
    mb->next = NULL;
    return mb;
}

/* The mailbox of a name, with one more reference. NULL: out of memory. */
static struct mailbox *get_mailbox(struct store *s, const char *name)
{
    struct cache *c = s->cache;
    pthread_mutex_lock(&c->mutex);
    struct mailbox *mb = find_mailbox(c, name);
    if (mb && mb->refs == 0)
        end_idle(c, mb);
    if (!mb)
        mb = add_mailbox(s, c, name);
    if (mb)
        mb->refs++;
    pthread_mutex_unlock(&c->mutex);
    return mb;
}

void mailbox_close(struct mailbox *mb)
{
    if (!mb)
        return;
    struct cache *c = mb->store->cache;
    pthread_mutex_lock(&c->mutex);
    struct mailbox *list = put_back(c, mb);
    pthread_mutex_unlock(&c->mutex);
    free_all(list);
}

static bool same_generation(const struct who *asked, const struct who *found)
{
    return !asked->generation[0] || strcmp(asked->generation, found->generation) == 0;
}

/*
 * Makes sure, under the lock, that the account exists. A mailbox that was read again loses what its
 * trash has kept long enough before anyone sees it. *gone: the mailbox was in use and its account
 * is gone; the name may belong to another account by now.
 */
static enum status check_open(struct mailbox *mb, const struct who *who, bool *gone)
{
    enum status st = mailbox_lock(mb);
    *gone = st == ST_NO_USER && atomic_load(&mb->epoch) > 0;
    if (st != ST_OK)
        return st;
    if (atomic_exchange(&mb->unswept, false))
        trash_sweep(mb);
    if (!same_generation(who, &mb->who))
        st = ST_NO_USER;
    mailbox_unlock(mb);
    return st;
}

/*
 * A mailbox in memory that is current belongs to an account that exists: taking the lock would tell
 * no more, and whatever is done to the mailbox afterwards takes it.
 */
enum status mailbox_open(struct store *s, const struct who *who, struct mailbox **out)
{
    struct mailbox *mb;
    enum status st;
    bool gone;
    *out = NULL;
    do {
        st = ST_OK;
        gone = false;
        mb = get_mailbox(s, who->name);
        if (!mb)
            return ST_NO_MEMORY;
        if (!mailbox_is_current(mb) || atomic_load(&mb->unswept) || !same_generation(who, &mb->who))
            st = check_open(mb, who, &gone);
        if (st != ST_OK)
            mailbox_close(mb);
    } while (gone);
    if (st == ST_OK)
        *out = mb;
    return st;
}
