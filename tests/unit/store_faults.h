/* SPDX-License-Identifier: ISC */
/*
 * store_faults: lets calls of the store fail, and lets things happen between two of them. For a
 * test that is linked with --wrap for all of them (tests/unit/replaced.mk has the list).
 */
#ifndef STORE_FAULTS_H
#define STORE_FAULTS_H

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/clock.h"
#include "os/file.h"
#include "os/lock.h"
#include "os/mount.h"

/* Which call fails: the nth after faults_arm and, if ever is true, also all later ones. */
static struct {
    atomic_bool armed;
    atomic_int calls;
    int nth, error;
    bool ever;
    atomic_int blocks; /* of memory that are in use */
} faults;

/* How much was wrong in this run, and what came first. */
static int wrong;
static char first_wrong[200];

__attribute__((format(__printf__, 1, 2))) static inline void is_wrong(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (wrong++ == 0)
        vsnprintf(first_wrong, sizeof first_wrong, format, args);
    va_end(args);
}

static inline void faults_arm(int nth, int error, bool ever)
{
    faults.nth = nth;
    faults.error = error;
    faults.ever = ever;
    atomic_store(&faults.calls, 0);
    atomic_store(&faults.armed, true);
}

/* Returns whether a call has failed. */
static inline bool faults_disarm(void)
{
    atomic_store(&faults.armed, false);
    return atomic_load(&faults.calls) >= faults.nth;
}

/* Tests let only every n-th call fail: with all calls, they would take minutes. */
static inline int faults_stride(void)
{
    const char *stride = getenv("STRIDE");
    int n = stride ? (int)strtol(stride, NULL, 10) : 23;

    return n > 0 ? n : 1;
}

static inline bool fails_with(int error)
{
    if (!atomic_load(&faults.armed))
        return false;
    int n = atomic_fetch_add(&faults.calls, 1) + 1;
    if (n != faults.nth && !(faults.ever && n > faults.nth))
        return false;
    errno = error;
    return true;
}

/*
 * What another process or thread does meanwhile: it happens once, just before a call of the thread
 * that has asked for it.
 */
static _Thread_local struct {
    const char *call; /* the function, or NULL */
    const char *file; /* how the name begins that it is called with; NULL: any */
    int nth;          /* 1: the next such call */
    void (*happens)(void);
    int error; /* with which the call then fails, or 0 */
} meanwhile;

/* happens may be NULL: then the call only fails. */
static inline void faults_meanwhile(const char *call, const char *file, int nth,
                                    void (*happens)(void), int error)
{
    meanwhile.file = file;
    meanwhile.nth = nth;
    meanwhile.happens = happens;
    meanwhile.error = error;
    meanwhile.call = call;
}

/* Returns whether it has happened. If not, it will not. */
static inline bool faults_happened(void)
{
    bool happened = !meanwhile.call;
    meanwhile.call = NULL;
    return happened;
}

/* Whether the call fails. Does what happens before it. */
static inline bool fails_meanwhile(const char *call, const char *file)
{
    const char *begin = meanwhile.file;
    if (!meanwhile.call || strcmp(meanwhile.call, call) != 0 ||
        (begin && (!file || strncmp(file, begin, strlen(begin)) != 0)) || --meanwhile.nth > 0)
        return false;
    int error = meanwhile.error;
    meanwhile.call = NULL;
    if (meanwhile.happens)
        meanwhile.happens();
    if (error)
        errno = error;
    return error;
}

static inline bool fails_here(const char *call, const char *file, int error)
{
    return fails_meanwhile(call, file) || fails_with(error);
}

/* The linker sends all calls of this function here. */
#define REPLACED(type, name, parameters)                  \
    type real_##name parameters __asm__("__real_" #name); \
    type here_##name parameters __asm__("__wrap_" #name); \
    type here_##name parameters

/* file: the name of a file among the arguments, or NULL. */
#define FAILING(type, name, failed, file, parameters, arguments)                         \
    REPLACED(type, name, parameters)                                                     \
    {                                                                                    \
        return fails_here(#name, file, faults.error) ? (failed) : real_##name arguments; \
    }

FAILING(int, os_file_open_dir, -1, path, (const char *path), (path))
FAILING(int, os_file_open_subdir, -1, name, (int dir, const char *name), (dir, name))
FAILING(int, os_file_open, -1, name, (int dir, const char *name), (dir, name))
FAILING(int, os_file_open_any, -1, name, (int dir, const char *name), (dir, name))
FAILING(int, os_file_open_stream, -1, path, (const char *path), (path))
FAILING(int64_t, os_file_read_next, -1, NULL, (int fd, void *bytes, size_t size), (fd, bytes, size))
FAILING(int, os_file_create, -1, name, (int dir, const char *name), (dir, name))
FAILING(int, os_file_open_append, -1, name, (int dir, const char *name), (dir, name))
FAILING(bool, os_file_append, false, NULL, (int fd, const void *bytes, size_t size),
        (fd, bytes, size))
FAILING(int64_t, os_file_read_some, -1, NULL, (int fd, void *bytes, size_t size, uint64_t offset),
        (fd, bytes, size, offset))
FAILING(int64_t, os_file_read_at, -1, NULL, (int fd, void *bytes, size_t size, uint64_t offset),
        (fd, bytes, size, offset))
FAILING(bool, os_file_write_at, false, NULL,
        (int fd, const void *bytes, size_t size, uint64_t offset), (fd, bytes, size, offset))
FAILING(bool, os_file_write, false, NULL, (int fd, const void *bytes, size_t size),
        (fd, bytes, size))
FAILING(int64_t, os_file_size, -1, NULL, (int fd), (fd))
FAILING(bool, os_file_look, false, name, (int dir, const char *name, struct os_file_info *info),
        (dir, name, info))
FAILING(bool, os_file_look_at, false, NULL, (int fd, struct os_file_info *info), (fd, info))
FAILING(bool, os_file_load, false, name, (int dir, const char *name, struct buf *into),
        (dir, name, into))
FAILING(bool, os_file_make, false, name, (int dir, const char *name, struct span content),
        (dir, name, content))
FAILING(bool, os_file_replace, false, name, (int dir, const char *name, struct span content),
        (dir, name, content))
FAILING(bool, os_file_sync, false, NULL, (int fd), (fd))
FAILING(bool, os_file_sync_dir, false, NULL, (int dir), (dir))
FAILING(bool, os_file_sync_data, false, NULL, (int fd), (fd))
FAILING(bool, os_file_sync_all, false, NULL, (int fd), (fd))
FAILING(bool, os_file_rename_new, false, from,
        (int from_dir, const char *from, int to_dir, const char *to), (from_dir, from, to_dir, to))
FAILING(bool, os_file_rename_over, false, from,
        (int from_dir, const char *from, int to_dir, const char *to), (from_dir, from, to_dir, to))
FAILING(bool, os_file_link, false, from,
        (int from_dir, const char *from, int to_dir, const char *to), (from_dir, from, to_dir, to))
FAILING(bool, os_file_remove, false, name, (int dir, const char *name), (dir, name))
FAILING(bool, os_file_truncate, false, name, (int dir, const char *name), (dir, name))
FAILING(bool, os_file_make_dir, false, name, (int dir, const char *name), (dir, name))
FAILING(bool, os_file_remove_tree, false, name, (int dir, const char *name), (dir, name))
FAILING(bool, os_file_each, false, NULL,
        (int dir, bool (*each)(void *ctx, const char *name), void *ctx), (dir, each, ctx))
FAILING(bool, os_mount_is_one, false, NULL, (int from_dir, int to_dir), (from_dir, to_dir))
FAILING(bool, os_mount_free_space, false, NULL, (int fd, uint64_t *bytes, uint64_t *inodes),
        (fd, bytes, inodes))
FAILING(int, os_lock_open, -1, name, (int dir, const char *name), (dir, name))
FAILING(bool, os_lock_set, false, NULL, (int fd, long byte, enum os_lock lock), (fd, byte, lock))

/* The descriptor is closed in any case. */
REPLACED(bool, os_lock_take_over, (int fd, int number))
{
    if (!fails_here("os_lock_take_over", NULL, faults.error))
        return real_os_lock_take_over(fd, number);
    int error = errno;
    os_file_close(fd);
    errno = error;
    return false;
}

/*
 * All file systems count as ones where syncfs reports failures, unless a test says otherwise: else
 * the store would have no log on the file systems of the tests.
 */
static bool faults_sync_not_reported;

REPLACED(bool, os_mount_reports_sync, (int fd))
{
    return fd >= 0 && !faults_sync_not_reported;
}

/* Nobody sleeps: the clock is put forward instead. */
static _Atomic int64_t faults_slept_ms;

REPLACED(void, os_clock_sleep, (int64_t ms))
{
    atomic_fetch_add(&faults_slept_ms, ms);
}

REPLACED(int64_t, os_clock_ms, (void))
{
    return real_os_clock_ms() + atomic_load(&faults_slept_ms);
}

#define MEMORY_FAILS(call) fails_here(call, NULL, ENOMEM)
#include "memory_faults.h"

REPLACED(char *, strdup, (const char *text))
{
    return fails_here("strdup", text, ENOMEM) ? NULL : counted(real_strdup(text));
}

REPLACED(int, pthread_create,
         (pthread_t * thread, const pthread_attr_t *attr, void *(*run)(void *ctx), void *ctx))
{
    return fails_with(EAGAIN) ? EAGAIN : real_pthread_create(thread, attr, run, ctx);
}

#endif
