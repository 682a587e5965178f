/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "os/error.h"
#include "os/file.h"
#include "store/account_put.h"
#include "store/cache.h"
#include "store/changes.h"
#include "store/mailbox_private.h"
#include "store/message_copy.h"
#include "store/store_private.h"

/* A letter on its way back. */
struct letter {
    struct mailbox *mb;
    struct mail mail; /* as it will be */
    char temporary[LAYOUT_NAME_BYTES];
    const char *why;
};

/* Finds it in the copy. If several have one id, the first counts, as in a mailbox. */
static enum status find_in_copy(struct letter *l, int copy, const char *path, uint32_t id)
{
    struct account_names names = {.n = 0};
    enum status st = account_names_read(&names, copy);
    size_t i = 0;
    if (st != ST_OK) {
        errno = st == ST_NO_MEMORY ? ENOMEM : errno;
        st = store_failed(l->mb->store, "list", "%s", path);
    }
    while (st == ST_OK && i < names.n && names.all[i].id != id)
        i++;
    if (st == ST_OK && i == names.n) {
        l->why = "the backup has no message with this id";
        st = ST_NO_MESSAGE;
    } else if (st == ST_OK) {
        l->mail = names.all[i];
        if (l->mail.state == MAIL_EXPUNGED)
            l->why = "it was purged before this backup";
        else if (l->mail.state == MAIL_BROKEN)
            l->why = "it was damaged before this backup";
        st = l->why ? ST_NO_MESSAGE : ST_OK;
    }
    account_names_free(&names);
    return st;
}

/* In new/, since a server removes the temporaries of other processes from a mailbox. */
static enum status write_temporary(struct letter *l, int copy)
{
    struct store *s = l->mb->store;
    uint64_t bytes;
    store_temporary(s, l->temporary);
    int new = s->dirs[LAYOUT_NEW];
    switch (message_copy(copy, &l->mail, new, l->temporary, true, &bytes, &l->why)) {
    case MESSAGE_COPY_WHOLE:
        return ST_OK;
    case MESSAGE_COPY_FAILED:
    case MESSAGE_COPY_SHORTAGE:
        return store_failed(s, "write", "new/%s", l->temporary);
    case MESSAGE_COPY_UNREADABLE:
        l->why = os_error_text(errno);
        break;
    case MESSAGE_COPY_GONE:
        l->why = "the backup has no message with this id";
        break;
    case MESSAGE_COPY_DAMAGED:
        break;
    }
    return ST_DAMAGED;
}

/*
 * With the lock held: returns why the mailbox does not accept it, or NULL. *tombstone: the mailbox
 * has its tombstone.
 */
static const char *find_obstacle(const struct letter *l, bool *tombstone)
{
    const struct index *ix = l->mb->index;
    size_t position = index_find(ix, l->mail.id);
    struct mail now = {.state = MAIL_GONE};
    *tombstone = false;
    if (l->mail.id > index_last_id(ix))
        return "the account has not reached this id yet, and will give it to another message";
    if (position != INDEX_NONE)
        index_get(ix, position, &now);
    if (now.state != MAIL_GONE && !message_file_is_same(&now, &l->mail))
        return "the account has another message with this id";
    if (now.state == MAIL_DELETED)
        return "it is in the trash";
    *tombstone = now.state == MAIL_EXPUNGED;
    if (now.state != MAIL_GONE && now.state != MAIL_BROKEN && !*tombstone)
        return "the account already has it";
    position = l->mail.token[0] ? index_find_token(ix, l->mail.from, l->mail.token) : INDEX_NONE;
    if (position != INDEX_NONE) {
        index_get(ix, position, &now);
        if (now.id != l->mail.id)
            return "its sender has sent it again: the account has it under another id";
    }
    return NULL;
}

/*
 * With the lock held. The letter first replaces its tombstone, and then gets its own name. After a
 * crash in between, it is a tombstone with a body, and the body is removed when the mailbox is next
 * read.
 */
static bool give_name(const struct letter *l, bool tombstone)
{
    char name[MESSAGE_FILE_NAME_BYTES], expunged[MESSAGE_FILE_NAME_BYTES];
    struct mail dead = l->mail;
    int dir = l->mb->dir, new = l->mb->store->dirs[LAYOUT_NEW];
    dead.state = MAIL_EXPUNGED;
    message_file_name(&l->mail, name);
    message_file_name(&dead, expunged);
    if (!tombstone)
        return os_file_rename_new(new, l->temporary, dir, name);
    return os_file_rename_over(new, l->temporary, dir, expunged) &&
           os_file_rename_new(dir, expunged, dir, name);
}

static enum status enter_letter(struct letter *l)
{
    struct mailbox *mb = l->mb;
    bool tombstone;
    enum status st = mailbox_lock(mb);
    if (st != ST_OK)
        return st;
    changes_note(mb->store, mb->who.name, NULL);
    l->why = find_obstacle(l, &tombstone);
    if (l->why)
        st = ST_NO_MESSAGE;
    else if (!give_name(l, tombstone))
        st = store_failed(mb->store, "rename", "new/%s into users/%s", l->temporary, mb->who.name);
    atomic_store(&mb->doubtful, true);
    mailbox_unlock(mb);
    return st == ST_OK ? mailbox_sync(mb, " after a restore") : st;
}

enum status account_put_letter(struct store *s, const struct who *who, int copy, const char *path,
                               uint32_t id, const char **why)
{
    struct letter l = {.why = NULL};
    enum status st = mailbox_open(s, who, &l.mb);
    if (st == ST_OK && mailbox_is_read_only(l.mb))
        st = ST_READ_ONLY;
    if (st == ST_OK)
        st = find_in_copy(&l, copy, path, id);
    if (st == ST_OK)
        st = store_check_space(s, l.mail.size);
    if (st == ST_OK) {
        st = write_temporary(&l, copy);
        if (l.mail.state == MAIL_DELETED)
            l.mail.state = MAIL_NORMAL;
        if (st == ST_OK)
            st = enter_letter(&l);
        if (st != ST_OK && st != ST_UNKNOWN)
            os_file_remove(s->dirs[LAYOUT_NEW], l.temporary);
    }
    mailbox_close(l.mb);
    *why = l.why;
    return st;
}
