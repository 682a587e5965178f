/* SPDX-License-Identifier: ISC */
#include "store/redo_account.h"

#include <errno.h>
#include <string.h>

#include "os/file.h"
#include "os/mount.h"
#include "store/account_file.h"
#include "store/store_private.h"

/* Opens the account's directory if it is the one of this generation. -1: errno, ENOENT if not. */
static int open_generation(struct store *s, enum layout_dir which, const char *name,
                           const struct who *who)
{
    struct who found = *who;
    struct account file;
    int dir = store_open_inside(s, which, name);
    if (dir < 0)
        return -1;
    enum status st = account_file_read(s, dir, &found, &file);
    os_crypt_wipe(file.hash, sizeof file.hash);
    if (st == ST_OK && strcmp(found.generation, who->generation) != 0)
        errno = ENOENT;
    else if (st == ST_OK && !os_mount_is_one(dir, s->log_dir))
        errno = EXDEV; /* the syncs are of the file system that the log is on */
    else if (st == ST_OK)
        return dir;
    else if (errno == ENOENT)
        errno = EIO; /* an account without its file */
    os_file_close(dir);
    return -1;
}

bool redo_account_open(struct redo_account *a, struct store *s, const struct who *who)
{
    char removed[LAYOUT_NAME_BYTES];
    *a = (struct redo_account){.store = s};
    a->dir = open_generation(s, LAYOUT_USERS, who->name, who);
    if (a->dir >= 0 || errno != ENOENT)
        return a->dir >= 0;
    layout_account(who->name, who->generation, removed);
    a->removed = true;
    a->dir = open_generation(s, LAYOUT_REMOVED, removed, who);
    return a->dir >= 0;
}

void redo_account_close(struct redo_account *a)
{
    int error = errno;
    os_file_close(a->dir);
    index_unref(a->index);
    errno = error;
}

/* A new file that an earlier recovery has left takes room that this one needs. */
static void drop_copy(const struct redo_account *a, const char *name)
{
    const char *process = name + strlen(LAYOUT_TEMPORARY);
    if (a->drop_copies && layout_file(name) == LAYOUT_FILE_TEMPORARY &&
        strncmp(process, a->store->process, STORE_PROCESS_DIGITS) != 0)
        os_file_remove(a->dir, name);
}

static bool add_name(void *ctx, const char *name)
{
    struct redo_account *a = ctx;
    struct mail m;
    if (message_file_parse_name(name, &m))
        a->failed = !index_add(a->index, &m);
    else
        drop_copy(a, name);
    return !a->failed;
}

bool redo_account_list(struct redo_account *a)
{
    a->index = index_new();
    a->failed = !a->index;
    bool listed = a->failed || os_file_each(a->dir, add_name, a);
    if (listed && (a->failed || !index_sort(a->index, NULL, NULL))) {
        errno = ENOMEM;
        return false;
    }
    if (!listed)
        return false;
    a->free_id = index_last_id(a->index) + 1;
    return true;
}

/* --- what becomes of a message --- */

/* The states in which a message has a file of its own, or had one. */
static const enum mail_state states[] = {MAIL_UNREAD, MAIL_NORMAL, MAIL_DELETED, MAIL_EXPUNGED};

/*
 * Looks for the file of a message, whose name depends on its state. False: errno, which is ENOENT
 * if there is no such file. After any other error the file may exist: it must not be written again.
 */
static bool find_file(int dir, const struct mail *m, struct mail *as, struct os_file_info *info)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    *as = *m;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        as->state = states[i];
        message_file_name(as, name);
        if (os_file_look(dir, name, info))
            return true;
        if (errno != ENOENT)
            return false;
    }
    return false;
}

/*
 * A file whose blocks could not be allocated when it was written back loses its contents, and no
 * sync fails (this was measured on ext4). But it has no blocks then.
 */
bool redo_account_has(const struct redo_account *a, const struct redo_message *m)
{
    struct os_file_info info;
    struct mail as;
    return find_file(a->dir, &m->mail, &as, &info) &&
           (as.state == MAIL_EXPUNGED || info.disk_bytes >= m->file.n);
}

/* Whether a file has exactly these bytes. False: errno is 0 if it has others. */
static bool is_file_of(int dir, const struct mail *m, struct span bytes)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    struct buf file;
    message_file_name(m, name);
    buf_init(&file, bytes.n);
    bool loaded = os_file_load(dir, name, &file);
    bool same = loaded && span_eq(buf_span(&file), bytes);
    if (loaded || errno == EFBIG)
        errno = 0;
    buf_free(&file);
    return same;
}

enum redo_fate redo_account_decide_moved(const struct redo_account *a, const struct redo_message *m)
{
    struct mail found, same;
    for (size_t i = 0; i < index_count(a->index); i++) {
        index_get(a->index, i, &found);
        same = found;
        same.id = m->mail.id;
        /* A broken file does not have these bytes; it goes when its own record is written again. */
        if (found.id == m->mail.id || found.state == MAIL_BROKEN ||
            !message_file_is_same(&same, &m->mail))
            continue;
        if (is_file_of(a->dir, &found, m->file))
            return REDO_NOTHING;
        if (errno != 0)
            return REDO_UNKNOWN;
    }
    return REDO_NEW;
}

/*
 * Whether a message with the same sender and token is there under another id. Under its own id, it
 * was there when the account was listed, and has been set aside since.
 */
static bool has_repeat(const struct index *ix, const struct mail *m)
{
    size_t position = m->token[0] ? index_find_token(ix, m->from, m->token) : INDEX_NONE;
    struct mail found = {.id = m->id};
    if (position != INDEX_NONE)
        index_get(ix, position, &found);
    return found.id != m->id;
}

enum redo_fate redo_account_decide(const struct redo_account *a, const struct redo_message *rm,
                                   struct mail *as)
{
    const struct index *ix = a->index;
    const struct mail *m = &rm->mail;
    struct os_file_info info;
    bool taken = false;
    struct mail found;
    if (find_file(a->dir, m, as, &info))
        return as->state == MAIL_EXPUNGED ? REDO_NOTHING : REDO_SAME;
    if (errno != ENOENT)
        return REDO_UNKNOWN;
    *as = *m;
    for (size_t i = index_seek(ix, m->id); i < index_count(ix); i++) {
        index_get(ix, i, &found);
        if (found.id != m->id)
            break;
        if (!message_file_is_same(&found, m))
            taken = true;
        else if (found.state == MAIL_BROKEN)
            as->state = MAIL_UNREAD;
    }
    if (has_repeat(ix, m))
        return REDO_NOTHING;
    if (!taken)
        return REDO_NEW;
    as->id = a->free_id;
    return redo_account_decide_moved(a, rm);
}
