/* SPDX-License-Identifier: ISC */
#include "store/ownership.h"

#include <stdint.h>
#include <stdio.h>

#include "base/shell_word.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/process.h"
#include "store/layout.h"
#include "store/store_private.h"

#define COMMAND_BYTES 320
#define LOOK_AT       1000
#define LOOK_MS       100

/*
 * The command that makes all of a store ours: the whole of it, or nothing. The slash makes chown
 * follow a store that is a link, and -h no other link. The colon gives the user's group.
 */
static void add_command(struct buf *command, const char *before, const char *store)
{
    char ours[OS_PROCESS_NAME_BYTES];
    bool named = os_process_user_name(os_process_uid(), ours);
    buf_init(command, COMMAND_BYTES);
    buf_printf(command, "%srun: chown -hR %s%s ", before, ours, named ? ":" : "");
    shell_word_add(command, store);
    if (!buf_add_char(command, '/'))
        buf_clear(command);
}

/* what: the name as the administrator is to read it. */
static bool check(const char *store, int dir, const char *name, const char *what, char *why)
{
    uint32_t us = os_process_uid();
    struct os_file_info info;
    if (!os_file_look(dir, name, &info) || info.owner == us)
        return true;
    char whose[OS_PROCESS_NAME_BYTES], ours[OS_PROCESS_NAME_BYTES];
    struct buf command;
    os_process_user_name(info.owner, whose);
    os_process_user_name(us, ours);
    add_command(&command, us == 0 ? "; set user to its owner, or " : "; ", store);
    snprintf(why, OWNERSHIP_WHY_BYTES,
             "store %.100s: %.50s belongs to user %.30s, but the server runs as %.30s%.*s", store,
             what, whose, ours, SPAN_PRINTF(buf_span(&command)));
    buf_free(&command);
    return false;
}

bool ownership_check(const char *store, char why[OWNERSHIP_WHY_BYTES])
{
    int dir = os_file_open_dir(store);
    why[0] = '\0';
    if (dir < 0)
        return check(store, OS_FILE_CWD, store, "it", why);
    bool ok = check(store, dir, ".", "it", why) &&
              check(store, dir, LAYOUT_LOCK, LAYOUT_LOCK, why) &&
              check(store, dir, LAYOUT_VERSION, LAYOUT_VERSION, why) &&
              check(store, dir, LAYOUT_DOORS, LAYOUT_DOORS, why) &&
              check(store, dir, LAYOUT_CHANGES, LAYOUT_CHANGES, why) &&
              check(store, dir, LAYOUT_GROUPS, LAYOUT_GROUPS, why) &&
              check(store, dir, LAYOUT_LOG, LAYOUT_LOG, why);
    for (enum layout_dir which = 0; ok && which < LAYOUT_DIRS; which++)
        ok = check(store, dir, layout_dirs[which], layout_dirs[which], why);
    os_file_close(dir);
    return ok;
}

struct foreign {
    int dir;
    uint32_t us;
    unsigned looked; /* at how many */
    int64_t until_ms;
    uint64_t n;
    char first[LAYOUT_NAME_BYTES];
    uint32_t owner; /* of the first */
};

static bool count_foreign(void *ctx, const char *name)
{
    struct foreign *f = ctx;
    struct os_file_info info;
    if (os_file_look(f->dir, name, &info) && info.owner != f->us && f->n++ == 0) {
        snprintf(f->first, sizeof f->first, "%s", name);
        f->owner = info.owner;
    }
    return ++f->looked < LOOK_AT && os_clock_ms() < f->until_ms;
}

void ownership_report(struct store *s, const char *path)
{
    for (enum layout_dir which = 0; which < LAYOUT_DIRS; which++) {
        struct foreign f = {
            .dir = s->dirs[which], .us = os_process_uid(), .until_ms = os_clock_ms() + LOOK_MS};
        char whose[OS_PROCESS_NAME_BYTES], more[48] = "";
        struct buf command;
        os_file_each(f.dir, count_foreign, &f);
        if (f.n == 0)
            continue;
        /* Whoever reads the log must not learn an invite's code. */
        bool named = which != LAYOUT_INVITES;
        if (f.n > 1)
            snprintf(more, sizeof more, " (and %llu more)", (unsigned long long)f.n - 1);
        os_process_user_name(f.owner, whose);
        add_command(&command, "; ", path);
        store_trouble(s, "%s/%.64s belongs to user %.30s and is left out%s%.*s", layout_dirs[which],
                      named ? f.first : "", whose, more, SPAN_PRINTF(buf_span(&command)));
        buf_free(&command);
    }
}
