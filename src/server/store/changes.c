/* SPDX-License-Identifier: ISC */
#include "store/changes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/clock.h"
#include "os/error.h"
#include "os/file.h"
#include "store/changes_private.h"
#include "store/store_private.h"

#define READ_BYTES 8192
#define TIME_BYTES 32

/* --- hours --- */

int64_t changes_hour(int64_t time)
{
    return time > 0 ? time / CHANGES_HOUR_S : 0;
}

void changes_hour_name(int64_t hour, char name[CHANGES_NAME_BYTES])
{
    struct tm t;
    os_clock_utc(hour * CHANGES_HOUR_S, &t);
    snprintf(name, CHANGES_NAME_BYTES, "%04u%02u%02u%02u", (unsigned)t.tm_year % 10000 + 1900U,
             (unsigned)t.tm_mon % 12 + 1, (unsigned)t.tm_mday % 32, (unsigned)t.tm_hour % 24);
}

/* The two digits at p. */
static int two(const char *p)
{
    return (p[0] - '0') * 10 + (p[1] - '0');
}

bool changes_parse_hour(const char *name, int64_t *hour)
{
    char again[CHANGES_NAME_BYTES];
    if (strlen(name) != 10 || strspn(name, "0123456789") != 10)
        return false;
    const struct tm t = {.tm_year = two(name) * 100 + two(name + 2) - 1900,
                         .tm_mon = two(name + 4) - 1,
                         .tm_mday = two(name + 6),
                         .tm_hour = two(name + 8)};
    if (t.tm_mon < 0 || t.tm_mon > 11)
        return false;
    *hour = changes_hour(os_clock_from_utc(&t));
    changes_hour_name(*hour, again);
    return strcmp(name, again) == 0;
}

static bool look_for_last(void *ctx, const char *name)
{
    int64_t *last = ctx, hour;
    if (changes_parse_hour(name, &hour) && hour > *last)
        *last = hour;
    return true;
}

bool changes_last_hour(int dir, int64_t *hour)
{
    *hour = 0;
    return os_file_each(dir, look_for_last, hour);
}

int64_t changes_now(struct store *s)
{
    int64_t now = os_clock_now(), last = 0;
    if (s->changes && changes_last_hour(s->changes->dir, &last) && last * CHANGES_HOUR_S > now)
        now = last * CHANGES_HOUR_S;
    return now;
}

/* --- notes --- */

/*
 * With the mutex held: opens the file of the present hour. Another process may have seen a later
 * hour, before the clock was set back.
 */
static bool open_hour(struct changes *c, int64_t now)
{
    char name[CHANGES_NAME_BYTES];
    int64_t last;
    if (c->fd >= 0 && now <= atomic_load(&c->hour))
        return true;
    os_file_close(c->fd);
    c->fd = -1;
    if (!changes_last_hour(c->dir, &last))
        return false;
    if (last < now)
        last = now;
    changes_hour_name(last, name);
    c->fd = os_file_open_append(c->dir, name);
    if (c->fd >= 0)
        atomic_store(&c->hour, last);
    return c->fd >= 0;
}

bool changes_lose(struct changes *c)
{
    bool removed = os_file_remove(c->dir, CHANGES_KNOWN);
    c->lost = !removed && errno != ENOENT;
    return removed;
}

/* The line begins with an LF, too: what another process has begun before it is not part of it. */
static bool append_name(struct changes *c, const char *name)
{
    char line[NAME_BYTES + 3];
    int n = snprintf(line, sizeof line, "\n%s\n", name);
    return os_file_append(c->fd, line, (size_t)n);
}

void changes_note(struct store *s, const char *name, atomic_llong *hour)
{
    struct changes *c = s->changes;
    int64_t now = changes_hour(os_clock_now());
    if (!c || (hour && atomic_load(hour) > 0 && atomic_load(hour) >= now &&
               atomic_load(hour) == atomic_load(&c->hour)))
        return;
    pthread_mutex_lock(&c->mutex);
    bool ok = open_hour(c, now) && append_name(c, name);
    int error = errno;
    if (ok && hour)
        atomic_store(hour, atomic_load(&c->hour));
    if (!ok)
        c->failed_ms = os_clock_ms();
    bool told = !ok && changes_lose(c);
    pthread_mutex_unlock(&c->mutex);
    if (told)
        store_trouble(s,
                      "cannot note that an account changes: %s; the next backup looks at all "
                      "accounts",
                      os_error_text(error));
}

/* --- reading them --- */

struct reading {
    int dir;
    int64_t first; /* hour */
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
        return false;
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
    return true;
}

static bool read_notes(struct reading *r, int fd)
{
    char bytes[READ_BYTES];
    uint64_t at = 0;
    size_t left = 0;
    while (r->on) {
        int64_t n = os_file_read_some(fd, bytes + left, sizeof bytes - left, at);
        if (n < 0)
            return false;
        if (n == 0)
            return take_line(r, span_of(bytes, left));
        at += (uint64_t)n;
        left += (size_t)n;
        if (!take_lines(r, bytes, &left) || left > NAME_BYTES)
            return false;
    }
    return true;
}

static bool read_file(void *ctx, const char *name)
{
    struct reading *r = ctx;
    int64_t hour;
    if (!changes_parse_hour(name, &hour) || hour < r->first)
        return true;
    int fd = os_file_open(r->dir, name);
    r->failed = fd < 0 || !read_notes(r, fd);
    os_file_close(fd);
    return r->on && !r->failed;
}

/* Whether all changes since then are in notes that are still there. */
static bool has_all_since(struct store *s, int64_t since, int64_t first_hour)
{
    struct changes_known k;
    int64_t forgotten = 0;
    if (!changes_is_known(s->changes, &k) || since < k.since)
        return false;
    if (!changes_time(s, CHANGES_FORGOTTEN, &forgotten) && errno != ENOENT)
        return false;
    return first_hour * CHANGES_HOUR_S >= forgotten;
}

/*
 * A delivery may be noted some time before it is seen. So an hour more is looked at. A time that is
 * still to come was taken before somebody removed the notes of the future.
 */
bool changes_each_since(struct store *s, int64_t since, bool (*each)(void *ctx, const char *name),
                        void *ctx)
{
    int64_t first = changes_hour(since) - 1;
    if (!s->changes || since > changes_now(s) || !has_all_since(s, since, first))
        return false;
    struct reading r = {s->changes->dir, first, each, ctx, .on = true};
    return os_file_each(r.dir, read_file, &r) && !r.failed && has_all_since(s, since, first);
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
    int64_t before; /* hour */
    bool any, remove;
};

static bool forget_file(void *ctx, const char *name)
{
    struct forgetting *f = ctx;
    int64_t hour;
    if (!changes_parse_hour(name, &hour) || hour >= f->before)
        return true;
    f->any = true;
    return !f->remove || os_file_remove(f->dir, name);
}

/* First of all it is said that they are missing. */
void changes_forget(struct store *s, int64_t before)
{
    if (!s->changes)
        return;
    struct forgetting f = {.dir = s->changes->dir, .before = changes_hour(before)};
    if (!os_file_each(f.dir, forget_file, &f) || !f.any ||
        !changes_set_time(s, CHANGES_FORGOTTEN, f.before * CHANGES_HOUR_S))
        return;
    f.remove = true;
    os_file_each(f.dir, forget_file, &f);
}
