/* SPDX-License-Identifier: ISC */
#include "store/expiry.h"

#include <errno.h>

#include "os/file.h"
#include "store/mailbox_private.h"
#include "store/store_private.h"
#include "store/trash.h"

#define MOVED_AT_ONCE 256 /* messages; then others get the lock */

/* dir: of its mailbox. Most mail is too young by its date, and its file is not looked at. */
static bool is_due(struct store *s, int dir, const struct mail *m, const char *file)
{
    uint64_t keep_s = s->limits.keep_s;
    struct os_file_info info;
    return m->state == MAIL_NORMAL && keep_s > 0 && store_is_older(s, m->time, keep_s) &&
           os_file_look(dir, file, &info) && store_is_older(s, info.changed, keep_s);
}

struct search {
    struct store *store;
    int dir;
    bool found;
};

static bool look_at_file(void *ctx, const char *file)
{
    struct search *search = ctx;
    struct mail m;
    search->found =
        message_file_parse_name(file, &m) && is_due(search->store, search->dir, &m, file);
    return !search->found;
}

bool expiry_is_due(struct store *s, const char *name)
{
    struct search search = {s, store_open_inside(s, LAYOUT_USERS, name), false};
    if (search.dir < 0)
        return errno != ENOENT;
    bool read = os_file_each(search.dir, look_at_file, &search);
    os_file_close(search.dir);
    return search.found || !read;
}

/*
 * Begins to move messages with ids of at least *first, which becomes the id to go on with. Adds to
 * *moved. Returns whether there are more.
 */
static bool move_some(struct mailbox *mb, uint64_t *first, uint64_t *moved)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    bool failed = false;
    unsigned tried = 0;
    struct mail m;
    if (mailbox_is_read_only(mb) || mailbox_lock(mb) != ST_OK)
        return false;
    size_t i = index_seek(mb->index, *first), end = index_count(mb->index);
    for (; i < end && tried < MOVED_AT_ONCE && !failed; i++) {
        index_get(mb->index, i, &m);
        message_file_name(&m, name);
        *first = (uint64_t)m.id + 1;
        if (!index_has(mb->index, INDEX_LIVE, i) || !is_due(mb->store, mb->dir, &m, name))
            continue;
        enum status st = mailbox_change_state(mb, i, MAIL_DELETED);
        *moved += st == ST_OK;
        failed = st != ST_OK && st != ST_NO_MESSAGE;
        tried++;
    }
    mailbox_unlock(mb);
    return i < end && !failed;
}

void expiry_move(struct mailbox *mb)
{
    struct store *s = mb->store;
    uint64_t first = 0, moved = 0;
    while (move_some(mb, &first, &moved))
        ;
    if (moved == 0 || mailbox_sync(mb, " after old mail was moved to the trash") != ST_OK)
        return;
    if (s->events.expired)
        s->events.expired(s->events.ctx, mb->who.name, moved);
    if (s->limits.trash_s == 0)
        trash_purge(mb);
}
