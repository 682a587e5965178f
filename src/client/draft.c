/* SPDX-License-Identifier: ISC */
#include "client/draft.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/clock.h"
#include "os/lock.h"
#include "os/path.h"
#include "os/random.h"
#include "proto/escape.h"

#define TITLE       "pochta draft 1\n"
#define READY       "ready: "
#define FILE        "file: " /* a path, escaped as PROTOCOL 5 does in line form */
#define TO          "to: "
#define TIME_DIGITS 12
#define TEXT_LIMIT  ((size_t)64 << 20) /* far more than a server accepts */
#define LOCK_BYTE   0
#define NAME_ROOM   16 /* a number with a dot before it */
#define TRIES       100

static const struct dialect escapes = {FORM_LINE, 2, false};

void draft_begin(struct draft *d, const struct state_dir *dir, const char *server, const char *user)
{
    *d = (struct draft){.dir = dir, .fd = -1};
    buf_init(&d->server, OS_FILE_PATH_BYTES);
    buf_init(&d->files, TEXT_LIMIT);
    buf_init(&d->text, TEXT_LIMIT);
    buf_add_str(&d->server, server);
    snprintf(d->user, sizeof d->user, "%s", user);
}

bool draft_add_to(struct draft *d, const char *name)
{
    if (d->nto == DRAFT_TO_MAX)
        return false;
    draft_rename_to(d, d->nto++, name);
    return true;
}

size_t draft_find_to(const struct draft *d, const char *name)
{
    size_t i = 0;
    while (i < d->nto && strcmp(d->to[i].name, name) != 0)
        i++;
    return i;
}

void draft_rename_to(struct draft *d, size_t i, const char *name)
{
    d->to[i] = (struct draft_to){.mark = DRAFT_NEW};
    snprintf(d->to[i].name, sizeof d->to[i].name, "%s", name);
    os_random_hex(d->to[i].token, LINK_TOKEN_BYTES);
    d->rewrite = true;
}

void draft_add_file(struct draft *d, const char *path)
{
    buf_add(&d->files, span_of(path, strlen(path) + 1));
    d->rewrite = true;
}

void draft_text_changed(struct draft *d)
{
    d->rewrite = true;
}

static void add_head(struct buf *out, const struct draft *d)
{
    struct span files = buf_span(&d->files), path;
    buf_printf(out, TITLE READY "%d\nserver: %.*s\nuser: %s\n", d->ready,
               SPAN_PRINTF(buf_span(&d->server)), d->user);
    while (span_cut(&files, '\0', &path)) {
        buf_add_str(out, FILE);
        escape_add(out, path, escapes, ESCAPE_FIELD);
        buf_add_char(out, '\n');
    }
    for (size_t i = 0; i < d->nto; i++)
        buf_printf(out, TO "%c %0*lld %s %s\n", d->to[i].mark, TIME_DIGITS,
                   (long long)d->to[i].tried, d->to[i].token, d->to[i].name);
    buf_add_char(out, '\n');
}

/* Where the line of recipient i begins in the file. */
static uint64_t offset_of_to(const struct draft *d, size_t i)
{
    uint64_t from_end = 1;
    for (size_t k = i; k < d->nto; k++)
        from_end +=
            sizeof TO - 1 + 2 + TIME_DIGITS + 1 + LINK_TOKEN_BYTES + 1 + strlen(d->to[k].name) + 1;
    return d->head_size - from_end;
}

static void name_of(unsigned number, char name[NAME_ROOM])
{
    snprintf(name, NAME_ROOM, "%u", number);
}

static void temporary_name(unsigned number, char name[NAME_ROOM])
{
    snprintf(name, NAME_ROOM, ".%u", number);
}

/* Gives up a file that has only its temporary name. Keeps errno. */
static void drop_file(const struct draft *d, int fd, const char *temporary)
{
    int saved = errno;
    os_file_remove(d->dir->fd, temporary);
    os_file_close(fd);
    errno = saved;
}

/* Makes a locked file with the letter under a temporary name. Returns its descriptor, or -1. */
static int make_file(const struct draft *d, unsigned number, size_t *head_size)
{
    char temporary[NAME_ROOM];
    struct buf all;
    temporary_name(number, temporary);
    buf_init(&all, SIZE_MAX / 4);
    add_head(&all, d);
    *head_size = all.n;
    buf_add(&all, buf_span(&d->text));
    errno = ENOMEM;
    int fd = buf_ok(&all) ? os_file_create(d->dir->fd, temporary) : -1;
    if (fd >= 0 &&
        !(os_lock_set(fd, LOCK_BYTE, OS_LOCK_EXCLUSIVE) && os_file_write(fd, all.p, all.n))) {
        drop_file(d, fd, temporary);
        fd = -1;
    }
    buf_free(&all);
    return fd;
}

/* From here on, fd is the file of the letter, complete. */
static void adopt(struct draft *d, int fd, unsigned number, size_t head_size)
{
    os_file_close(d->fd);
    d->fd = fd;
    d->number = number;
    d->head_size = head_size;
    d->kept = d->text.n;
    d->rewrite = false;
}

struct listing {
    unsigned *numbers;
    size_t max, n;
    unsigned last; /* the highest */
};

static bool note_name(void *ctx, const char *name)
{
    struct listing *l = ctx;
    uint64_t number;
    char canonical[NAME_ROOM];
    if (!span_u64(span_str(name), DRAFT_NUMBER_MAX, &number) || number == 0)
        return true;
    name_of((unsigned)number, canonical);
    if (strcmp(name, canonical) != 0)
        return true;
    if (l->n < l->max)
        l->numbers[l->n] = (unsigned)number;
    l->n++;
    l->last = number > l->last ? (unsigned)number : l->last;
    return true;
}

static int by_number(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    return (x > y) - (x < y);
}

static struct listing list(const struct state_dir *dir, unsigned *numbers, size_t max)
{
    struct listing l = {.numbers = numbers, .max = max};
    errno = 0;
    if (dir->fd >= 0)
        os_file_each(dir->fd, note_name, &l);
    if (max > 0)
        qsort(numbers, l.n < max ? l.n : max, sizeof *numbers, by_number);
    return l;
}

/* Makes the file of a new letter, under the first number that nobody has taken. */
static bool make_new(struct draft *d)
{
    char name[NAME_ROOM], temporary[NAME_ROOM];
    size_t head_size;
    unsigned last = list(d->dir, NULL, 0).last;
    for (unsigned number = last + 1; number <= last + TRIES; number++) {
        name_of(number, name);
        temporary_name(number, temporary);
        int fd = make_file(d, number, &head_size);
        if (fd >= 0 && os_file_rename_new(d->dir->fd, temporary, d->dir->fd, name)) {
            adopt(d, fd, number, head_size);
            return true;
        }
        if (fd >= 0)
            drop_file(d, fd, temporary);
        if (errno != EEXIST)
            return false;
    }
    return false;
}

/* Synced before the rename: a power cut must leave the old letter or the new one. */
static bool replace(struct draft *d)
{
    char name[NAME_ROOM], temporary[NAME_ROOM];
    size_t head_size;
    name_of(d->number, name);
    temporary_name(d->number, temporary);
    /* A process that died may have left it. The lock of the draft guards it, too. */
    os_file_remove(d->dir->fd, temporary);
    int fd = make_file(d, d->number, &head_size);
    if (fd < 0)
        return false;
    if (os_file_sync(fd) && os_file_rename_over(d->dir->fd, temporary, d->dir->fd, name)) {
        adopt(d, fd, d->number, head_size);
        return true;
    }
    drop_file(d, fd, temporary);
    return false;
}

bool draft_keep(struct draft *d)
{
    errno = ENOENT;
    if (d->dir->fd < 0)
        return false;
    if (d->fd < 0)
        return make_new(d);
    if (d->rewrite)
        return replace(d);
    /* What a failed write has left is written over. */
    if (!os_file_write_at(d->fd, d->text.p + d->kept, d->text.n - d->kept, d->head_size + d->kept))
        return false;
    d->kept = d->text.n;
    return true;
}

bool draft_finish(struct draft *d)
{
    bool was_ready = d->ready;
    d->ready = true;
    if (!draft_keep(d))
        return false;
    return (was_ready || os_file_write_at(d->fd, "1", 1, sizeof TITLE - 1 + sizeof READY - 1)) &&
           os_file_sync(d->fd) && os_file_sync_dir(d->dir->fd);
}

bool draft_mark(struct draft *d, size_t i, enum draft_mark mark)
{
    struct draft_to *to = &d->to[i];
    char field[1 + 1 + TIME_DIGITS + 1];
    if (mark != DRAFT_TRIED)
        to->tried = 0;
    else if (to->mark != DRAFT_TRIED)
        to->tried = os_clock_now();
    to->mark = mark;
    if (d->fd < 0 || d->rewrite)
        return true; /* it comes with the file */
    snprintf(field, sizeof field, "%c %0*lld", mark, TIME_DIGITS, (long long)to->tried);
    return os_file_write_at(d->fd, field, sizeof field - 1, offset_of_to(d, i) + sizeof TO - 1);
}

bool draft_is_too_old(const struct draft *d, size_t i)
{
    return d->to[i].mark == DRAFT_TRIED && os_clock_now() - d->to[i].tried >= DRAFT_TOKEN_S;
}

bool draft_has(const struct draft *d, enum draft_mark mark)
{
    for (size_t i = 0; i < d->nto; i++)
        if (d->to[i].mark == mark)
            return true;
    return false;
}

/* Takes "key: " off the line; false if it begins with something else. */
static bool take_key(struct span *line, struct span key)
{
    bool is = span_starts(*line, key);
    if (is)
        *line = span_skip(*line, key.n);
    return is;
}

static bool parse_to(struct draft *d, struct span line)
{
    struct draft_to to = {.mark = DRAFT_NEW};
    struct span mark, tried, token;
    uint64_t seconds;
    if (d->nto == DRAFT_TO_MAX || !span_cut(&line, ' ', &mark) || !span_cut(&line, ' ', &tried) ||
        !span_cut(&line, ' ', &token) || mark.n != 1 || token.n != LINK_TOKEN_BYTES ||
        tried.n != TIME_DIGITS || !span_u64(tried, INT64_MAX, &seconds) ||
        !name_fold(line, to.name) || line.n != strlen(to.name))
        return false;
    memcpy(to.token, token.p, token.n);
    if (strspn(to.token, "0123456789abcdef") != LINK_TOKEN_BYTES || !strchr("-?+", mark.p[0]))
        return false;
    to.mark = (enum draft_mark)mark.p[0];
    to.tried = (int64_t)seconds;
    d->to[d->nto++] = to;
    return true;
}

static bool parse_file(struct draft *d, struct span line)
{
    char path[OS_FILE_PATH_BYTES];
    size_t n;
    if (line.n >= sizeof path || !escape_undo(line, path, &n) || memchr(path, '\0', n))
        return false;
    path[n] = '\0';
    draft_add_file(d, path);
    return os_path_is_absolute(path);
}

static bool parse_line(struct draft *d, struct span line)
{
    if (take_key(&line, SPAN(FILE)))
        return d->nto == 0 && parse_file(d, line); /* draft_mark expects the recipients last */
    return take_key(&line, SPAN(TO)) && parse_to(d, line);
}

/* Parses a file into *d, which has just begun. */
static bool parse(struct draft *d, struct span all)
{
    struct span rest = all, line, user;
    if (!take_key(&rest, SPAN(TITLE)) || !span_cut(&rest, '\n', &line) ||
        !take_key(&line, SPAN(READY)) || line.n != 1)
        return false;
    d->ready = line.p[0] == '1';
    if (!span_cut(&rest, '\n', &line) || !take_key(&line, SPAN("server: ")) ||
        span_count(line, '\0') > 0)
        return false;
    buf_add(&d->server, line);
    if (!span_cut(&rest, '\n', &user) || !take_key(&user, SPAN("user: ")) ||
        !name_fold(user, d->user))
        return false;
    while (span_cut(&rest, '\n', &line) && line.n > 0)
        if (!parse_line(d, line))
            return false;
    d->head_size = all.n - rest.n;
    d->rewrite = false;
    return line.n == 0 && d->nto > 0 && buf_ok(&d->server) && buf_ok(&d->files) &&
           buf_add(&d->text, rest);
}

/* Opens the file, and locks it. Another process may replace it meanwhile: then again. */
static enum draft_opened lock_file(struct draft *d, const char *name)
{
    for (int i = 0; i < TRIES; i++) {
        d->fd = os_lock_open(d->dir->fd, name);
        if (d->fd < 0)
            return errno == ENOENT ? DRAFT_NONE : DRAFT_DAMAGED;
        if (!os_lock_set(d->fd, LOCK_BYTE, OS_LOCK_EXCLUSIVE))
            return errno == EAGAIN ? DRAFT_BUSY : DRAFT_DAMAGED;
        if (os_lock_is_named(d->fd, d->dir->fd, name))
            return DRAFT_OPENED;
        if (errno != 0)
            return DRAFT_DAMAGED;
        os_file_close(d->fd);
        d->fd = -1;
    }
    return DRAFT_BUSY;
}

/* Reads the file of the draft, which has just begun. */
static bool load(struct draft *d, const char *name)
{
    struct os_file_info info;
    struct buf all;
    buf_init(&all, TEXT_LIMIT + TEXT_LIMIT / 4);
    bool ok = os_file_look(d->dir->fd, name, &info) && os_file_load(d->dir->fd, name, &all);
    if (ok) {
        errno = 0;
        ok = parse(d, buf_span(&all));
        d->changed = info.changed;
        d->kept = d->text.n;
    }
    buf_free(&all);
    return ok;
}

/* Releases the file and the memory. Keeps errno. */
static void release(struct draft *d)
{
    os_file_close(d->fd);
    d->fd = -1;
    buf_free(&d->server);
    buf_free(&d->files);
    buf_free(&d->text);
}

enum draft_opened draft_open(struct draft *d, const struct state_dir *dir, unsigned number)
{
    char name[NAME_ROOM];
    draft_begin(d, dir, "", "");
    d->number = number;
    name_of(number, name);
    enum draft_opened opened = dir->fd >= 0 ? lock_file(d, name) : DRAFT_NONE;
    if (opened == DRAFT_OPENED && !load(d, name))
        opened = DRAFT_DAMAGED;
    if (opened != DRAFT_OPENED)
        release(d);
    return opened;
}

enum draft_opened draft_peek(struct draft *d, const struct state_dir *dir, unsigned number)
{
    char name[NAME_ROOM];
    name_of(number, name);
    int fd = os_file_open(dir->fd, name);
    bool held = fd >= 0 && os_lock_is_held(fd, LOCK_BYTE);
    os_file_close(fd);
    draft_begin(d, dir, "", "");
    d->number = number;
    if (fd >= 0 && load(d, name))
        return held ? DRAFT_BUSY : DRAFT_OPENED;
    release(d);
    return errno == ENOENT ? DRAFT_NONE : DRAFT_DAMAGED;
}

void draft_edit_name(const struct draft *d, char name[DRAFT_EDIT_BYTES])
{
    snprintf(name, DRAFT_EDIT_BYTES, "%u.edit", d->number);
}

bool draft_discard(struct draft *d)
{
    char name[NAME_ROOM], temporary[NAME_ROOM], edited[DRAFT_EDIT_BYTES];
    name_of(d->number, name);
    temporary_name(d->number, temporary);
    draft_edit_name(d, edited);
    if (d->fd >= 0) {
        os_file_remove_tree(d->dir->fd, edited);
        os_file_remove(d->dir->fd, temporary); /* a client that was killed may have left it */
    }
    bool ok = d->fd < 0 || os_file_remove(d->dir->fd, name);
    release(d);
    return ok;
}

bool draft_is_empty(const struct draft *d)
{
    return d->text.n == 0 && d->files.n == 0 && !draft_has(d, DRAFT_TRIED);
}

void draft_close(struct draft *d)
{
    if (draft_is_empty(d))
        draft_discard(d);
    else
        release(d);
}

size_t draft_numbers(const struct state_dir *dir, unsigned *numbers, size_t max)
{
    return list(dir, numbers, max).n;
}
