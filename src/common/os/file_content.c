/* SPDX-License-Identifier: ISC */
/*
 * Whole files and trees of them, by the calls of file.c.
 */
#include <errno.h>
#include <stdio.h>

#include "file_private.h"

/* How much os_file_load reads at a time. */
#define LOAD_BYTES 16384

int64_t os_file_read_at(int fd, void *bytes, size_t size, uint64_t offset)
{
    char *p = bytes;
    size_t done = 0;
    while (done < size) {
        int64_t n = os_file_read_some(fd, p + done, size - done, offset + done);
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (int64_t)done;
}

/* Reads to the end of the file. It exceeds the limit only if one more byte can be read. */
static bool load_rest(int fd, struct buf *into)
{
    for (;;) {
        char beyond = 0;
        size_t room = into->limit - into->n;
        size_t want = room < LOAD_BYTES ? room : LOAD_BYTES;
        /* cppcheck-suppress knownConditionTrueFalse ; usually there is room */
        char *p = want > 0 ? buf_space(into, want) : &beyond;
        if (!p) {
            errno = ENOMEM;
            return false;
        }
        /* cppcheck-suppress knownConditionTrueFalse ; the same */
        int64_t n = os_file_read_next(fd, p, want > 0 ? want : 1);
        if (n <= 0)
            return n == 0;
        if (want == 0) {
            errno = EFBIG;
            return false;
        }
        buf_added(into, (size_t)n);
    }
}

static bool load(int fd, struct buf *into)
{
    if (fd < 0)
        return false;
    bool ok = load_rest(fd, into);
    os_file_close(fd);
    return ok;
}

bool os_file_load(int dir, const char *name, struct buf *into)
{
    return load(os_file_open(dir, name), into);
}

bool os_file_load_path(const char *path, struct buf *into)
{
    return load(os_file_open_path(path), into);
}

bool os_file_load_standard(struct buf *into)
{
    return load_rest(OS_FILE_STANDARD, into);
}

int64_t os_file_first_line(const char *path, char *bytes, size_t size)
{
    int fd = path ? os_file_open_stream(path) : OS_FILE_STANDARD;
    size_t n = 0;
    int64_t got = -1;
    char c;
    if (fd < 0)
        return -1;
    while ((got = os_file_read_next(fd, &c, 1)) == 1 && c != '\n') {
        if (n == size) {
            errno = EFBIG;
            got = -1;
            break;
        }
        bytes[n++] = c;
    }
    if (path)
        os_file_close(fd);
    return got < 0 ? -1 : (int64_t)n;
}

/* Removes a file, and keeps errno: something else has failed before. */
static void remove_quietly(int dir, const char *name)
{
    int saved = errno;
    os_file_remove(dir, name);
    errno = saved;
}

bool os_file_make(int dir, const char *name, struct span content)
{
    int fd = os_file_create(dir, name);
    if (fd < 0)
        return false;
    bool ok = os_file_write(fd, content.p, content.n) && os_file_sync(fd);
    os_file_close(fd);
    if (!ok)
        remove_quietly(dir, name);
    return ok;
}

/* Removes a file name.new first, which a process that died may have left. */
bool os_file_replace(int dir, const char *name, struct span content)
{
    char temporary[OS_FILE_PATH_BYTES];
    int n = snprintf(temporary, sizeof temporary, "%s.new", name);
    if (n < 0 || (size_t)n >= sizeof temporary) {
        errno = ENAMETOOLONG;
        return false;
    }
    bool ok = (os_file_remove(dir, temporary) || errno == ENOENT) &&
              os_file_make(dir, temporary, content);
    if (ok && !os_file_rename_over(dir, temporary, dir, name)) {
        remove_quietly(dir, temporary);
        ok = false;
    }
    return ok;
}

struct removal {
    int dir;
    int error; /* of the first entry that could not be removed, or 0 */
};

/* Goes on after a failure, to remove as much as possible. */
static bool remove_entry(void *ctx, const char *name)
{
    struct removal *r = ctx;
    if (!os_file_remove_tree(r->dir, name) && r->error == 0)
        r->error = errno;
    return true;
}

bool os_file_remove_tree(int dir, const char *name)
{
    if (os_file_remove(dir, name))
        return true;
    if (errno != EISDIR && errno != EPERM)
        return false;

    struct removal r = {.dir = os_file_open_subdir(dir, name)};
    if (r.dir < 0)
        return false;
    if (!os_file_each(r.dir, remove_entry, &r))
        r.error = errno;
    os_file_close(r.dir);
    if (r.error != 0) {
        errno = r.error;
        return false;
    }
    return os_file_remove_dir(dir, name);
}
