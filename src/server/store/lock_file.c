/* SPDX-License-Identifier: ISC */
#include "store/lock_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/digits.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/lock.h"
#include "os/random.h"
#include "store/changes_known.h"
#include "store/layout.h"

#define MAGIC        "pochta lock 3\n"
#define MAGIC_BEFORE "pochta lock 2\n"

#define LOOKS         50
#define LOOK_PAUSE_MS 20
#define USE_WAIT_MS   5000

/* The bytes that carry locks. BYTE_INSTANCE: of both files. */
enum {
    BYTE_INSTANCE,
    BYTE_USERS,
    BYTE_STRIPE,
    BYTE_VISIT = BYTE_STRIPE + LOCK_STRIPES,
    BYTE_RECOVERY
};

struct file {
    char magic[sizeof MAGIC - 1];
    char key[LOCK_KEY_DIGITS];
    char unused[2];
    unsigned char hash_key[SIPHASH_KEY_BYTES];
    char unused_too[LOCK_FIRST_SLOT - (sizeof MAGIC - 1) - LOCK_KEY_DIGITS - 2 - SIPHASH_KEY_BYTES];
    struct lock_slot slots[LOCK_STRIPES];
};

_Static_assert(sizeof(struct lock_slot) == 64, "the size in the file");
_Static_assert(sizeof(struct file) == LOCK_FIRST_SLOT + LOCK_STRIPES * 64, "the size of the file");

static void draw_keys(struct lock_file *f)
{
    char digits[LOCK_SEMAPHORE_DIGITS + 1];
    os_random_hex(f->key, LOCK_KEY_DIGITS);
    os_random_bytes(f->hash_key, sizeof f->hash_key);
    for (unsigned i = 0; i < LOCK_STRIPES; i++) {
        os_random_hex(digits, LOCK_SEMAPHORE_DIGITS);
        memcpy(f->semaphores[i], digits, LOCK_SEMAPHORE_DIGITS);
    }
}

/* The whole file: its keys, and slots that nobody has held. */
static void fill_in(const struct lock_file *f, struct file *file)
{
    *file = (struct file){.magic = MAGIC};
    memcpy(file->key, f->key, LOCK_KEY_DIGITS);
    memcpy(file->hash_key, f->hash_key, sizeof file->hash_key);
    for (unsigned i = 0; i < LOCK_STRIPES; i++)
        memcpy(file->slots[i].semaphore, f->semaphores[i], LOCK_SEMAPHORE_DIGITS);
}

static bool write_keys(const struct lock_file *f)
{
    struct file file;
    fill_in(f, &file);
    return os_file_write_at(f->fd, &file, sizeof file, 0);
}

/* The file may hold anything if somebody else has written it. */
static bool read_keys(struct lock_file *f, const char *magic)
{
    struct file file;
    if (os_file_size(f->fd) != sizeof file ||
        os_file_read_at(f->fd, &file, sizeof file, 0) != sizeof file ||
        memcmp(file.magic, magic, sizeof file.magic) != 0 ||
        !digits_is_hex(span_of(file.key, LOCK_KEY_DIGITS)))
        return false;
    memcpy(f->key, file.key, LOCK_KEY_DIGITS);
    memcpy(f->hash_key, file.hash_key, sizeof f->hash_key);
    for (unsigned i = 0; i < LOCK_STRIPES; i++) {
        memcpy(f->semaphores[i], file.slots[i].semaphore, LOCK_SEMAPHORE_DIGITS);
        if (strcmp(magic, MAGIC) == 0 &&
            !digits_is_hex(span_of(f->semaphores[i], LOCK_SEMAPHORE_DIGITS)))
            return false;
    }
    return true;
}

/* Whether the file is empty, or was ours before it was damaged. */
static bool was_ours(const struct lock_file *f)
{
    static const char zeros[sizeof MAGIC - 1];
    char magic[sizeof MAGIC - 1];
    int64_t n = os_file_read_at(f->fd, magic, sizeof magic, 0);
    return n >= 0 &&
           (memcmp(magic, MAGIC, (size_t)n) == 0 || memcmp(magic, MAGIC_BEFORE, (size_t)n) == 0 ||
            memcmp(magic, zeros, (size_t)n) == 0);
}

void lock_file_semaphore(const struct lock_file *f, unsigned stripe,
                         char name[LOCK_SEMAPHORE_NAME_BYTES])
{
    snprintf(name, LOCK_SEMAPHORE_NAME_BYTES, "/pochta-%s-%.*s", f->key, LOCK_SEMAPHORE_DIGITS,
             f->semaphores[stripe]);
}

void lock_file_end_stripe(const struct lock_file *f, unsigned stripe, sem_t *sem,
                          void (*died)(void *ctx, const char *mailbox), void *ctx)
{
    char name[LOCK_SEMAPHORE_NAME_BYTES];
    struct lock_slot slot;
    if (sem != SEM_FAILED && lock_semaphore_is_taken(sem)) {
        lock_file_read_slot(f, stripe, &slot);
        died(ctx, slot.mailbox);
    }
    lock_file_semaphore(f, stripe, name);
    lock_semaphore_unlink(name);
}

/* Reports the processes that died with a stripe, and unlinks what they left. */
static void end_dead_processes(const struct lock_file *f,
                               void (*died)(void *ctx, const char *mailbox), void *ctx)
{
    char name[LOCK_SEMAPHORE_NAME_BYTES];
    for (unsigned i = 0; i < LOCK_STRIPES; i++) {
        lock_file_semaphore(f, i, name);
        sem_t *sem = lock_semaphore_find(name);
        lock_file_end_stripe(f, i, sem, died, ctx);
        if (sem != SEM_FAILED)
            sem_close(sem);
    }
}

/* The first process to use the store writes the file again; only a server does if it is damaged. */
static bool write_new_keys(struct lock_file *f, void (*died)(void *ctx, const char *mailbox),
                           void *ctx, const char **why)
{
    char before[LOCK_KEY_DIGITS + 1];
    *why = "its lock file is not of this version, or damaged";
    errno = 0;
    bool had_keys = read_keys(f, MAGIC);
    if (had_keys)
        end_dead_processes(f, died, ctx);
    else if (!read_keys(f, MAGIC_BEFORE) && !(f->server && was_ours(f)))
        return false;
    memcpy(before, f->key, sizeof before);
    draw_keys(f);
    *why = "its lock file cannot be written";
    if (!write_keys(f))
        return false;
    *why = "its directory changes/ cannot be written or synced";
    if (!changes_known_begin(f->dir, had_keys ? before : NULL, f->key))
        return false;
    *why = "its lock file cannot be locked";
    return os_lock_set(f->fd, BYTE_USERS, OS_LOCK_SHARED);
}

/* Waits while another process begins or ends its use, but gives up: that one may be stopped. */
static bool share_use(const struct lock_file *f, const char **why)
{
    int64_t until_ms = os_clock_ms() + USE_WAIT_MS;
    *why = "its lock file cannot be locked";
    while (!os_lock_set(f->fd, BYTE_USERS, OS_LOCK_SHARED)) {
        if (errno != EAGAIN)
            return false;
        if (os_clock_ms() >= until_ms) {
            *why =
                "another process has been opening or closing it for 5 seconds; it may be stopped";
            errno = 0;
            return false;
        }
        os_clock_sleep(LOOK_PAUSE_MS);
    }
    return true;
}

/*
 * Takes the use of the store. The first process to have it draws the keys; later ones read them.
 *
 * After we opened the file, a server may have put another one in its place. Both files have the
 * server's keys, and we must not take the server's semaphores for those of a dead process. While we
 * have the use of a file, no server replaces it.
 */
static bool begin_use(struct lock_file *f, void (*died)(void *ctx, const char *mailbox), void *ctx,
                      const char **why)
{
    bool first = os_lock_set(f->fd, BYTE_USERS, OS_LOCK_EXCLUSIVE);
    if (!first && !share_use(f, why))
        return false;
    if (!f->server && !os_lock_is_named(f->fd, f->dir, LAYOUT_LOCK)) {
        *why = errno ? "its lock file cannot be looked at"
                     : "its lock file has just been removed or replaced; try again";
        return false;
    }
    if (first && !write_new_keys(f, died, ctx, why))
        return false;
    *why = "its lock file cannot be locked";
    if (!f->server && !os_lock_set(f->fd, BYTE_VISIT, OS_LOCK_SHARED))
        return false;
    *why = "its lock file is damaged, or a process of another version of Pochta uses the store";
    errno = 0;
    return read_keys(f, MAGIC);
}

/*
 * Makes a file under another name first: a process that sees it sees a complete file, whose
 * instance and use this server has. Returns its descriptor, or -1.
 */
static int make_file(const struct lock_file *f, const char *name)
{
    char temporary[64], end[LOCK_KEY_DIGITS + 1];
    struct file file;
    bool is_lock = strcmp(name, LAYOUT_LOCK) == 0;
    fill_in(f, &file);
    os_random_hex(end, LOCK_KEY_DIGITS);
    snprintf(temporary, sizeof temporary, "%s.%s", name, end);
    if (!os_file_make(f->dir, temporary,
                      is_lock ? span_of((const char *)&file, sizeof file)
                              : span_str(lock_file_version(f->logged))))
        return -1;
    int fd = os_lock_open(f->dir, temporary);
    bool ok = fd >= 0;
    if (ok && f->server)
        ok = os_lock_set(fd, BYTE_INSTANCE, OS_LOCK_EXCLUSIVE) &&
             (!is_lock || os_lock_set(fd, BYTE_USERS, OS_LOCK_SHARED));
    ok = ok && os_file_rename_new(f->dir, temporary, f->dir, name);
    int error = errno;
    if (os_file_exists(f->dir, temporary))
        os_file_remove(f->dir, temporary);
    if (!ok) {
        os_file_close(fd);
        fd = -1;
    }
    errno = error;
    return fd;
}

/* Opens one of the files, and makes it first if it is missing. */
static int open_or_make(const struct lock_file *f, const char *name)
{
    for (;;) {
        int fd = os_lock_open(f->dir, name);
        if (fd >= 0 || errno != ENOENT)
            return fd;
        fd = make_file(f, name);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
}

/* Closes fd, which may be -1. Returns whether a server holds the instance in that file. */
static bool is_served(int fd)
{
    bool served = fd >= 0 && os_lock_is_held(fd, BYTE_INSTANCE);
    os_file_close(fd);
    return served;
}

/* The same in the directory itself, of which nobody can remove the name under a server. */
static bool is_directory_served(int dir)
{
    return is_served(os_file_open_subdir(dir, "."));
}

bool lock_file_is_served(int dir)
{
    return is_served(os_file_open(dir, LAYOUT_LOCK)) ||
           is_served(os_file_open(dir, LAYOUT_VERSION)) || is_directory_served(dir);
}

static const char in_use[] = "another server is using it";

/* False: *why, and errno if it is not another server. */
static bool take_instance(int fd, const char *failed, const char **why)
{
    if (os_lock_set(fd, BYTE_INSTANCE, OS_LOCK_EXCLUSIVE))
        return true;
    *why = errno == EAGAIN ? in_use : failed;
    if (errno == EAGAIN)
        errno = 0;
    return false;
}

/*
 * The instance in "version" comes first: then nobody makes a "lock" beside that of a server. A
 * lock on the directory only tells others that we are here, and some file systems have none.
 */
static bool become_server(struct lock_file *f, const char **why)
{
    *why = "its file \"version\" cannot be made or opened";
    f->version_fd = open_or_make(f, LAYOUT_VERSION);
    if (f->version_fd < 0)
        return false;
    if (!take_instance(f->version_fd, "its file \"version\" cannot be locked", why))
        return false;
    if (!is_served(os_file_open(f->dir, LAYOUT_LOCK)) && !is_directory_served(f->dir)) {
        f->told = os_lock_set(f->dir, BYTE_INSTANCE, OS_LOCK_SHARED);
        return true;
    }
    *why = in_use;
    errno = 0;
    return false;
}

/*
 * Whether our file is not that of the server that uses the store, as when a backup was put back
 * over it. A server that starts has "version" a moment before "lock".
 */
static bool is_of_no_server(const struct lock_file *f, const char **why)
{
    for (int i = 0; i < LOOKS; i++) {
        if (os_lock_is_held(f->fd, BYTE_INSTANCE) || !lock_file_is_served(f->dir))
            return false;
        os_clock_sleep(LOOK_PAUSE_MS);
    }
    *why = "a server is using it with another lock file; the server makes that again";
    errno = 0;
    return true;
}

bool lock_file_open(struct lock_file *f, int dir, bool server,
                    void (*died)(void *ctx, const char *mailbox), void *ctx, const char **why)
{
    *f = (struct lock_file){.dir = dir, .fd = -1, .version_fd = -1, .server = server};
    if (server && !become_server(f, why))
        return false;
    *why = "a server is using it, and its lock file is missing; the server makes it again";
    errno = 0;
    if (!server && !os_file_exists(dir, LAYOUT_LOCK) && lock_file_is_served(dir))
        return false;
    draw_keys(f);
    *why = "its lock file cannot be made or opened";
    f->fd = open_or_make(f, LAYOUT_LOCK);
    if (f->fd < 0)
        return false;
    if (server ? !take_instance(f->fd, "its lock file cannot be locked", why)
               : is_of_no_server(f, why))
        return false;
    return begin_use(f, died, ctx, why);
}

bool lock_file_look(int dir, struct lock_file_look *look)
{
    struct lock_file f = {.fd = os_file_open(dir, LAYOUT_LOCK)};
    *look = (struct lock_file_look){.served = lock_file_is_served(dir)};
    bool ok = f.fd >= 0 && (read_keys(&f, MAGIC) || read_keys(&f, MAGIC_BEFORE));
    if (ok)
        memcpy(look->key, f.key, sizeof look->key);
    look->used = ok && os_lock_is_held(f.fd, BYTE_USERS);
    os_file_close(f.fd);
    return ok;
}

bool lock_file_end_use(const struct lock_file *f)
{
    return f->fd >= 0 && os_lock_set(f->fd, BYTE_USERS, OS_LOCK_EXCLUSIVE);
}

void lock_file_close(struct lock_file *f)
{
    if (f->told)
        os_lock_set(f->dir, BYTE_INSTANCE, OS_LOCK_NONE);
    os_file_close(f->fd);
    os_file_close(f->version_fd);
}

int lock_file_begin_recovery(int dir, int64_t wait_ms)
{
    int64_t until_ms = os_clock_ms() + wait_ms;
    int fd = os_lock_open(dir, LAYOUT_LOCK);
    while (fd >= 0 && !os_lock_set(fd, BYTE_RECOVERY, OS_LOCK_EXCLUSIVE) && errno == EAGAIN &&
           os_clock_ms() < until_ms)
        os_clock_sleep(LOOK_PAUSE_MS);
    return fd;
}

bool lock_file_is_recovered(int dir)
{
    int fd = os_file_open(dir, LAYOUT_LOCK);
    bool held = fd >= 0 && os_lock_is_held(fd, BYTE_RECOVERY);
    os_file_close(fd);
    return held;
}

bool lock_file_is_visited(const struct lock_file *f)
{
    return os_lock_is_held(f->fd, BYTE_VISIT);
}

bool lock_file_lock(const struct lock_file *f, unsigned stripe, bool held)
{
    return os_lock_set(f->fd, BYTE_STRIPE + (long)stripe, held ? OS_LOCK_EXCLUSIVE : OS_LOCK_NONE);
}

/* Whether other processes can still read our keys: somebody may have emptied the file. */
static bool has_our_keys(const struct lock_file *f)
{
    struct lock_file now = *f;
    return read_keys(&now, MAGIC) && memcmp(now.key, f->key, sizeof f->key) == 0;
}

bool lock_file_is_there(const struct lock_file *f)
{
    return os_lock_is_named(f->fd, f->dir, LAYOUT_LOCK) && has_our_keys(f) &&
           os_lock_is_named(f->version_fd, f->dir, LAYOUT_VERSION);
}

/*
 * A lock that we hold is set once more, which changes nothing, and fails if another has it.
 * GlusterFS gives up a descriptor whose lock is lost (EBADFD); ESTALE: the file is gone.
 */
static enum lock_proof prove_lock(int fd)
{
    if (os_lock_set(fd, BYTE_INSTANCE, OS_LOCK_EXCLUSIVE) && os_file_refresh(fd))
        return LOCK_PROVED;
    bool lost = errno == EAGAIN || errno == EBADFD || errno == ESTALE;
    return lost ? LOCK_LOST : LOCK_UNKNOWN;
}

/*
 * Linux takes a lost lock on NFS again when it is set once more, if it is free, but the file can no
 * longer be read through that descriptor (EIO).
 */
static enum lock_proof prove_keys(const struct lock_file *f)
{
    struct file now;
    int64_t n = os_file_read_at(f->fd, &now, sizeof now, 0);
    if (n < 0)
        return errno == EIO ? LOCK_LOST : LOCK_UNKNOWN;
    bool whole = n == sizeof now && memcmp(now.magic, MAGIC, sizeof now.magic) == 0;
    return whole && memcmp(now.key, f->key, LOCK_KEY_DIGITS) != 0 ? LOCK_LOST : LOCK_PROVED;
}

enum lock_proof lock_file_prove(const struct lock_file *f, bool shared)
{
    enum lock_proof proof = atomic_load(&f->replaced) ? LOCK_LOST : prove_lock(f->version_fd);
    if (proof == LOCK_PROVED)
        proof = prove_lock(f->fd);
    return proof == LOCK_PROVED && shared ? prove_keys(f) : proof;
}

/* Removes what has the name "lock" and is not ours, unless it is in use, or no file. */
static bool remove_stranger(const struct lock_file *f)
{
    int fd = os_lock_open(f->dir, LAYOUT_LOCK);
    if (fd < 0)
        return errno == ENOENT;
    bool used = os_lock_is_held(fd, BYTE_USERS);
    os_file_close(fd);
    errno = EAGAIN;
    return !used && os_file_remove(f->dir, LAYOUT_LOCK);
}

/*
 * The new file takes over the old one's descriptor number, so that no thread sees a closed one.
 * Another process that uses the old file would not notice that we use the new one.
 *
 * Where a lock on the directory does not reach other hosts, another server starts if both files are
 * removed. It takes the instance in "lock" last: then the store is its own.
 */
bool lock_file_make_again(struct lock_file *f)
{
    int fd = -1;
    bool ok = true, named = os_lock_is_named(f->fd, f->dir, LAYOUT_LOCK);
    if (!named && is_served(os_file_open(f->dir, LAYOUT_LOCK))) {
        atomic_store(&f->replaced, true);
        errno = EAGAIN;
        return false;
    }
    if (!os_lock_is_named(f->version_fd, f->dir, LAYOUT_VERSION)) {
        fd = make_file(f, LAYOUT_VERSION);
        ok = fd >= 0 && os_lock_take_over(fd, f->version_fd);
        if (fd >= 0 && !ok) /* we have lost its lock */
            os_file_remove(f->dir, LAYOUT_VERSION);
    }
    if (!ok || (named && has_our_keys(f)))
        return ok;
    if (!os_lock_set(f->fd, BYTE_USERS, OS_LOCK_EXCLUSIVE))
        return false;
    if (named)
        return write_keys(f) && os_lock_set(f->fd, BYTE_USERS, OS_LOCK_SHARED);
    fd = remove_stranger(f) ? make_file(f, LAYOUT_LOCK) : -1;
    return fd >= 0 && os_lock_take_over(fd, f->fd);
}
