/*
 * What was deleted waits here, in its mailbox, under another state: for a while in case someone
 * wants it back, then without its body for as long as its id or its token must stay known. Only a
 * server takes anything away: a tool that looks at the store does not know how long to keep what.
 */
#include <errno.h>
#include <stdlib.h>

#include "os/clock.h"
#include "os/file.h"
#include "store/store_private.h"

#define REMEMBER_S (25 * 60 * 60) /* tokens: 24 hours at least */

/* Deleting renames a file, and a rename is what its time of change tells. */
static bool is_over(struct mailbox *mb, const char *name, int64_t now)
{
    uint64_t keep_s = mb->store->limits.trash_s;
    struct os_file_info info;

    return keep_s == 0 ||
           (os_file_look(mb->dir, name, &info) && info.changed < now - (int64_t)keep_s);
}

/* Tombstones whose bodies are still to go. */
struct purge {
    size_t *positions;
    size_t n;
};

/* The name says expunged before the body goes: what is in the trash is always whole. */
static bool expunge(struct mailbox *mb, size_t position, struct purge *p)
{
    size_t *more = realloc(p->positions, (p->n + 1) * sizeof *more);

    if (!more)
        return false;
    p->positions = more;
    if (letter_change_state(mb, position, MAIL_EXPUNGED) != ST_OK)
        return false;
    p->positions[p->n++] = position;
    return true;
}

static void take_body(struct mailbox *mb, const char *name)
{
    if (!os_file_truncate(mb->dir, name))
        store_trouble(mb->store, "mailbox %s: %s cannot be emptied (errno %d)", mb->who.name, name,
                      errno);
}

/*
 * Truncates what was expunged. Where the trash is shown to users, the new names must be durable
 * before, or a power cut could bring a name back without its body.
 */
static void finish(struct mailbox *mb, struct purge *p)
{
    char name[MAIL_FILE_BYTES];
    struct mail m;

    if (p->n > 0 && mb->store->limits.trash_s > 0 && !commit_sync(&mb->commit, mb->dir)) {
        store_trouble(mb->store,
                      "mailbox %s: sync of the directory failed before a purge: read-only",
                      mb->who.name);
        p->n = 0;
    }
    for (size_t i = 0; i < p->n; i++) {
        index_get(mb->index, p->positions[i], &m);
        mail_file_name(&m, name);
        take_body(mb, name);
    }
    free(p->positions);
}

/* Goes through the trash, oldest message first, as long as want(ctx, name) is true. */
static void purge_while(struct mailbox *mb,
                        bool (*want)(struct mailbox *mb, const char *name, void *ctx), void *ctx)
{
    struct purge p = {NULL, 0};
    size_t words;
    uint64_t *deleted;
    char name[MAIL_FILE_BYTES];
    struct mail m;

    if (!mb->store->server || atomic_load(&mb->snapshots) > 0 || commit_failed(&mb->commit))
        return;
    deleted = index_copy_set(mb->index, INDEX_DELETED, &words);
    for (size_t w = 0; deleted && w < words; w++) {
        for (uint64_t bits = deleted[w]; bits; bits &= bits - 1) {
            size_t position = w * 64 + (size_t)__builtin_ctzll(bits);
            index_get(mb->index, position, &m);
            mail_file_name(&m, name);
            if (want(mb, name, ctx))
                expunge(mb, position, &p);
        }
    }
    free(deleted);
    finish(mb, &p);
}

static bool wants_over(struct mailbox *mb, const char *name, void *ctx)
{
    const int64_t *now = ctx;

    return is_over(mb, name, *now);
}

void trash_purge(struct mailbox *mb)
{
    int64_t now = os_clock_now();

    purge_while(mb, wants_over, &now);
}

/* Whether one more message of so many bytes is within the quota, with the trash or without it. */
static bool fits(struct mailbox *mb, uint64_t bytes, bool trash)
{
    const struct mailbox_quota quota = mailbox_quota(mb);
    struct index_totals t;

    index_totals(mb->index, &t);
    t.messages += t.pending + (trash ? t.deleted : 0);
    t.bytes += t.pending_bytes + (trash ? t.deleted_bytes : 0);
    return (quota.messages == 0 || t.messages < quota.messages) &&
           (quota.bytes == 0 || t.bytes + bytes <= quota.bytes);
}

static bool wants_room(struct mailbox *mb, const char *name, void *ctx)
{
    const uint64_t *bytes = ctx;

    (void)name;
    return !fits(mb, *bytes, true);
}

enum status trash_make_room(struct mailbox *mb, uint64_t bytes)
{
    if (!fits(mb, bytes, true) && fits(mb, bytes, false))
        purge_while(mb, wants_room, &bytes);
    return fits(mb, bytes, true) ? ST_OK : ST_FULL;
}

/*
 * A tombstone has done its duty when its token may be forgotten and a higher id is known. One whose
 * body a crash has left there loses it now.
 */
void trash_drop_tombstones(struct mailbox *mb)
{
    int64_t old = os_clock_now() - REMEMBER_S;
    char name[MAIL_FILE_BYTES];
    struct mail m;

    for (size_t i = 0; mb->store->server && i < index_count(mb->index); i++) {
        index_get(mb->index, i, &m);
        if (m.state != MAIL_EXPUNGED)
            continue;
        mail_file_name(&m, name);
        if (m.time > old || i + 1 == index_count(mb->index))
            take_body(mb, name);
        else if (os_file_remove(mb->dir, name))
            index_set_state(mb->index, i, MAIL_GONE);
        else
            store_trouble(mb->store, "mailbox %s: %s cannot be removed (errno %d)", mb->who.name,
                          name, errno);
    }
}
