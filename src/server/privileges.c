/* SPDX-License-Identifier: ISC */
#include "server/privileges.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "log/log.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/landlock.h"
#include "store/ownership.h"

_Static_assert(OWNERSHIP_WHY_BYTES <= CONFIG_WHY_BYTES, "reasons have room");

int privileges_choose(struct privileges *s, const char *user, char why[CONFIG_WHY_BYTES])
{
    const char *wrong;
    *s = (struct privileges){.drops = false};
    os_process_user_name(os_process_uid(), s->user.name);
    if (!*user)
        return EX_OK;
    if (!os_process_find_user(user, &s->user, &wrong)) {
        snprintf(why, CONFIG_WHY_BYTES, "user: %s: %s", user, wrong);
        return EX_NOUSER;
    }
    if (s->user.uid == 0) {
        snprintf(why, CONFIG_WHY_BYTES, "user: %s is root; name an unprivileged user", user);
        return EX_NOUSER;
    }
    s->drops = os_process_is_root();
    if (s->drops || os_process_is(&s->user))
        return EX_OK;
    os_process_user_name(os_process_uid(), s->user.name);
    snprintf(
        why, CONFIG_WHY_BYTES,
        "user: the server was started as %s, which cannot become %s; start it as root or as %s",
        s->user.name, user, user);
    return EX_NOPERM;
}

/*
 * Root creates the store, since the user may not be allowed to in the parent directory. If somebody
 * replaces it by a link meanwhile, the link is not followed.
 */
static bool make_store(const struct privileges *s, const char *store)
{
    if (!os_file_make_dir(OS_FILE_CWD, store))
        return errno == EEXIST;
    int dir = os_file_open_subdir(OS_FILE_CWD, store);
    bool ok = dir >= 0 && os_file_give(dir, s->user.uid, s->user.gid);
    os_file_close(dir);
    return ok;
}

int privileges_become(const struct privileges *s, const char *store, bool make,
                      char why[CONFIG_WHY_BYTES])
{
    if (s->drops && make && !make_store(s, store)) {
        snprintf(why, CONFIG_WHY_BYTES, "store %.300s: cannot create the directory: %s", store,
                 strerror(errno));
        return EX_CANTCREAT;
    }
    if (s->drops && !os_process_become(&s->user)) {
        snprintf(why, CONFIG_WHY_BYTES, "cannot become user %s: %s", s->user.name, strerror(errno));
        return EX_OSERR;
    }
    return !make || ownership_check(store, why) ? EX_OK : EX_NOPERM;
}

struct rules {
    struct os_landlock_rule rule[7 + CONFIG_VALUES];
    char parent[3 + CONFIG_VALUES][CONFIG_PATH_BYTES];
    unsigned n, parents;
};

static void allow_path(struct rules *r, const char *path, enum os_landlock_access access)
{
    r->rule[r->n++] = (struct os_landlock_rule){path, access};
}

/* Allows access to the directory of a file, since the file is replaced by a rename. */
static void allow_parent(struct rules *r, const char *path, enum os_landlock_access access)
{
    char *parent = r->parent[r->parents++];
    const char *slash = strrchr(path, '/');
    if (slash)
        snprintf(parent, CONFIG_PATH_BYTES, "%.*s", (int)(slash - path + 1), path);
    else
        strcpy(parent, ".");
    allow_path(r, parent, access);
}

/* Returns the ABI, or 0 and why: access to files and the network is not restricted. */
static unsigned confine_files(const struct config *c, const char **why)
{
    struct rules r = {.n = 0};
    char target[OS_FILE_PATH_BYTES];
    allow_path(&r, c->store, OS_LANDLOCK_TREE);
    allow_path(&r, "/dev/shm", OS_LANDLOCK_REMOVE); /* to remove the semaphores at the end */
    if (*c->port_file)
        allow_parent(&r, c->port_file, OS_LANDLOCK_FILES);
    for (unsigned i = 0; i < c->lmtp.n; i++) /* a Unix socket is removed at the end */
        if (!*c->lmtp.at[i].port)
            allow_parent(&r, c->lmtp.at[i].host, OS_LANDLOCK_REMOVE);
    if (c->file) /* a reload reads it */
        allow_parent(&r, c->file, OS_LANDLOCK_READ);
    if (c->file && os_file_resolve(c->file, target))
        allow_parent(&r, target, OS_LANDLOCK_READ);
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    allow_path(&r, "/proc",
               OS_LANDLOCK_READ); /* sanitizers need it to find leaks and to name lines */
    allow_path(&r, "/proc/self/exe", OS_LANDLOCK_READ);
#endif
    return os_landlock_apply(r.rule, r.n, why);
}

void privileges_confine(struct privileges *s, const struct config *c)
{
    struct tm zone;
    s->no_new_privs = os_process_no_new_privs();
    os_process_no_dump();
    os_clock_local(os_clock_now(), &zone); /* reads the time zone's file while it can */
    s->landlock = confine_files(c, &s->why);
}

void privileges_tell(const struct privileges *s)
{
    bool root = os_process_is_root();
    struct event e;
    event_begin(&e, "security", root ? EVENT_WARNING : EVENT_NOTICE);
    event_text(&e, "user", span_str(s->user.name));
    if (root)
        event_text(&e, "reason", SPAN("running as root; set user"));
    if (s->landlock)
        event_number(&e, "landlock", s->landlock);
    else
        event_text(&e, "landlock", span_str(s->why));
    event_text(&e, "no_new_privs", s->no_new_privs ? SPAN("yes") : SPAN("no"));
    log_event(&e);
}
