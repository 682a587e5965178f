/* SPDX-License-Identifier: ISC */
#include "store/cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/siphash.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/random.h"
#include "store/mailbox_private.h"
#include "store/store_private.h"
#include "store/trash.h"

#define LISTS      4096
#define LARGE_PART 4 /* an index is large if it takes more than this part of index-memory */

/* Idle mailboxes, the one that was used longest ago first. */
struct idle {
    struct mailbox *first, *last;
    unsigned n;
};

struct cache {
    pthread_mutex_t mutex; /* leaf lock: guards all below, and what mailboxes say it guards */
    struct mailbox *first[LISTS]; /* by the hash of their names, to keep the lists short */
    unsigned char key[SIPHASH_KEY_BYTES];

    /*
     * Mailboxes without a reference. Those in shut have given up their descriptor: they were used
     * longer ago than those in open. Those with a large index are in large.
     */
    struct idle open, shut, large;
    uint64_t idle_bytes, large_bytes; /* of their indexes; of those in large */
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

/* Puts a mailbox after another one of the list; NULL: it becomes the first. */
static void list_after(struct idle *list, struct mailbox *older, struct mailbox *mb)
{
    struct mailbox **at = older ? &older->newer : &list->first;
    mb->idle = list;
    mb->older = older;
    mb->newer = *at;
    *at = mb;
    *(mb->newer ? &mb->newer->older : &list->last) = mb;
    list->n++;
}

static void unlist_idle(struct mailbox *mb)
{
    struct idle *list = mb->idle;
    *(mb->older ? &mb->older->newer : &list->first) = mb->newer;
    *(mb->newer ? &mb->newer->older : &list->last) = mb->older;
    mb->idle = NULL;
    list->n--;
}

/* One that failed to sync is in no list, and stays: its failure must not be forgotten. */
static void begin_idle(struct cache *c, struct mailbox *mb, bool once)
{
    mb->idle_bytes = mb->index ? index_bytes(mb->index) : 0;
    if (!once)
        mb->idle_since_ms = os_clock_ms();
    if (commit_failed(&mb->commit))
        return;
    c->idle_bytes += mb->idle_bytes;
    bool large = mb->idle_bytes > mb->store->limits.index_bytes / LARGE_PART;
    if (large)
        c->large_bytes += mb->idle_bytes;
    struct idle *list = large ? &c->large : &c->open;
    list_after(list, once ? NULL : list->last, mb);
}

static void end_idle(struct cache *c, struct mailbox *mb)
{
    if (!mb->idle)
        return;
    c->idle_bytes -= mb->idle_bytes;
    if (mb->idle == &c->large)
        c->large_bytes -= mb->idle_bytes;
    unlist_idle(mb);
}

static void evict(struct cache *c, struct mailbox *mb, struct mailbox **list)
{
    take_out(c, mb);
    end_idle(c, mb);
    mb->next = *list;
    *list = mb;
}

/*
 * Takes out the idle mailboxes beyond the limit, as a list for free_all. Large ones go first, and
 * take nothing of what the others may have: their owners cannot push out everybody else. The one
 * that has just been used stays: however large it is, it must not be read again at each command.
 */
static struct mailbox *evict_beyond_limit(struct cache *c, uint64_t limit,
                                          const struct mailbox *but)
{
    struct mailbox *list = NULL;
    if (limit == 0)
        but = NULL;
    while (c->idle_bytes > limit && c->large.first && c->large.first != but)
        evict(c, c->large.first, &list);
    while (c->idle_bytes - c->large_bytes > limit)
        evict(c, c->shut.first ? c->shut.first : c->open.first, &list);
    return list;
}

/* Descriptors are scarcer than memory: the mailboxes that were used longest ago give theirs up. */
static void shut_beyond_limit(struct cache *c, const struct store_limits *limits)
{
    while (c->open.n + c->large.n > limits->idle_mailboxes && c->open.first) {
        struct mailbox *mb = c->open.first;
        unlist_idle(mb);
        os_file_close(atomic_exchange(&mb->dir, -1));
        list_after(&c->shut, c->shut.last, mb);
    }
}

/* Returns a list for free_all. */
static struct mailbox *put_back(struct cache *c, struct mailbox *mb, bool once)
{
    if (--mb->refs > 0)
        return NULL;
    if (mb->cached &&
        (atomic_load(&mb->dead) || (once && mb->idle_since_ms == 0 && !commit_failed(&mb->commit))))
        take_out(c, mb);
    if (mb->cached) {
        begin_idle(c, mb, once);
        shut_beyond_limit(c, &mb->store->limits);
        return evict_beyond_limit(c, mb->store->limits.index_bytes, mb);
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
    if (mb)
        end_idle(c, mb);
    if (!mb)
        mb = add_mailbox(s, c, name);
    if (mb)
        mb->refs++;
    pthread_mutex_unlock(&c->mutex);
    return mb;
}

static void close_mailbox(struct mailbox *mb, bool once)
{
    if (!mb)
        return;
    struct cache *c = mb->store->cache;
    pthread_mutex_lock(&c->mutex);
    struct mailbox *list = put_back(c, mb, once);
    pthread_mutex_unlock(&c->mutex);
    free_all(list);
}

void mailbox_close(struct mailbox *mb)
{
    close_mailbox(mb, false);
}

void mailbox_close_once(struct mailbox *mb)
{
    close_mailbox(mb, true);
}

void cache_let_go(struct store *s, int64_t unused_ms)
{
    struct cache *c = s->cache;
    struct mailbox *list = NULL;
    int64_t before_ms = os_clock_ms() - unused_ms;
    struct idle *const lists[] = {&c->large, &c->shut, &c->open};
    pthread_mutex_lock(&c->mutex);
    for (int i = 0; i < 3; i++)
        for (struct mailbox *mb = lists[i]->first, *newer; mb; mb = newer) {
            newer = mb->newer;
            if (mb->idle_since_ms <= before_ms)
                evict(c, mb, &list);
        }
    pthread_mutex_unlock(&c->mutex);
    free_all(list);
}

static bool find_hiding(struct cache *c, unsigned list, char name[NAME_BYTES + 1])
{
    pthread_mutex_lock(&c->mutex);
    const struct mailbox *mb = c->first[list];
    while (mb && !atomic_load(&mb->hides))
        mb = mb->next;
    if (mb)
        strcpy(name, mb->who.name);
    pthread_mutex_unlock(&c->mutex);
    return mb;
}

/* If two are in one list, which is rare, the second waits until the first hides nothing. */
void cache_each_hiding(struct store *s, void (*each)(void *ctx, const char *name), void *ctx)
{
    char name[NAME_BYTES + 1];
    for (unsigned list = 0; list < LISTS; list++)
        if (find_hiding(s->cache, list, name))
            each(ctx, name);
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
    struct trash trash = {.index = NULL};
    enum status st = mailbox_lock(mb);
    *gone = st == ST_NO_USER && mb->who.generation[0];
    if (st != ST_OK)
        return st;
    st = mailbox_reopen(mb);
    if (st == ST_OK && atomic_exchange(&mb->unswept, false))
        trash_begin_sweep(mb, &trash);
    if (st == ST_OK && !same_generation(who, &mb->who))
        st = ST_NO_USER;
    mailbox_unlock(mb);
    trash_end(mb, &trash);
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
    if (store_is_shut(s, who->name)) {
        store_trouble(s, "mailbox %s: not opened, because messages of it are in the delivery log",
                      who->name);
        return ST_IO;
    }
    do {
        st = ST_OK;
        gone = false;
        mb = get_mailbox(s, who->name);
        if (!mb)
            return ST_NO_MEMORY;
        if (!mailbox_is_current(mb) || atomic_load(&mb->dir) < 0 || atomic_load(&mb->unswept) ||
            !same_generation(who, &mb->who))
            st = check_open(mb, who, &gone);
        if (st != ST_OK)
            mailbox_close(mb);
    } while (gone);
    if (st == ST_OK)
        *out = mb;
    return st;
}
