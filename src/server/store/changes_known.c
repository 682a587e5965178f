/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "base/siphash.h"
#include "os/clock.h"
#include "os/file.h"
#include "store/changes_private.h"
#include "store/key_line.h"
#include "store/store_private.h"

#define KNOWN_BYTES   256
#define UNFINISHED    CHANGES_KNOWN LAYOUT_UNFINISHED
#define PATH_OF_KNOWN LAYOUT_CHANGES "/" CHANGES_KNOWN
#define NO_BOOT       "none"
#define HASH_DIGITS   16

_Static_assert(sizeof((struct changes_known *)0)->boot == OS_CLOCK_BOOT_BYTES, "has room");

/*
 * What tells a store with these keys in its lock file from others, and from itself with other keys.
 * Nobody learns the keys from it. False: errno.
 */
static bool hash_of(int dir, const char *keys, uint64_t *hash)
{
    static const unsigned char key[SIPHASH_KEY_BYTES] = "pochta changes 1";
    struct os_file_info info;
    char text[LOCK_KEY_DIGITS + 24];
    if (!os_file_look_at(dir, &info))
        return false;
    snprintf(text, sizeof text, "%s %" PRIu64, keys, info.inode);
    *hash = siphash(key, span_str(text));
    return true;
}

static bool parse_known(struct span s, struct changes_known *k)
{
    struct span rest;
    char hash[HASH_DIGITS + 1];
    uint64_t since;
    if (!key_line_take(&s, SPAN("pochta-changes 1"), &rest) || rest.n > 0 ||
        !key_line_take_number(&s, SPAN("since "), INT64_MAX, &since) ||
        !key_line_take_text(&s, SPAN("store "), hash, sizeof hash) ||
        !digits_get_hex(span_str(hash), &k->store))
        return false;
    k->since = (int64_t)since;
    k->boot[0] = '\0';
    k->clean = key_line_take(&s, SPAN("clean"), &rest);
    return (k->clean ? rest.n == 0
                     : key_line_take_text(&s, SPAN("boot "), k->boot, sizeof k->boot)) &&
           s.n == 0;
}

/* False with errno ENOENT: there is no such file; EINVAL: it is damaged. */
static bool load_known(int dir, struct changes_known *k)
{
    struct buf text;
    buf_init(&text, KNOWN_BYTES);
    bool ok = os_file_load(dir, CHANGES_KNOWN, &text);
    int error = errno;
    if (ok && !parse_known(buf_span(&text), k)) {
        ok = false;
        error = EINVAL;
    }
    buf_free(&text);
    errno = error;
    return ok;
}

bool changes_is_known(const struct changes *c, struct changes_known *k)
{
    return !c->lost && load_known(c->dir, k) && k->store == c->store;
}

/* Without a sync: for what counts only as long as the page cache does. */
static bool replace_unsynced(int dir, struct span text)
{
    os_file_remove(dir, UNFINISHED);
    int fd = os_file_create(dir, UNFINISHED);
    bool ok = fd >= 0 && os_file_write(fd, text.p, text.n);
    os_file_close(fd);
    return ok && os_file_rename_over(dir, UNFINISHED, dir, CHANGES_KNOWN);
}

static bool write_known(int dir, const struct changes_known *k, bool synced)
{
    char text[KNOWN_BYTES];
    snprintf(text, sizeof text, "pochta-changes 1\nsince %" PRId64 "\nstore %016" PRIx64 "\n%s%s\n",
             k->since, k->store, k->clean ? "clean" : "boot ", k->clean ? "" : k->boot);
    return synced ? os_file_replace(dir, CHANGES_KNOWN, span_str(text))
                  : replace_unsynced(dir, span_str(text));
}

/* --- the first process --- */

/* Whether no process can read a "known" there. */
static bool is_there_none(int store_dir)
{
    return os_file_remove(store_dir, PATH_OF_KNOWN) || errno == ENOENT || errno == ENOTDIR ||
           errno == ELOOP;
}

struct clearing {
    int dir;
    int64_t now;
};

/* The last hour goes on if it is still to come: the time of the notes does not go back. */
static bool clear_file(void *ctx, const char *name)
{
    const struct clearing *c = ctx;
    int64_t hour;
    if (changes_parse_hour(name, &hour)) {
        if (hour > c->now)
            os_file_truncate(c->dir, name);
        else
            os_file_remove(c->dir, name);
    }
    return true;
}

/* No note counts any more. Sets since when they will. False: errno. */
static bool begin_notes(int dir, struct changes_known *k)
{
    int64_t last;
    k->since = os_clock_now();
    if (!changes_last_hour(dir, &last))
        return false;
    struct clearing c = {dir, changes_hour(k->since)};
    os_file_each(dir, clear_file, &c);
    if (last * CHANGES_HOUR_S > k->since)
        k->since = last * CHANGES_HOUR_S;
    return true;
}

/*
 * After a stop in order, the disk has a "known" that would count after a power cut, too. It must be
 * gone from there before anything changes. Any other is worthless after a power cut, and need not
 * be synced: either the boot or the keys are others then.
 */
static bool begin(int dir, const char *before, const char *keys)
{
    struct changes_known k;
    uint64_t ours;
    char boot[OS_CLOCK_BOOT_BYTES];
    bool boot_is_known = os_clock_boot(boot);
    if (!boot_is_known)
        strcpy(boot, NO_BOOT);
    bool there = load_known(dir, &k);
    bool was_clean = there ? k.clean : errno != ENOENT;
    bool counts = there && before && hash_of(dir, before, &ours) && k.store == ours &&
                  (k.clean || (boot_is_known && strcmp(k.boot, boot) == 0));
    bool ok = (counts || begin_notes(dir, &k)) && hash_of(dir, keys, &k.store);
    k.clean = false;
    strcpy(k.boot, boot);
    ok = ok && write_known(dir, &k, was_clean);
    if (!ok)
        ok = os_file_remove(dir, CHANGES_KNOWN) || errno == ENOENT || !was_clean;
    return ok && (!was_clean || os_file_sync_dir(dir));
}

bool changes_begin(int store_dir, const char *before, const char *keys)
{
    int dir = os_file_open_subdir(store_dir, LAYOUT_CHANGES);
    if (dir < 0)
        return is_there_none(store_dir);
    bool ok = begin(dir, before, keys);
    int error = errno;
    os_file_close(dir);
    errno = error;
    return ok;
}

/* --- a store that is open --- */

void changes_make(struct store *s)
{
    if (!os_file_make_dir(s->dir, LAYOUT_CHANGES) && errno != EEXIST)
        store_failed(s, "make", LAYOUT_CHANGES);
}

bool changes_open(struct store *s)
{
    int dir = os_file_open_subdir(s->dir, LAYOUT_CHANGES);
    uint64_t hash = 0;
    if (dir < 0 || !hash_of(dir, locks_keys(s->locks), &hash)) {
        os_file_close(dir);
        return is_there_none(s->dir);
    }
    struct changes *c = calloc(1, sizeof *c);
    if (!c) {
        os_file_close(dir);
        return false;
    }
    c->dir = dir;
    c->store = hash;
    c->fd = -1;
    pthread_mutex_init(&c->mutex, NULL);
    s->changes = c;
    return true;
}

void changes_close(struct store *s)
{
    struct changes *c = s->changes;
    if (!c)
        return;
    os_file_close(c->fd);
    os_file_close(c->dir);
    pthread_mutex_destroy(&c->mutex);
    free(c);
    s->changes = NULL;
}

/* A failure of an hour ago may be about a change that others can see only now. */
static bool has_failed_lately(struct changes *c)
{
    pthread_mutex_lock(&c->mutex);
    if (c->lost)
        changes_lose(c);
    bool lately = c->lost || (c->failed_ms != 0 &&
                              os_clock_ms() - c->failed_ms < CHANGES_HOUR_S * INT64_C(1000));
    pthread_mutex_unlock(&c->mutex);
    return lately;
}

/* Another process may have failed to note something, too, as long as it has the store open. */
void changes_keep(struct store *s)
{
    struct changes *c = s->changes;
    struct changes_known k;
    if (!c || has_failed_lately(c) || changes_is_known(c, &k) || locks_is_visited(s->locks))
        return;
    k = (struct changes_known){.since = changes_now(s), .store = c->store};
    if (!os_clock_boot(k.boot))
        strcpy(k.boot, NO_BOOT);
    pthread_mutex_lock(&c->mutex);
    if (!write_known(c->dir, &k, false) || locks_is_visited(s->locks))
        changes_lose(c);
    pthread_mutex_unlock(&c->mutex);
}

struct syncing {
    int dir;
    bool ok;
};

static bool sync_file(void *ctx, const char *name)
{
    struct syncing *sync = ctx;
    int64_t hour;
    if (!changes_parse_hour(name, &hour))
        return true;
    int fd = os_file_open(sync->dir, name);
    sync->ok = fd >= 0 && os_file_sync(fd);
    os_file_close(fd);
    return sync->ok;
}

void changes_end(struct store *s)
{
    struct changes_known k;
    if (!s->changes || !changes_is_known(s->changes, &k))
        return;
    struct syncing sync = {s->changes->dir, true};
    k.clean = true;
    if (os_file_each(sync.dir, sync_file, &sync) && sync.ok && os_file_sync_dir(sync.dir) &&
        write_known(sync.dir, &k, true))
        os_file_sync_dir(sync.dir);
}
