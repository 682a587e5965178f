/* SPDX-License-Identifier: ISC */
#include "client/maildir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "os/clock.h"
#include "os/edit.h"
#include "os/file.h"
#include "os/random.h"

#define SEEN         ":2,S"
#define CHANCE       16             /* hexadecimal digits */
#define MARK         ".pochta."     /* in the names of our files in tmp/ */
#define STALE_S      (36 * 60 * 60) /* after which a file in tmp/ belongs to nobody (maildir(5)) */
#define PATH_MESSAGE (MAILDIR_NAME_BYTES + sizeof SEEN + sizeof MARK + CHANCE)

static bool is_empty_name(void *ctx, const char *name)
{
    (void)name;
    *(bool *)ctx = false;
    return false;
}

/* Makes the three directories, unless this is a directory that holds something else. */
static bool make(struct maildir *d)
{
    bool empty = true;
    if (!os_file_exists(d->fd, "cur")) {
        if (!os_file_each(d->fd, is_empty_name, &empty))
            return false;
        /* One of the other two may be there because the process died before it made cur/. */
        if (!empty && !os_file_exists(d->fd, "tmp")) {
            errno = ENOTDIR;
            return false;
        }
    }
    static const char *const names[] = {"tmp", "new", "cur"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (!os_file_make_dir(d->fd, names[i]) && errno != EEXIST)
            return false;
    return os_file_sync_dir(d->fd);
}

struct sweep {
    int tmp;
    int64_t now;
};

/* Removes what a process of ours that died has left. */
static bool sweep_name(void *ctx, const char *name)
{
    const struct sweep *s = ctx;
    struct os_file_info info;
    if (strstr(name, MARK) && os_file_look(s->tmp, name, &info) && info.changed + STALE_S < s->now)
        os_file_remove(s->tmp, name);
    return true;
}

bool maildir_open(struct maildir *d, const char *path, bool may_make)
{
    *d = (struct maildir){.fd = -1, .tmp = -1, .new = -1, .cur = -1};
    if (may_make && !os_file_make_dir(OS_FILE_CWD, path) && errno != EEXIST)
        return false;
    d->fd = os_file_open_dir(path);
    if (d->fd < 0 || (may_make && !make(d)))
        return false;
    d->tmp = os_file_open_subdir(d->fd, "tmp");
    d->new = os_file_open_subdir(d->fd, "new");
    d->cur = os_file_open_subdir(d->fd, "cur");
    if (d->new < 0 || d->cur < 0 || (may_make && d->tmp < 0)) {
        errno = errno == ENOENT ? ENOTDIR : errno;
        return false;
    }
    if (!may_make)
        return true;
    os_file_each(d->tmp, sweep_name, &(struct sweep){d->tmp, os_clock_now()});
    return os_file_sync_dir(d->new) && os_file_sync_dir(d->cur);
}

void maildir_close(struct maildir *d)
{
    for (size_t i = 0; i < d->n; i++)
        free(d->files[i].name);
    free(d->files);
    os_file_close(d->cur);
    os_file_close(d->new);
    os_file_close(d->tmp);
    os_file_close(d->fd);
    *d = (struct maildir){.fd = -1, .tmp = -1, .new = -1, .cur = -1};
}

struct listing {
    struct maildir *d;
    bool fresh, failed;
};

static bool note_name(void *ctx, const char *name)
{
    struct listing *l = ctx;
    struct maildir *d = l->d;
    if (name[0] == '.')
        return true;
    void *files = array_room(d->files, d->n, &d->cap, sizeof *d->files);
    char *copy = files ? strdup(name) : NULL;
    if (files)
        d->files = files;
    if (copy)
        d->files[d->n++] = (struct maildir_file){copy, l->fresh};
    l->failed = !copy;
    return !l->failed;
}

struct span maildir_base(const char *name)
{
    return span_first(span_str(name), strcspn(name, ":"));
}

/* Compares names up to their flags. */
static int by_base(struct span x, struct span y)
{
    int order = memcmp(x.p, y.p, x.n < y.n ? x.n : y.n);
    return order != 0 ? order : (x.n > y.n) - (x.n < y.n);
}

static int by_delivery(const void *a, const void *b)
{
    const struct maildir_file *x = a, *y = b;
    size_t m = strspn(x->name, "0123456789"), n = strspn(y->name, "0123456789");
    /* Numbers without leading zeros: the longer one is the larger one. */
    if (m != n)
        return m < n ? -1 : 1;
    return by_base(maildir_base(x->name), maildir_base(y->name));
}

bool maildir_list(struct maildir *d)
{
    struct listing l = {.d = d, .fresh = true};
    if (!os_file_each(d->new, note_name, &l))
        return false;
    l.fresh = false;
    if (!l.failed && !os_file_each(d->cur, note_name, &l))
        return false;
    if (l.failed) {
        errno = ENOMEM;
        return false;
    }
    if (d->n > 0)
        qsort(d->files, d->n, sizeof *d->files, by_delivery);
    return true;
}

bool maildir_has(const struct maildir *d, const char *name)
{
    char copy[MAILDIR_NAME_BYTES];
    snprintf(copy, sizeof copy, "%s", name);
    const struct maildir_file key = {copy, false};
    return d->n > 0 && bsearch(&key, d->files, d->n, sizeof *d->files, by_delivery);
}

/* Writes and syncs the file in tmp/. */
static bool write_file(const struct maildir *d, const char *temporary, struct span mail,
                       int64_t date)
{
    int fd = os_file_create(d->tmp, temporary);
    if (fd < 0)
        return false;
    bool ok = os_file_write(fd, mail.p, mail.n) && os_edit_date(fd, date) && os_file_sync(fd);
    os_file_close(fd);
    return ok;
}

bool maildir_add(struct maildir *d, const char *name, struct span mail, bool seen, int64_t date)
{
    char temporary[PATH_MESSAGE], final[PATH_MESSAGE], chance[CHANCE + 1];
    int dir = seen ? d->cur : d->new;
    os_random_hex(chance, CHANCE);
    snprintf(temporary, sizeof temporary, "%s" MARK "%s", name, chance);
    snprintf(final, sizeof final, "%s%s", name, seen ? SEEN : "");
    bool ok = write_file(d, temporary, mail, date);
    if (ok && os_file_rename_new(d->tmp, temporary, dir, final))
        return os_file_sync_dir(dir);
    int saved = errno;
    os_file_remove(d->tmp, temporary);
    errno = saved;
    return ok && errno == EEXIST && os_file_sync_dir(dir);
}

static int dir_of(const struct maildir *d, const struct maildir_file *file)
{
    return file->fresh ? d->new : d->cur;
}

bool maildir_remove(const struct maildir *d, const struct maildir_file *file)
{
    return os_file_remove(dir_of(d, file), file->name);
}

bool maildir_load(const struct maildir *d, const struct maildir_file *file, struct buf *into)
{
    return os_file_load(dir_of(d, file), file->name, into);
}

bool maildir_date(const struct maildir *d, const struct maildir_file *file, int64_t *date)
{
    struct os_file_info info;
    if (!os_file_look(dir_of(d, file), file->name, &info))
        return false;
    *date = info.modified;
    return true;
}
