/* SPDX-License-Identifier: ISC */
#include "ctl/backup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "admin/admin.h"
#include "ctl/connect.h"
#include "ctl/format.h"
#include "ctl/progress.h"
#include "os/error.h"
#include "os/file.h"
#include "os/process.h"
#include "store/backup.h"
#include "store/restore.h"

#define MEGABYTE (1 << 20)

/* --- what is printed --- */

static void print_finding(void *ctx, const char *account, const char *file, const char *what)
{
    struct buf line;
    (void)ctx;
    ctl_progress_hide();
    ctl_connect_print_troubles();
    buf_init(&line, 4096);
    format_text(&line, span_str(account));
    if (file) {
        buf_add_char(&line, '/');
        format_text(&line, span_str(file));
    }
    fprintf(stderr, "pochtactl: %.*s: %s\n", SPAN_PRINTF(buf_span(&line)), what);
    buf_free(&line);
}

static void show_backup(void *ctx)
{
    const struct backup *b = ctx;
    ctl_progress_show("%" PRIu64 " accounts, %" PRIu64 " changed, %" PRIu64 " MB copied",
                      b->accounts, b->changed, b->told.bytes / MEGABYTE);
}

static void show_restore(void *ctx)
{
    const struct restore *r = ctx;
    ctl_progress_show("%" PRIu64 " accounts, %" PRIu64 " MB copied", r->accounts,
                      r->told.bytes / MEGABYTE);
}

/*
 * Returns the exit code. The store has already printed a failure, but the text of the status may
 * help.
 */
static int finish(enum status st, uint64_t findings, const char *path)
{
    int code = st == ST_DAMAGED      ? EX_DATAERR
               : st == ST_NO_MESSAGE ? EX_NOINPUT
                                     : admin_exit_code(st);
    if (st == ST_OK)
        return findings > 0 ? CTL_FINDINGS : EX_OK;
    if (st == ST_NO_MEMORY)
        ctl_connect_say(code, path, "out of memory");
    else if (st == ST_UNKNOWN)
        ctl_connect_say(code, path, "storage error, outcome unknown");
    return code;
}

/* --- the directory --- */

struct place {
    int dir;
    struct store *store;
    int parent; /* of a directory that this process has made; otherwise -1 */
    char name[OS_FILE_PATH_BYTES];
};

/* Opens the directory that contains the path. Sets p->name to the last part of the path. */
static int open_parent(struct place *p, const char *path)
{
    char parent[OS_FILE_PATH_BYTES];
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    errno = ENAMETOOLONG;
    if (end >= sizeof parent)
        return -1;
    snprintf(p->name, sizeof p->name, "%.*s", (int)(end - start), path + start);
    snprintf(parent, sizeof parent, "%.*s", (int)start, path);
    return os_file_open_dir(start > 0 ? parent : ".");
}

/*
 * Opens the directory that the user gave, and makes it first if make says so. If root runs this, it
 * comes before the process becomes the store's owner, who may be unable to reach the directory. A
 * directory that was made is opened by its parent's descriptor and not through a link: somebody who
 * owns the parent must not make root give away another directory.
 */
static bool open_dir(struct place *p, const char *path, bool make)
{
    p->parent = make ? open_parent(p, path) : -1;
    bool made = p->parent >= 0 && os_file_make_dir(p->parent, p->name);
    bool there = !make || (p->parent >= 0 && errno == EEXIST);
    p->dir = made ? os_file_open_subdir(p->parent, p->name) : there ? os_file_open_dir(path) : -1;
    if (p->dir < 0)
        ctl_connect_say(EX_IOERR, path, os_error_text(errno));
    if (!made || p->dir < 0) {
        os_file_close(p->parent);
        p->parent = -1;
    }
    return p->dir >= 0;
}

/*
 * Makes the name of a new directory durable: otherwise a power cut could take away the backups that
 * will be in it. If root runs this, gives it to the owner of the store, who will write to it.
 */
static bool settle_new_dir(const struct place *p, const char *path, const char *store)
{
    struct os_file_info owner;
    bool ok = os_file_sync_dir(p->parent);
    int fd = os_process_is_root() ? os_file_open_dir(store) : -1;
    if (ok && os_process_is_root())
        ok = fd >= 0 && os_file_look_at(fd, &owner) &&
             os_file_give(p->dir, owner.owner, owner.group);
    if (!ok)
        ctl_connect_say(EX_IOERR, path, os_error_text(errno));
    os_file_close(fd);
    return ok;
}

/* Opens the directory and the store. If that fails, prints an error and returns the exit code. */
static int open_place(struct place *p, const struct ctl_options *o, const char *path, bool make)
{
    p->store = NULL;
    if (!open_dir(p, path, make))
        return EX_IOERR;
    if (p->parent < 0 || settle_new_dir(p, path, o->store))
        p->store = ctl_connect_store(o->store);
    if (!p->store && p->parent >= 0)
        os_file_remove_dir(p->parent, p->name);
    os_file_close(p->parent);
    if (p->store)
        return EX_OK;
    os_file_close(p->dir);
    return EX_CANTCREAT;
}

static void close_place(struct place *p)
{
    ctl_progress_hide();
    ctl_connect_close_store(p->store);
    os_file_close(p->dir);
}

/* --- the verbs --- */

static void print_backup(const struct backup *b)
{
    printf("%s: %" PRIu64 " accounts, %" PRIu64 " of them changed; %" PRIu64
           " messages copied (%" PRIu64 " bytes), %" PRIu64 " linked",
           b->date, b->accounts, b->changed, b->told.copied, b->told.bytes, b->told.linked);
    if (b->groups > 0)
        printf("; %" PRIu64 " groups", b->groups);
    puts(b->went_on ? "; continued an interrupted backup" : "");
}

int ctl_backup(const struct ctl_options *o)
{
    const char *path = o->args[0];
    struct place p;
    int code = open_place(&p, o, path, true);
    if (code != EX_OK)
        return code;
    struct backup b = {.store = p.store,
                       .dir = p.dir,
                       .path = path,
                       .told = {.finding = print_finding, .progress = show_backup, .ctx = &b}};
    enum status st = backup_run(&b), kept = ST_OK;
    if (st == ST_OK && o->keep > 0)
        kept = backup_keep(&b, o->keep);
    close_place(&p);
    if (st == ST_OK)
        print_backup(&b);
    else if (b.date[0])
        fprintf(stderr, "pochtactl: the backup is not complete; the next one continues it\n");
    return finish(st == ST_OK ? kept : st, b.told.findings, path);
}

/* Reads the ids after the name. NULL: *code says why, and an error was printed. */
static uint32_t *read_ids(const struct ctl_options *o, size_t *n, int *code)
{
    uint64_t id;
    *n = (size_t)o->nargs - 2;
    uint32_t *ids = calloc(*n, sizeof *ids);
    *code = EX_OSERR;
    if (!ids)
        ctl_connect_say(*code, "out of memory", "");
    for (size_t i = 0; ids && i < *n; i++) {
        if (!span_u64(span_str(o->args[i + 2]), MAIL_ID_MAX, &id) || id == 0) {
            *code = ctl_connect_say(EX_USAGE, o->args[i + 2], "not the id of a message");
            free(ids);
            return NULL;
        }
        ids[i] = (uint32_t)id;
    }
    return ids;
}

static void begin_restore(struct restore *r, const struct place *p, const struct ctl_options *o,
                          const char *path)
{
    *r = (struct restore){.store = p->store,
                          .dir = p->dir,
                          .path = path,
                          .at = o->at,
                          .told = {.finding = print_finding, .progress = show_restore, .ctx = r}};
}

static enum status restore(struct restore *r, const struct ctl_options *o, const char *name,
                           const uint32_t *ids, size_t n)
{
    if (o->nargs == 1)
        return restore_all(r);
    return o->nargs == 2 ? restore_account(r, name) : restore_letters(r, name, ids, n);
}

static void print_restored(const struct restore *r, const struct ctl_options *o)
{
    if (o->nargs > 2)
        printf("%s: %" PRIu64 " messages restored", r->date, r->told.copied);
    else
        printf("%s: %" PRIu64 " accounts restored, %" PRIu64 " messages (%" PRIu64
               " bytes); %" PRIu64 " accounts were already there",
               r->date, r->accounts, r->told.copied, r->told.bytes, r->there);
    if (r->groups > 0)
        printf("; %" PRIu64 " groups restored", r->groups);
    putchar('\n');
}

int ctl_restore(const struct ctl_options *o)
{
    const char *path = o->args[0];
    char name[NAME_BYTES + 1];
    uint32_t *ids = NULL;
    size_t n = 0;
    struct place p;
    int code = EX_OK;
    if (o->nargs > 1 && !name_fold(span_str(o->args[1]), name))
        return ctl_connect_say(EX_DATAERR, NAME_RULE, "");
    if (o->nargs > 2 && !(ids = read_ids(o, &n, &code)))
        return code;
    code = open_place(&p, o, path, false);
    if (code == EX_OK) {
        struct restore r;
        begin_restore(&r, &p, o, path);
        enum status st = restore(&r, o, name, ids, n);
        close_place(&p);
        if (st == ST_OK)
            print_restored(&r, o);
        code = finish(st, r.told.findings, path);
    }
    free(ids);
    return code;
}

int ctl_user_export(const struct ctl_options *o)
{
    const char *path = o->args[1];
    char name[NAME_BYTES + 1];
    struct place p;
    if (!name_fold(span_str(o->args[0]), name))
        return ctl_connect_say(EX_DATAERR, NAME_RULE, "");
    int code = open_place(&p, o, path, true);
    if (code != EX_OK)
        return code;
    struct restore r;
    begin_restore(&r, &p, o, path);
    enum status st = restore_export(&r, name);
    close_place(&p);
    if (st == ST_NO_USER)
        ctl_connect_say(EX_NOUSER, name, status_text(st));
    else if (st == ST_OK)
        printf("%s: %" PRIu64 " messages (%" PRIu64 " bytes)\n", name, r.told.copied, r.told.bytes);
    return finish(st, r.told.findings, path);
}

int ctl_user_import(const struct ctl_options *o)
{
    const char *path = o->args[0];
    struct export_mark mark;
    struct place p;
    int code = open_place(&p, o, path, false);
    if (code != EX_OK)
        return code;
    struct restore r;
    begin_restore(&r, &p, o, path);
    enum status st = restore_import(&r, &mark);
    close_place(&p);
    if (st == ST_OK)
        printf("%s: %" PRIu64 " messages (%" PRIu64 " bytes)\n", mark.name, r.told.copied,
               r.told.bytes);
    return finish(st, r.told.findings, path);
}
