/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "os/clock.h"
#include "os/file.h"
#include "store/changes_private.h"
#include "store/store_private.h"

#define READ_BYTES 8192
#define TIME_BYTES 32

int64_t changes_now(struct store *s)
{
    int64_t now = os_clock_now(), last = 0;
    if (s->changes && changes_last_hour(s->changes->dir, &last) && last * CHANGES_HOUR_S > now)
        now = last * CHANGES_HOUR_S;
    return now;
}

/* --- reading them --- */

struct reading {
    int dir;
    enum changes_kind kind;
    int64_t first, last, now; /* hours: from the first to the last, and those after now */
    bool (*each)(void *ctx, const char *name);
    void *ctx;
    bool on, failed;
};

/* False: the line is no name. An empty line says nothing. */
static bool take_line(struct reading *r, struct span line)
{
    char name[NAME_BYTES + 1];
    if (line.n == 0)
        return true;
    if (!name_fold(line, name) || !span_eq(line, span_str(name)))
        return r->kind == CHANGES_OF_TRASH; /* nothing is missing there, or "known" is not there */
    r->on = r->each(r->ctx, name);
    return true;
}

/* Takes the lines in bytes. What follows the last LF is moved to their beginning; *n is its size.
 */
static bool take_lines(struct reading *r, char *bytes, size_t *n)
{
    struct span left = span_of(bytes, *n), line;
    while (r->on && span_cut(&left, '\n', &line))
        if (!take_line(r, line))
            return false;
    memmove(bytes, left.p, left.n);
    *n = left.n;
    return left.n <= NAME_BYTES || r->kind == CHANGES_OF_TRASH;
}

/* Up to its present end: each may append to it. */
static bool read_notes(struct reading *r, int fd)
{
    char bytes[READ_BYTES];
    int64_t end = os_file_size(fd), at = 0;
    size_t left = 0;
    while (r->on && at < end) {
        if (left > NAME_BYTES)
            left = 0;
        size_t room = sizeof bytes - left;
        int64_t n = os_file_read_some(fd, bytes + left,
                                      (uint64_t)(end - at) < room ? (size_t)(end - at) : room,
                                      (uint64_t)at);
        if (n <= 0)
            return n == 0;
        at += n;
        left += (size_t)n;
        if (!take_lines(r, bytes, &left))
            return false;
    }
    return end >= 0 && (!r->on || take_line(r, span_of(bytes, left)));
}

static bool read_file(void *ctx, const char *name)
{
    struct reading *r = ctx;
    enum changes_kind kind;
    int64_t hour;
    if (!changes_parse_hour(name, &kind, &hour) || kind != r->kind || hour < r->first ||
        (hour > r->last && hour <= r->now))
        return true;
    int fd = os_file_open(r->dir, name);
    r->failed = fd < 0 || !read_notes(r, fd);
    os_file_close(fd);
    return r->on && !r->failed;
}

bool changes_each_trash(struct store *s, int64_t from, int64_t until,
                        bool (*each)(void *ctx, const char *name), void *ctx)
{
    if (!s->changes)
        return false;
    struct reading r = {.dir = s->changes->dir,
                        .kind = CHANGES_OF_TRASH,
                        .first = changes_hour(from) - 1,
                        .last = changes_hour(until),
                        .now = changes_hour(os_clock_now()) + 1,
                        .each = each,
                        .ctx = ctx,
                        .on = true};
    return os_file_each(r.dir, read_file, &r) && !r.failed;
}

bool changes_is_complete(struct store *s, int64_t since)
{
    struct changes_known k;
    return s->changes && changes_is_known(s->changes, &k) && k.since <= since;
}

/* The files that say before which time the notes of a kind were forgotten. */
static const char *const forgotten_names[CHANGES_KINDS] = {
    [CHANGES_ALL] = "forgotten", [CHANGES_OF_ACCOUNTS] = "forgotten-accounts"};

/* Whether all changes since then are in notes that are still there. */
static bool has_all_since(struct store *s, enum changes_kind kind, int64_t since)
{
    int64_t forgotten = 0;
    if (!changes_is_complete(s, since))
        return false;
    if (!changes_time(s, forgotten_names[kind], &forgotten) && errno != ENOENT)
        return false;
    return (changes_hour(since) - 1) * CHANGES_HOUR_S >= forgotten;
}

/*
 * A delivery may be noted some time before it can be seen, so this looks at one hour more. An hour
 * in the future was marked before somebody removed the notes of the future.
 */
static bool each_since(struct store *s, enum changes_kind kind, int64_t since,
                       bool (*each)(void *ctx, const char *name), void *ctx)
{
    int64_t first = changes_hour(since) - 1;
    if (!s->changes || first >= changes_hour(changes_now(s)) || !has_all_since(s, kind, since))
        return false;
    struct reading r = {.dir = s->changes->dir,
                        .kind = kind,
                        .first = first,
                        .last = INT64_MAX,
                        .now = INT64_MAX,
                        .each = each,
                        .ctx = ctx,
                        .on = true};
    return os_file_each(r.dir, read_file, &r) && !r.failed && has_all_since(s, kind, since);
}

bool changes_each_since(struct store *s, int64_t since, bool (*each)(void *ctx, const char *name),
                        void *ctx)
{
    return each_since(s, CHANGES_ALL, since, each, ctx);
}

bool changes_each_account(struct store *s, int64_t since, bool (*each)(void *ctx, const char *name),
                          void *ctx)
{
    return each_since(s, CHANGES_OF_ACCOUNTS, since, each, ctx);
}

/* --- times --- */

bool changes_time(struct store *s, const char *what, int64_t *time)
{
    struct buf text;
    uint64_t t = 0;
    errno = ENOENT;
    if (!s->changes)
        return false;
    buf_init(&text, TIME_BYTES);
    bool ok = os_file_load(s->changes->dir, what, &text);
    int error = errno;
    if (ok && !span_u64(span_trim(buf_span(&text)), INT64_MAX, &t)) {
        ok = false;
        error = EINVAL;
    }
    buf_free(&text);
    if (ok)
        *time = (int64_t)t;
    errno = error;
    return ok;
}

bool changes_set_time(struct store *s, const char *what, int64_t time)
{
    char text[TIME_BYTES];
    errno = ENOENT;
    snprintf(text, sizeof text, "%" PRId64 "\n", time);
    return s->changes && os_file_replace(s->changes->dir, what, span_str(text));
}

struct forgetting {
    int dir;
    enum changes_kind kind;
    int64_t before; /* hour */
    bool any, remove;
};

static bool forget_file(void *ctx, const char *name)
{
    struct forgetting *f = ctx;
    enum changes_kind kind;
    int64_t hour;
    if (!changes_parse_hour(name, &kind, &hour) || kind != f->kind || hour >= f->before)
        return true;
    f->any = true;
    return !f->remove || os_file_remove(f->dir, name);
}

/* Before notes are removed, that is recorded, but not for trash: there it makes no difference. */
static void forget(struct store *s, enum changes_kind kind, int64_t before)
{
    if (!s->changes)
        return;
    const char *name = forgotten_names[kind];
    struct forgetting f = {.dir = s->changes->dir, .kind = kind, .before = changes_hour(before)};
    if (!os_file_each(f.dir, forget_file, &f) || !f.any ||
        (name && !changes_set_time(s, name, f.before * CHANGES_HOUR_S)))
        return;
    f.remove = true;
    os_file_each(f.dir, forget_file, &f);
}

void changes_forget(struct store *s, int64_t before)
{
    forget(s, CHANGES_ALL, before);
}

void changes_forget_accounts(struct store *s, int64_t before)
{
    forget(s, CHANGES_OF_ACCOUNTS, before);
}

void changes_forget_trash(struct store *s, int64_t before)
{
    forget(s, CHANGES_OF_TRASH, before);
}
