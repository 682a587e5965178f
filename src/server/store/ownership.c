/* SPDX-License-Identifier: ISC */
#include "store/ownership.h"

#include <stdint.h>
#include <stdio.h>

#include "os/file.h"
#include "os/process.h"
#include "store/layout.h"

struct search {
    const char *store;
    int dir;
    const char *part; /* the name of dir in the store */
    uint32_t us;
    char *why;
};

/* what: the name as the administrator is to read it. */
static bool is_ours(const struct search *s, int dir, const char *name, const char *what)
{
    struct os_file_info info;
    if (!os_file_look(dir, name, &info) || info.owner == s->us)
        return true;
    /* Words for the administrator, with the command that fixes it. */
    char whose[OS_PROCESS_NAME_BYTES], ours[OS_PROCESS_NAME_BYTES];
    os_process_user_name(info.owner, whose);
    os_process_user_name(s->us, ours);
    snprintf(s->why, OWNERSHIP_WHY_BYTES,
             "store %.100s: %.50s belongs to user %.30s, but the server runs as %.30s; run "
             "\"chown -RH %.30s %.100s\"%s",
             s->store, what, whose, ours, ours, s->store,
             s->us == 0 ? ", or set user to its owner" : "");
    return false;
}

static bool look_at_entry(void *ctx, const char *name)
{
    const struct search *s = ctx;
    char what[64];
    snprintf(what, sizeof what, "%s/%s", s->part, name);
    return is_ours(s, s->dir, name, what);
}

/* Looks at a directory of the store and at what is in it. Fills why if not all of it is ours. */
static void look_into(struct search *s, int store, const char *part)
{
    s->part = part;
    if (!is_ours(s, store, part, part))
        return;
    s->dir = os_file_open_subdir(store, part);
    if (s->dir >= 0)
        os_file_each(s->dir, look_at_entry, s);
    os_file_close(s->dir);
}

bool ownership_check(const char *store, char why[OWNERSHIP_WHY_BYTES])
{
    struct search s = {.store = store, .us = os_process_uid(), .why = why};
    int dir = os_file_open_dir(store);
    why[0] = '\0';
    if (dir < 0)
        is_ours(&s, OS_FILE_CWD, store, "it");
    else if (is_ours(&s, dir, ".", "it") && is_ours(&s, dir, LAYOUT_LOCK, LAYOUT_LOCK))
        is_ours(&s, dir, LAYOUT_VERSION, LAYOUT_VERSION);
    for (enum layout_dir which = 0; dir >= 0 && !why[0] && which < LAYOUT_DIRS; which++)
        look_into(&s, dir, layout_dirs[which]);
    os_file_close(dir);
    return !why[0];
}
