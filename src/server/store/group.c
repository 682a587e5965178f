/* SPDX-License-Identifier: ISC */
#include "store/group.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/crypt.h"
#include "os/file.h"
#include "os/process.h"
#include "store/account.h"
#include "store/fence.h"
#include "store/group_place.h"
#include "store/mailbox_private.h"
#include "store/store_private.h"

#define TRIES 10 /* to change a group that others change, too */

#define STRINGS(x) #x
#define STRING(x)  STRINGS(x)

static const char is_account[] = "an account has this name";
static const char is_group[] = "it is a group; only accounts can be members";
static const char is_no_group[] = "no such group";
static const char is_no_member[] = "not a member of this group";
static const char is_damaged[] =
    "its file in groups/ is damaged: delete the group, then restore it from a backup or add it "
    "again";
static const char is_large[] = "a group has at most " STRING(GROUP_MEMBERS) " members";

/* --- reading --- */

/* ST_NO_USER: there is no such file. ST_DAMAGED: it does not have the contents of a group. */
static enum status load_group(struct store *s, int dir, const char *name, struct group *g)
{
    struct os_file_info info;
    enum status st = ST_OK;
    struct buf file;
    g->n = 0;
    buf_init(&file, GROUP_FILE_BYTES);
    bool there = os_file_look(dir, name, &info);
    if (there && info.owner != os_process_uid()) {
        store_trouble(s,
                      LAYOUT_GROUPS
                      "/%s belongs to the user with number %u, and is not used; see pochtactl "
                      "doctor",
                      name, info.owner);
        st = ST_IO;
    } else if (!there || !os_file_load(dir, name, &file)) {
        st = errno == ENOENT  ? ST_NO_USER
             : errno == EFBIG ? ST_DAMAGED
                              : store_failed(s, "read", LAYOUT_GROUPS "/%s", name);
    } else if (!group_file_parse(buf_span(&file), g)) {
        st = ST_DAMAGED;
    }
    buf_free(&file);
    return st;
}

enum status group_find(struct store *s, const char *name, struct group *g)
{
    int dir;
    enum status st = group_place_open(s, &dir);
    if (dir < 0)
        return st == ST_OK ? ST_NO_USER : st;
    st = load_group(s, dir, name, g);
    os_file_close(dir);
    if (st == ST_DAMAGED)
        store_trouble(s, "group %s: %s", name, is_damaged);
    return st;
}

/* --- changing --- */

enum edit_kind { EDIT_ADD, EDIT_REMOVE, EDIT_PUT };

/* A change of a group under way. */
struct edit {
    struct store *store;
    const char *name;
    enum edit_kind kind;
    const struct group *asked;
    struct group_refusal *refusal;
    int dir;
    bool there; /* the group, when it was read */
    struct group then, next;
};

static enum status refuse(struct edit *e, const char *name, const char *why, enum status st)
{
    snprintf(e->refusal->name, sizeof e->refusal->name, "%s", name);
    e->refusal->why = why;
    return st;
}

static bool is_read_only(struct store *s)
{
    return store_is_failed(s) || commit_failed(&s->group_commit);
}

/* A failure is final, as that of any other directory (commit.h). */
static enum status sync_groups(struct store *s, int dir)
{
    if (commit_sync(&s->group_commit, dir))
        return fence_proves(s) ? ST_OK : ST_UNKNOWN;
    store_failed(s, "sync", LAYOUT_GROUPS " (read-only from now on)");
    return ST_UNKNOWN;
}

/*
 * Opens the directory, and makes it for the first group. Its name is synced each time: the process
 * that made it may have been killed before its sync.
 */
static enum status open_to_write(struct edit *e)
{
    struct store *s = e->store;
    if (e->kind != EDIT_REMOVE && !os_file_make_dir(s->dir, LAYOUT_GROUPS) && errno != EEXIST)
        return store_failed(s, "create", LAYOUT_GROUPS);
    e->dir = os_file_open_subdir(s->dir, LAYOUT_GROUPS);
    if (e->dir < 0 && errno == ENOENT)
        return refuse(e, e->name, is_no_group, ST_NO_USER);
    if (e->dir < 0)
        return store_failed(s, "open", LAYOUT_GROUPS);
    enum status st = store_sync_top(s);
    if (st != ST_OK)
        commit_fail(&s->group_commit);
    return st;
}

/* Finds an account that is to become a member. */
static enum status find_member(struct edit *e, const char *name, struct who *who)
{
    struct account a;
    enum status st = account_find(e->store, name, who, &a);
    os_crypt_wipe(a.hash, sizeof a.hash);
    if (st != ST_NO_USER)
        return st == ST_OK ? st : refuse(e, name, NULL, st);
    bool group = group_place_check_free(e->store, name) == ST_USER_EXISTS;
    return refuse(e, name, group ? is_group : NULL, ST_NO_USER);
}

/* Makes the next state of the group out of the one it had. */
static enum status apply(struct edit *e)
{
    enum status st = ST_OK;
    e->next = e->kind == EDIT_PUT ? *e->asked : e->then;
    for (size_t i = 0; i < e->asked->n && st == ST_OK; i++) {
        const char *name = e->asked->members[i].name;
        struct who who;
        if (e->kind == EDIT_ADD) {
            st = find_member(e, name, &who);
            if (st == ST_OK && !group_insert(&e->next, &who))
                st = refuse(e, e->name, is_large, ST_FULL);
        } else if (e->kind == EDIT_REMOVE && !group_drop(&e->next, name)) {
            st = refuse(e, name, is_no_member, ST_NO_USER);
        }
    }
    return st;
}

static enum status read_then(struct edit *e)
{
    enum status st = load_group(e->store, e->dir, e->name, &e->then);
    e->there = st == ST_OK;
    if (st == ST_DAMAGED)
        return refuse(e, e->name, is_damaged, st);
    if (st == ST_NO_USER)
        return e->kind == EDIT_REMOVE ? refuse(e, e->name, is_no_group, st) : ST_OK;
    return st;
}

/*
 * Gives the new file, which is durable, its name. ST_BUSY: the group is not as it was then. The
 * file has its name only on ST_OK. now: room for another look.
 */
static enum status enter_file(struct edit *e, const char *temporary, struct group *now)
{
    struct store *s = e->store;
    enum status st = mailbox_take_stripe(s, lock_stripe(s->locks, e->name), e->name);
    if (st != ST_OK)
        return st;
    st = load_group(s, e->dir, e->name, now);
    bool there = st == ST_OK;
    if (st == ST_NO_USER)
        st = ST_OK;
    if (st == ST_OK && (there != e->there || !group_is_same(now, &e->then)))
        st = ST_BUSY;
    if (st == ST_OK && !os_file_rename_over(e->dir, temporary, e->dir, e->name))
        st = store_failed(s, "rename", LAYOUT_GROUPS "/%s", temporary);
    lock_give(s->locks, lock_stripe(s->locks, e->name));
    return st;
}

/* The new file is written and synced before the lock is taken: nobody waits for a sync. */
static enum status rewrite_file(struct edit *e)
{
    char plain[LAYOUT_NAME_BYTES], temporary[LAYOUT_NAME_BYTES + sizeof LAYOUT_REMOVING];
    struct store *s = e->store;
    struct buf text;
    enum status st = read_then(e);
    if (st == ST_OK && e->there && e->kind == EDIT_PUT)
        st = ST_USER_EXISTS;
    if (st == ST_OK)
        st = apply(e);
    if (st != ST_OK)
        return st;
    store_temporary(s, plain);
    snprintf(temporary, sizeof temporary, LAYOUT_REMOVING "%s", plain);
    buf_init(&text, GROUP_FILE_BYTES);
    group_file_add(&text, &e->next);
    if (!buf_ok(&text))
        errno = ENOMEM;
    if (!buf_ok(&text) || !os_file_make(e->dir, temporary, buf_span(&text)))
        st = store_failed(s, "write", LAYOUT_GROUPS "/%s", temporary);
    buf_free(&text);
    if (st != ST_OK)
        return st;
    st = enter_file(e, temporary, &e->next);
    if (st != ST_OK)
        os_file_remove(e->dir, temporary);
    return st;
}

/* Whether a group may have this name, and there is room for it. */
static enum status check_name(struct edit *e)
{
    struct store *s = e->store;
    enum status st = store_check_space(s, GROUP_FILE_BYTES);
    if (st != ST_OK)
        return st;
    if (name_is_reserved(e->name))
        return ST_RESERVED;
    if (os_file_exists(s->dirs[LAYOUT_USERS], e->name))
        return refuse(e, e->name, is_account, ST_USER_EXISTS);
    return errno == ENOENT ? ST_OK : store_failed(s, "look at", "users/%s", e->name);
}

static enum status run_edit(struct edit *e)
{
    enum status st = is_read_only(e->store) ? ST_READ_ONLY : ST_OK;
    if (st == ST_OK && e->kind != EDIT_REMOVE)
        st = check_name(e);
    if (st == ST_OK)
        st = open_to_write(e);
    if (st == ST_OK)
        st = ST_BUSY;
    for (int i = 0; i < TRIES && st == ST_BUSY; i++)
        st = rewrite_file(e);
    return st == ST_OK ? sync_groups(e->store, e->dir) : st;
}

static enum status change(struct store *s, const char *name, enum edit_kind kind,
                          const struct group *asked, struct group_refusal *refusal)
{
    struct edit *e = calloc(1, sizeof *e);
    snprintf(refusal->name, sizeof refusal->name, "%s", name);
    refusal->why = NULL;
    if (!e) {
        errno = ENOMEM;
        return store_failed(s, "change", LAYOUT_GROUPS "/%s", name);
    }
    e->store = s;
    e->name = name;
    e->kind = kind;
    e->asked = asked;
    e->refusal = refusal;
    e->dir = -1;
    enum status st = run_edit(e);
    os_file_close(e->dir);
    free(e);
    return st;
}

enum status group_add(struct store *s, const char *name, const struct group *asked,
                      struct group_refusal *refusal)
{
    return change(s, name, EDIT_ADD, asked, refusal);
}

enum status group_remove(struct store *s, const char *name, const struct group *asked,
                         struct group_refusal *refusal)
{
    return change(s, name, EDIT_REMOVE, asked, refusal);
}

enum status group_put(struct store *s, const char *name, const struct group *g)
{
    struct group_refusal refusal = {.why = NULL};
    return change(s, name, EDIT_PUT, g, &refusal);
}

enum status group_delete(struct store *s, const char *name)
{
    unsigned stripe = lock_stripe(s->locks, name);
    if (is_read_only(s))
        return ST_READ_ONLY;
    int dir;
    enum status st = group_place_open(s, &dir);
    if (dir < 0)
        return st == ST_OK ? ST_NO_USER : st;
    st = mailbox_take_stripe(s, stripe, name);
    if (st == ST_OK) {
        if (!os_file_remove(dir, name))
            st =
                errno == ENOENT ? ST_NO_USER : store_failed(s, "remove", LAYOUT_GROUPS "/%s", name);
        lock_give(s->locks, stripe);
    }
    if (st == ST_OK)
        st = sync_groups(s, dir);
    os_file_close(dir);
    return st;
}

/* --- all groups --- */

struct visit {
    struct store *store;
    int dir;
    bool (*each)(void *ctx, const char *name);
    void (*finding)(void *ctx, const char *file, const char *what);
    void *ctx;
    struct group *group;
};

static bool is_unfinished(const char *name)
{
    return name[0] == LAYOUT_REMOVING[0];
}

/* Calls one(v, name) for each file. A store that lacks the directory has none. */
static bool visit(struct visit *v, bool (*one)(void *ctx, const char *name))
{
    enum status st = group_place_open(v->store, &v->dir);
    if (v->dir < 0)
        return st == ST_OK;
    bool ok = os_file_each(v->dir, one, v);
    if (!ok)
        store_failed(v->store, "list", LAYOUT_GROUPS);
    os_file_close(v->dir);
    return ok;
}

static bool give_name(void *ctx, const char *name)
{
    const struct visit *v = ctx;
    char folded[NAME_BYTES + 1];
    if (!name_fold(span_str(name), folded) || strcmp(folded, name) != 0)
        return true; /* fsck reports it */
    return v->each(v->ctx, name);
}

bool group_each(struct store *s, bool (*each)(void *ctx, const char *name), void *ctx)
{
    struct visit v = {.store = s, .each = each, .ctx = ctx};
    return visit(&v, give_name);
}

static bool check_file(void *ctx, const char *name)
{
    const struct visit *v = ctx;
    char folded[NAME_BYTES + 1];
    if (is_unfinished(name))
        return true;
    if (!name_fold(span_str(name), folded) || strcmp(folded, name) != 0) {
        v->finding(v->ctx, name, "not a group");
        return true;
    }
    enum status st = load_group(v->store, v->dir, name, v->group);
    if (st == ST_DAMAGED)
        v->finding(v->ctx, name, "its contents are damaged");
    else if (st != ST_OK && st != ST_NO_USER)
        v->finding(v->ctx, name, "it cannot be read");
    if (st != ST_NO_USER && os_file_exists(v->store->dirs[LAYOUT_USERS], name))
        v->finding(v->ctx, name, "an account has the same name, and gets all mail to it");
    return true;
}

bool group_fsck(struct store *s, void (*finding)(void *ctx, const char *file, const char *what),
                void *ctx)
{
    struct visit v = {.store = s, .finding = finding, .ctx = ctx, .group = malloc(sizeof *v.group)};
    if (!v.group) {
        errno = ENOMEM;
        store_failed(s, "check", LAYOUT_GROUPS);
        return false;
    }
    bool ok = visit(&v, check_file);
    free(v.group);
    return ok;
}

static bool remove_unfinished(void *ctx, const char *name)
{
    const struct visit *v = ctx;
    if (is_unfinished(name))
        os_file_remove(v->dir, name);
    return true;
}

void group_remove_unfinished(struct store *s)
{
    struct visit v = {.store = s};
    visit(&v, remove_unfinished);
}
