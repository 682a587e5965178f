/* SPDX-License-Identifier: ISC */
#include "store/ownership.h"

#include <stdint.h>
#include <stdio.h>

#include "base/shell_word.h"
#include "os/file.h"
#include "os/process.h"
#include "store/layout.h"

#define COMMAND_BYTES 320

struct search {
    const char *store;
    int dir;
    const char *part; /* the name of dir in the store */
    uint32_t us;
    char *why;
};

/*
 * Words for the administrator, with the command that fixes it: the whole of it, or none. The slash
 * makes chown follow a store that is a link, and -h no other link. The colon gives the user's
 * group.
 */
static void give_advice(const struct search *s, const char *what, const char *whose)
{
    char ours[OS_PROCESS_NAME_BYTES];
    bool named = os_process_user_name(s->us, ours), root = s->us == 0;
    struct buf command;
    buf_init(&command, COMMAND_BYTES);
    buf_printf(&command, "%srun: chown -hR %s%s ", root ? ", or " : "; ", ours, named ? ":" : "");
    shell_word_add(&command, s->store);
    if (!buf_add_char(&command, '/'))
        buf_clear(&command);
    snprintf(s->why, OWNERSHIP_WHY_BYTES,
             "store %.100s: %.50s belongs to user %.30s, but the server runs as %.30s%s%.*s",
             s->store, what, whose, ours, root ? "; set user to its owner" : "",
             SPAN_PRINTF(buf_span(&command)));
    buf_free(&command);
}

/* what: the name as the administrator is to read it. */
static bool is_ours(const struct search *s, int dir, const char *name, const char *what)
{
    struct os_file_info info;
    if (!os_file_look(dir, name, &info) || info.owner == s->us)
        return true;
    char whose[OS_PROCESS_NAME_BYTES];
    os_process_user_name(info.owner, whose);
    give_advice(s, what, whose);
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
