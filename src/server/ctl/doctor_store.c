/* SPDX-License-Identifier: ISC */
/* Facts about the store and its files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/control_wire.h"
#include "ctl/doctor.h"
#include "os/clock.h"
#include "os/error.h"
#include "store/account_file.h"
#include "store/door_key.h"
#include "store/group_file.h"
#include "store/layout.h"
#include "store/lock_file.h"
#include "store/message_file.h"
#include "store/recovery.h"
#include "store/redo_segment.h"

#define FUTURE_S  60 /* clocks may differ by this much */
#define DEPTH_MAX 8

/* A walk through a store. */
struct walk {
    struct doctor_store *s;
    const struct config *config;
    int64_t now;
    int top; /* the store */
    int dir; /* the current directory */
    unsigned depth;
    unsigned users;       /* entries of users/ so far */
    int64_t until_ms;     /* see DOCTOR_MS */
    bool cut;             /* this time is over in the current directory of the store */
    bool account;         /* the current account has its file */
    uint64_t mail, quota; /* bytes of the mail of the current account; its quota, 0: none */
    char path[PATH_MAX];  /* of the current entry, relative to the store */
};

static void count_named(struct walk *w, enum doctor_odd which, const char *name)
{
    struct doctor_odds *o = &w->s->odd[which];
    if (o->n++ == 0)
        snprintf(o->first, sizeof o->first, "%s", name);
}

static void count_odd(struct walk *w, enum doctor_odd which)
{
    count_named(w, which, w->path);
}

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Whether an entry was being made or removed by a process that died. Files of mail: look_mail. */
static bool is_temporary(const struct walk *w, const char *name)
{
    struct span end = SPAN(LAYOUT_UNFINISHED), file = span_str(name);
    if (w->depth == 0)
        return starts(name, LAYOUT_LOCK ".") || starts(name, LAYOUT_VERSION ".") ||
               strcmp(name, LAYOUT_PROGRAMS LAYOUT_UNFINISHED) == 0 ||
               strcmp(name, LAYOUT_DOORS LAYOUT_UNFINISHED) == 0;
    if (w->depth != 1)
        return false;
    if (starts(w->path, "invites/") && file.n > end.n)
        return name_invite_ok(span_first(file, file.n - end.n)) &&
               span_eq(span_skip(file, file.n - end.n), end);
    return starts(w->path, "new/") || starts(w->path, "removed/~") ||
           starts(w->path, LAYOUT_GROUPS "/" LAYOUT_REMOVING);
}

/* Adds the quota of an account: its own, or that of the configuration. */
static void look_account(struct walk *w, const char *name)
{
    struct account a;
    struct who who;
    struct buf text;
    buf_init(&text, DOCTOR_FILE_LIMIT);
    if (!os_file_load(w->dir, name, &text) || !account_file_parse(buf_span(&text), &who, &a)) {
        count_odd(w, ODD_ACCOUNT);
    } else {
        bool own = a.quota_bytes != ACCOUNT_QUOTA_STANDARD;
        uint64_t bytes = own ? a.quota_bytes : w->config->quota_bytes;
        w->s->unlimited += bytes == 0;
        w->quota = bytes;
        /* A quota that nobody has set guards against abuse; it does not promise so much room. */
        if (own || w->config->origin[CONFIG_KEY_quota_bytes].source != CONFIG_DEFAULT)
            w->s->quotas += bytes;
    }
    os_crypt_wipe(&a, sizeof a);
    os_crypt_wipe(text.p, text.n);
    buf_free(&text);
}

/* Looks at a file of an account: w->path is users/NAME/FILE. */
static void look_mail(struct walk *w, const char *name, uint64_t bytes)
{
    struct mail m;
    if (layout_file(name) == LAYOUT_FILE_ACCOUNT) {
        w->account = true;
        look_account(w, name);
    } else if (layout_file(name) == LAYOUT_FILE_TEMPORARY ||
               layout_file(name) == LAYOUT_FILE_NEW_ACCOUNT) {
        count_odd(w, ODD_TEMPORARY);
    } else if (message_file_parse_name(name, &m)) {
        if (m.state == MAIL_BROKEN)
            count_odd(w, ODD_BROKEN);
        if (m.time > w->now + FUTURE_S)
            count_odd(w, ODD_FUTURE);
        if (m.state != MAIL_BROKEN && m.state != MAIL_EXPUNGED)
            w->mail += m.size;
        w->s->quotas -= bytes < w->s->quotas ? bytes : w->s->quotas;
    }
}

/* Whether the account that was added to a group was deleted. An account that cannot be read is
 * there. */
static bool is_gone(const struct walk *w, const struct who *member)
{
    struct account a;
    struct who who = {.generation = ""};
    struct buf text;
    char path[sizeof "users//" LAYOUT_ACCOUNT + NAME_BYTES];
    buf_init(&text, DOCTOR_FILE_LIMIT);
    snprintf(path, sizeof path, "users/%s/" LAYOUT_ACCOUNT, member->name);
    bool read = os_file_load(w->top, path, &text);
    bool gone = !read && errno == ENOENT;
    if (read && account_file_parse(buf_span(&text), &who, &a))
        gone = strcmp(who.generation, member->generation) != 0;
    os_crypt_wipe(&a, sizeof a);
    os_crypt_wipe(text.p, text.n);
    buf_free(&text);
    return gone;
}

/* What cannot be read, or has another name than a group, is for fsck. */
static void look_group(struct walk *w, const char *name)
{
    char folded[NAME_BYTES + 1];
    bool named = name_fold(span_str(name), folded) && strcmp(folded, name) == 0;
    struct group *g = named ? malloc(sizeof *g) : NULL;
    struct buf text;
    buf_init(&text, GROUP_FILE_BYTES);
    if (g && os_file_load(w->dir, name, &text) && group_file_parse(buf_span(&text), g)) {
        if (g->n == 0)
            count_named(w, ODD_EMPTY, name);
        for (size_t i = 0; i < g->n; i++) {
            char both[2 * NAME_BYTES + 2];
            snprintf(both, sizeof both, "%s %s", name, g->members[i].name);
            if (is_gone(w, &g->members[i]))
                count_named(w, ODD_GONE, both);
        }
    }
    buf_free(&text);
    free(g);
}

static bool look_entry(void *ctx, const char *name);

static void look_inside(struct walk *w, const char *name)
{
    int outer = w->dir;
    bool account = w->depth == 1 && starts(w->path, "users/");
    uint64_t quotas = w->s->quotas;
    if (w->depth == 0) {
        w->until_ms = os_clock_ms() + DOCTOR_MS;
        w->cut = false;
    }
    if (account) {
        w->mail = w->quota = 0;
        w->account = false;
        if (name_is_reserved(name))
            count_odd(w, ODD_RESERVED);
    }
    w->dir = os_file_open_subdir(outer, name);
    w->depth++;
    if (w->dir < 0 || w->depth > DEPTH_MAX || !os_file_each(w->dir, look_entry, w))
        count_odd(w, ODD_CLOSED);
    w->depth--;
    os_file_close(w->dir);
    w->dir = outer;
    if (w->cut && account) { /* what was not looked at may be there */
        w->s->quotas = quotas;
        return;
    }
    if (account && !w->account)
        count_odd(w, ODD_ACCOUNT);
    if (account && w->quota > 0 && w->mail > w->quota)
        count_odd(w, ODD_FULL);
}

static void look_at(struct walk *w, const char *name, const struct os_file_info *i)
{
    if (i->owner != w->s->info.owner)
        count_odd(w, ODD_OWNER);
    if (i->kind == OS_FILE_LINK || i->kind == OS_FILE_OTHER) {
        /* To take away a link such as users/ann would hide all that it leads to. */
        count_odd(w, i->kind == OS_FILE_LINK && w->depth <= 1 ? ODD_LINK : ODD_KIND);
        return;
    }
    bool dir = i->kind == OS_FILE_DIRECTORY;
    if (!dir && w->depth == 1 && starts(w->path, "users/"))
        count_odd(w, ODD_ACCOUNT);
    unsigned own = dir ? 0700 : 0600;
    if (i->mode & 077)
        count_odd(w, dir ? ODD_DIR_WIDE : ODD_FILE_WIDE);
    if ((i->mode & own) != own)
        count_odd(w, dir ? ODD_DIR_NARROW : ODD_FILE_NARROW);
    if (is_temporary(w, name))
        count_odd(w, ODD_TEMPORARY);
    if (w->depth == 1 && starts(w->path, LAYOUT_LOG "/" REDO_OLD))
        count_odd(w, ODD_OLD_LOG);
    if (w->depth == 1 && starts(w->path, LAYOUT_LOG "/" REDO_SEGMENT))
        w->s->logged = true;
    if (i->kind == OS_FILE_DIRECTORY)
        look_inside(w, name);
    else if (w->depth == 2 && starts(w->path, "users/"))
        look_mail(w, name, i->bytes);
    else if (w->depth == 1 && starts(w->path, LAYOUT_GROUPS "/"))
        look_group(w, name);
}

/* Whether to go on after this entry. log/ does not grow with the number of accounts. */
static bool wants_more(struct walk *w)
{
    if (w->depth == 0 || starts(w->path, LAYOUT_LOG))
        return true;
    w->cut = w->cut || os_clock_ms() >= w->until_ms;
    if (w->depth == 1 && strcmp(w->path, layout_dirs[LAYOUT_USERS]) == 0)
        w->users++;
    return !w->cut && w->users < DOCTOR_USERS;
}

static bool look_entry(void *ctx, const char *name)
{
    struct walk *w = ctx;
    size_t used = strlen(w->path);
    struct os_file_info info;
    if (used + strlen(name) + 2 > sizeof w->path)
        return wants_more(w);
    snprintf(w->path + used, sizeof w->path - used, "%s%s", used ? "/" : "", name);
    if (!os_file_look(w->dir, name, &info)) {
        if (errno != ENOENT) /* it may have been renamed since */
            count_odd(w, ODD_CLOSED);
    } else if (w->depth == 0 && strcmp(name, CONTROL_SOCKET) == 0) {
        w->s->socket_mode = info.mode;
    } else {
        look_at(w, name, &info);
    }
    w->path[used] = '\0';
    return wants_more(w);
}

struct semaphores {
    struct doctor_store *s;
    int dir;
    char begin[64];
};

static bool look_semaphore(void *ctx, const char *name)
{
    struct semaphores *sem = ctx;
    struct os_file_info info;
    if (!starts(name, sem->begin) || !os_file_look(sem->dir, name, &info))
        return true;
    sem->s->semaphores++;
    if (info.owner != sem->s->info.owner)
        sem->s->semaphores_foreign = true;
    return true;
}

static void look_locks(struct doctor_store *s, int dir)
{
    struct semaphores sem = {.s = s, .dir = os_file_open_dir("/dev/shm")};
    struct os_file_info shm;
    const char *why;
    s->version_unknown = !lock_file_check_version(dir, &why);
    s->lock_there = os_file_exists(dir, LAYOUT_LOCK);
    s->lock_sound = lock_file_look(dir, &s->lock);
    s->shm_there = sem.dir >= 0 && os_file_look_at(sem.dir, &shm) &&
                   (s->info.owner == 0 || shm.mode & 02 || shm.owner == s->info.owner);
    snprintf(sem.begin, sizeof sem.begin, "sem.pochta-%s-", s->lock.key);
    if (sem.dir >= 0 && s->lock_sound)
        os_file_each(sem.dir, look_semaphore, &sem);
    os_file_close(sem.dir);
}

static void look_directories(struct doctor_store *s, int dir)
{
    struct os_file_info info;
    int dirs[LAYOUT_DIRS];
    for (enum layout_dir which = 0; which < LAYOUT_DIRS; which++) {
        const char *name = layout_dirs[which];
        dirs[which] = -1;
        if (os_file_look(dir, name, &info) && info.kind == OS_FILE_DIRECTORY)
            dirs[which] = os_file_open_subdir(dir, name);
        else if (!s->replaced) {
            s->missing = name;
            s->replaced = os_file_exists(dir, name);
        }
    }
    /* A server makes the log's directory if it is missing. */
    if (!s->replaced && os_file_look(dir, LAYOUT_LOG, &info) && info.kind != OS_FILE_DIRECTORY) {
        s->missing = LAYOUT_LOG;
        s->replaced = true;
    }
    enum layout_dir apart = layout_apart(dirs);
    if (apart < LAYOUT_DIRS)
        s->apart = layout_dirs[apart];
    for (enum layout_dir which = 0; which < LAYOUT_DIRS; which++)
        os_file_close(dirs[which]);
}

void doctor_look_store(struct doctor_store *s, const char *path, const struct config *c,
                       int64_t now)
{
    struct walk w = {.s = s, .config = c, .now = now, .top = os_file_open_dir(path)};
    w.dir = w.top;
    memset(s, 0, sizeof *s);
    s->path = path;
    if (w.dir < 0 || !os_file_look_at(w.dir, &s->info) ||
        !os_mount_free_space(w.dir, &s->free_bytes, &s->free_inodes)) {
        s->why = os_error_text(errno);
        s->replaced = os_file_exists(OS_FILE_CWD, path);
    } else {
        doctor_look_hosts(&s->hosts, w.dir);
        s->read_only = os_mount_is_read_only(w.dir);
        look_directories(s, w.dir);
        look_locks(s, w.dir);
        programs_load(w.dir, &s->programs);
        s->doors_damaged = door_key_is_damaged(w.dir);
        s->no_log = s->apart ? NULL : store_why_no_log(w.dir);
        if (!os_file_each(w.dir, look_entry, &w))
            count_odd(&w, ODD_CLOSED);
    }
    if (!os_mount_missing(path, s->unmounted))
        s->unmounted[0] = '\0';
    os_file_close(w.dir);
}
