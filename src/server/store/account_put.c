/* SPDX-License-Identifier: ISC */
#include "store/account_put.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "os/error.h"
#include "os/file.h"
#include "os/mount.h"
#include "os/random.h"
#include "store/account.h"
#include "store/changes.h"
#include "store/group_place.h"
#include "store/message_copy.h"
#include "store/store_private.h"
#include "store/trash.h"

#define WHAT_BYTES 200

/* Reports that an account cannot be restored, and which command helps. */
static enum status refuse(struct account_copy_told *told, const char *name, const char *why,
                          const char *verb)
{
    char what[WHAT_BYTES];
    snprintf(what, sizeof what, "%s: pochtactl user %s %s", why, verb, name);
    account_copy_tell(told, name, NULL, what);
    return ST_NO_USER;
}

enum status account_put_check(struct store *s, const struct who *who,
                              struct account_copy_told *told)
{
    char kept[LAYOUT_NAME_BYTES];
    struct who now;
    struct account a;
    enum status st = account_find(s, who->name, &now, &a);
    os_crypt_wipe(a.hash, sizeof a.hash);
    if (st == ST_OK && strcmp(now.generation, who->generation) == 0)
        return ST_USER_EXISTS;
    if (st == ST_OK)
        return refuse(told, who->name,
                      "the store has another account with this name; to restore this one, first "
                      "delete that one",
                      "delete");
    if (st != ST_NO_USER)
        return st;
    if (name_is_reserved(who->name)) {
        account_copy_tell(told, who->name, NULL, "the name is reserved for the server");
        return ST_NO_USER;
    }
    st = group_place_check_free(s, who->name);
    if (st == ST_USER_EXISTS)
        account_copy_tell(told, who->name, NULL,
                          "the store has a group with this name; to restore the account, first "
                          "delete the group");
    if (st != ST_OK)
        return st == ST_USER_EXISTS ? ST_NO_USER : st;
    layout_account(who->name, who->generation, kept);
    if (os_file_exists(s->dirs[LAYOUT_REMOVED], kept))
        return refuse(told, who->name, "it was deleted, but is still in the store; to restore it",
                      "restore");
    return errno == ENOENT ? ST_OK : store_failed(s, "look at", "removed/%s", kept);
}

/* --- an account --- */

/* Under way. */
struct making {
    struct store *store;
    struct account_put *put;
    int from, to;
    bool sync;        /* each file */
    const char *path; /* of the copy */
    struct account_copy_told *told;
};

static enum status make_failed(const struct making *k, const char *name)
{
    return store_failed(k->store, "write", "new/%s/%s", k->put->temporary, name);
}

/* The copy cannot be read (errno), which concerns this account alone unless it is a shortage. */
static enum status cannot_read(const struct making *k, const char *operation, const char *name)
{
    char what[WHAT_BYTES];
    if (store_is_shortage(errno))
        return store_failed(k->store, operation, "%s/%s", k->path, name ? name : "");
    enum status st = account_copy_unread(errno);
    snprintf(what, sizeof what, "the copy cannot be read, and nothing was restored: %s",
             os_error_text(errno));
    account_copy_tell(k->told, k->put->who.name, name, what);
    return st;
}

static enum status make_file(const struct making *k)
{
    struct buf file;
    struct who who = k->put->who;
    struct account a = account_file_standard;
    enum status st = ST_OK;
    buf_init(&file, ACCOUNT_FILE_BYTES);
    bool loaded = os_file_load(k->from, LAYOUT_ACCOUNT, &file);
    if (!loaded && errno != ENOENT && errno != EFBIG) {
        st = cannot_read(k, "read", LAYOUT_ACCOUNT);
    } else if (!loaded || !account_file_parse(buf_span(&file), &who, &a) ||
               strcmp(who.generation, k->put->who.generation) != 0) {
        account_copy_tell(k->told, who.name, LAYOUT_ACCOUNT,
                          "it is missing, damaged or of another account; nothing was restored");
        st = ST_DAMAGED;
    } else if (!(k->sync ? account_file_write : account_file_write_unsynced)(k->to, LAYOUT_ACCOUNT,
                                                                             &k->put->who, &a)) {
        st = make_failed(k, LAYOUT_ACCOUNT);
    }
    os_crypt_wipe(a.hash, sizeof a.hash);
    os_crypt_wipe(file.p, file.n);
    buf_free(&file);
    return st;
}

static enum status make_aside(const struct making *k, const struct mail *m, const char *why)
{
    char name[MESSAGE_FILE_NAME_BYTES], aside[MESSAGE_FILE_NAME_BYTES], what[WHAT_BYTES];
    message_file_name(m, name);
    if (m->state == MAIL_BROKEN)
        return ST_OK;
    snprintf(what, sizeof what, "the copy is damaged, and set aside: %s", why);
    account_copy_tell(k->told, k->put->who.name, name, what);
    if (message_copy_set_aside(k->to, m, aside))
        return ST_OK;
    /* Another damaged file differs only in its state. */
    return errno == EEXIST && os_file_remove(k->to, name) ? ST_OK : make_failed(k, aside);
}

static enum status make_message(const struct making *k, const struct mail *m)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    const char *why;
    uint64_t bytes;
    message_file_name(m, name);
    if (m->state == MAIL_EXPUNGED)
        return message_copy_tombstone(k->to, m, k->sync) ? ST_OK : make_failed(k, name);
    enum message_copied copied = message_copy(k->from, m, k->to, name, k->sync, &bytes, &why);
    /* A second look, as a reader has: the first one may have read wrongly. */
    if ((copied == MESSAGE_COPY_DAMAGED || copied == MESSAGE_COPY_UNREADABLE) &&
        os_file_remove(k->to, name))
        copied = message_copy(k->from, m, k->to, name, k->sync, &bytes, &why);
    k->told->bytes += bytes;
    switch (copied) {
    case MESSAGE_COPY_WHOLE:
        k->told->copied++;
        return ST_OK;
    case MESSAGE_COPY_DAMAGED:
        return make_aside(k, m, why);
    case MESSAGE_COPY_UNREADABLE:
        return make_aside(k, m, os_error_text(errno));
    case MESSAGE_COPY_GONE: /* since the directory was listed */
        return ST_OK;
    default:
        return make_failed(k, name);
    }
}

/* If several files have one id, a server gives each of them an id of its own (mailbox_read_names),
 * but not those that were set aside. */
static bool is_message(const struct account_names *names, size_t i)
{
    const struct mail *m = &names->all[i];
    return i == 0 || m[-1].id != m->id || m->state != MAIL_BROKEN;
}

static enum status make_messages(const struct making *k)
{
    struct account_names names = {.n = 0};
    enum status st = account_names_read(&names, k->from);
    if (st == ST_IO)
        st = cannot_read(k, "list", NULL);
    for (size_t i = 0; i < names.n && st == ST_OK; i++) {
        if (is_message(&names, i))
            st = make_message(k, &names.all[i]);
        if (k->told->progress)
            k->told->progress(k->told->ctx);
    }
    account_names_free(&names);
    return st;
}

static enum status make_opened(struct making *k)
{
    k->sync = !os_mount_reports_sync(k->to);
    enum status st = make_file(k);
    if (st == ST_OK)
        st = make_messages(k);
    if (st == ST_OK && k->sync && !os_file_sync_dir(k->to))
        st = store_failed(k->store, "sync", "new/%s", k->put->temporary);
    return st;
}

/* The name in new/ is random: what a killed process left there must not be in the way. */
enum status account_put_make(struct store *s, const struct who *who, int copy, const char *path,
                             struct account_copy_told *told, struct account_put *put)
{
    char random[STORE_GENERATION_DIGITS + 1];
    struct making k = {.store = s, .put = put, .from = copy, .path = path, .told = told};
    *put = (struct account_put){.who = *who};
    enum status st = store_is_read_only(s, LAYOUT_USERS) ? ST_READ_ONLY : ST_OK;
    if (st != ST_OK)
        return st;
    os_random_hex(random, STORE_GENERATION_DIGITS);
    layout_account(who->name, random, put->temporary);
    if (!os_file_make_dir(s->dirs[LAYOUT_NEW], put->temporary)) {
        st = store_failed(s, "create", "new/%s", put->temporary);
        put->temporary[0] = '\0';
        return st;
    }
    k.to = os_file_open_subdir(s->dirs[LAYOUT_NEW], put->temporary);
    st = k.to >= 0 ? make_opened(&k) : store_failed(s, "open", "new/%s", put->temporary);
    os_file_close(k.to);
    if (st != ST_OK)
        account_put_discard(s, put);
    return st;
}

enum status account_put_enter(struct store *s, struct account_put *put)
{
    enum status st = account_give_name(s, put->temporary, put->who.name);
    if (st == ST_OK)
        put->temporary[0] = '\0';
    if (st == ST_OK && trash_note_all(s, put->who.name)) /* for the housekeeper */
        changes_note_trash(s, put->who.name, NULL);
    account_put_discard(s, put);
    return st;
}

void account_put_discard(struct store *s, struct account_put *put)
{
    if (put->temporary[0])
        account_discard(s, put->temporary);
    put->temporary[0] = '\0';
}
