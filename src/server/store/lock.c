/* SPDX-License-Identifier: ISC */
#include "store/lock.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "os/clock.h"
#include "os/cond.h"
#include "os/file.h"
#include "os/lock.h"
#include "os/process.h"
#include "os/random.h"
#include "proto/name.h"
#include "store/layout.h"

#define MAGIC      "pochta lock 2\n"
#define FIRST_SLOT 256

/* The bytes of the file that carry OFD locks. */
enum { BYTE_INSTANCE, BYTE_USERS, BYTE_STRIPE };

/* One stripe in the file. Written by the holder alone. */
struct slot {
    uint64_t process;             /* who held it last */
    char mailbox[NAME_BYTES + 1]; /* for which one */
    uint32_t pid;                 /* of that process; 0: a version that did not say */
    char unused[16];
};

_Static_assert(sizeof(struct slot) == 64, "the size in the file");

struct file {
    char magic[sizeof MAGIC - 1];
    char key[LOCK_KEY_DIGITS]; /* in the semaphores' names, so that nobody can guess and squat them
                                */
    char unused[FIRST_SLOT - (sizeof MAGIC - 1) - LOCK_KEY_DIGITS];
    struct slot slots[LOCK_STRIPES];
};

struct stripe {
    pthread_mutex_t mutex; /* guards held */
    pthread_cond_t given;
    bool held; /* by a thread of this process, or it waits for other processes */
    sem_t *sem;
};

struct locks {
    int fd; /* for all bytes of the file: who holds a stripe uses its bytes */
    char key[LOCK_KEY_DIGITS + 1]; /* "": not known yet */
    uint64_t process;              /* random: a process id could come again */
    void (*died)(void *ctx, const char *mailbox);
    void *ctx;
    struct stripe stripes[LOCK_STRIPES];
};

static void fill_in(struct file *file, char key[LOCK_KEY_DIGITS + 1])
{
    *file = (struct file){.magic = MAGIC};
    os_random_hex(key, LOCK_KEY_DIGITS);
    memcpy(file->key, key, LOCK_KEY_DIGITS);
}

/* Makes the file under another name first: whoever sees "lock" sees a complete file. */
static bool make_lock_file(int dir)
{
    struct file file;
    char key[LOCK_KEY_DIGITS + 1], temporary[sizeof LAYOUT_LOCK + 1 + LOCK_KEY_DIGITS];
    fill_in(&file, key);
    snprintf(temporary, sizeof temporary, LAYOUT_LOCK ".%s", key);
    int fd = os_file_create(dir, temporary);
    if (fd < 0)
        return false;
    bool ok = os_file_write(fd, &file, sizeof file) && os_file_sync(fd);
    os_file_close(fd);
    ok = ok && (os_file_rename_new(dir, temporary, dir, LAYOUT_LOCK) || errno == EEXIST);
    if (!ok || os_file_exists(dir, temporary))
        os_file_remove(dir, temporary);
    return ok;
}

static void semaphore_name(const struct locks *l, unsigned stripe, char out[64])
{
    snprintf(out, 64, "/pochta-%s-%u", l->key, stripe);
}

/* Tries to open before it creates: a kill while sem_open creates one leaves a temporary file. */
static bool open_stripe(struct locks *l, unsigned i)
{
    struct stripe *s = &l->stripes[i];
    char name[64];
    semaphore_name(l, i, name);
    do {
        s->sem = sem_open(name, 0);
        if (s->sem == SEM_FAILED && errno == ENOENT)
            s->sem = sem_open(name, O_CREAT | O_EXCL, 0600, 1);
    } while (s->sem == SEM_FAILED && errno == EEXIST);
    return s->sem != SEM_FAILED;
}

/* The file may hold anything if somebody else has written it. */
static bool is_key(const char *key)
{
    return digits_is_hex(span_of(key, LOCK_KEY_DIGITS));
}

/* False: it is not a lock file of this version, or it is damaged. */
static bool read_key(int fd, char key[LOCK_KEY_DIGITS + 1])
{
    char head[FIRST_SLOT];
    if (os_file_size(fd) != sizeof(struct file) ||
        os_file_read_at(fd, head, sizeof head, 0) != sizeof head ||
        memcmp(head, MAGIC, sizeof MAGIC - 1) != 0 || !is_key(head + sizeof MAGIC - 1))
        return false;
    memcpy(key, head + sizeof MAGIC - 1, LOCK_KEY_DIGITS);
    key[LOCK_KEY_DIGITS] = '\0';
    return true;
}

/* Rewrites a damaged file if it is empty or was ours, and no other process uses it. */
static bool rewrite_lock_file(struct locks *l)
{
    static const char zeros[sizeof MAGIC - 1];
    struct file file;
    char magic[sizeof MAGIC - 1];
    int64_t n = os_file_read_at(l->fd, magic, sizeof magic, 0);
    if (n < 0 || (memcmp(magic, MAGIC, (size_t)n) != 0 && memcmp(magic, zeros, (size_t)n) != 0) ||
        !os_lock_set(l->fd, BYTE_USERS, OS_LOCK_EXCLUSIVE, false))
        return false;
    fill_in(&file, l->key);
    return os_file_write_at(l->fd, &file, sizeof file, 0) && os_file_sync(l->fd);
}

static bool open_lock_file(struct locks *l, int dir, bool server, const char **why)
{
    *why = "its lock file cannot be made or opened";
    if (!os_file_exists(dir, LAYOUT_LOCK) && !make_lock_file(dir))
        return false;
    l->fd = os_lock_open(dir, LAYOUT_LOCK);
    if (l->fd < 0)
        return false;
    *why = "another server is using it";
    if (server && !os_lock_set(l->fd, BYTE_INSTANCE, OS_LOCK_EXCLUSIVE, false)) {
        errno = 0; /* *why says all */
        return false;
    }
    *why = "its lock file is not of this version";
    errno = 0;
    if (!read_key(l->fd, l->key) && !(server && rewrite_lock_file(l)))
        return false;
    *why = "its lock file cannot be locked";
    return os_lock_set(l->fd, BYTE_USERS, OS_LOCK_SHARED, true);
}

struct locks *locks_open(int dir, bool server, void (*died)(void *ctx, const char *mailbox),
                         void *ctx, const char **why)
{
    struct locks *l = calloc(1, sizeof *l);
    int error;

    *why = "out of memory";
    if (!l)
        return NULL;
    l->fd = -1;
    l->died = died;
    l->ctx = ctx;
    os_random_bytes(&l->process, sizeof l->process);
    for (unsigned i = 0; i < LOCK_STRIPES; i++) {
        l->stripes[i] = (struct stripe){.sem = SEM_FAILED};
        pthread_mutex_init(&l->stripes[i].mutex, NULL);
        os_cond_init(&l->stripes[i].given);
    }
    if (!open_lock_file(l, dir, server, why))
        goto fail;
    *why = "its semaphores cannot be opened in /dev/shm";
    for (unsigned i = 0; i < LOCK_STRIPES; i++)
        if (!open_stripe(l, i))
            goto fail;
    return l;

fail:
    error = errno;
    locks_close(l);
    errno = error;
    return NULL;
}

bool locks_look(int dir, struct locks_look *look)
{
    int fd = os_file_open(dir, LAYOUT_LOCK);
    *look = (struct locks_look){.key = ""};
    bool ok = fd >= 0 && read_key(fd, look->key);
    look->used = ok && os_lock_is_held(fd, BYTE_USERS);
    look->served = fd >= 0 && os_lock_is_held(fd, BYTE_INSTANCE);
    os_file_close(fd);
    return ok;
}

/* Holding BYTE_USERS exclusively makes sure that no other process uses or opens them now. */
static void unlink_semaphores(struct locks *l)
{
    char name[64];
    if (!l->key[0] || !os_lock_set(l->fd, BYTE_USERS, OS_LOCK_EXCLUSIVE, false))
        return;
    for (unsigned i = 0; i < LOCK_STRIPES; i++) {
        semaphore_name(l, i, name);
        sem_unlink(name);
    }
}

void locks_close(struct locks *l)
{
    if (!l)
        return;
    for (unsigned i = 0; i < LOCK_STRIPES; i++) {
        struct stripe *s = &l->stripes[i];
        if (s->sem != SEM_FAILED)
            sem_close(s->sem);
        pthread_mutex_destroy(&s->mutex);
        pthread_cond_destroy(&s->given);
    }
    if (l->fd >= 0) {
        unlink_semaphores(l);
        os_file_close(l->fd);
    }
    free(l);
}

/*
 * FNV-1a, without a key: all processes that use the store, of whatever version, must agree. Names
 * that are chosen to share a stripe only wait for each other.
 */
unsigned lock_stripe(const char *mailbox)
{
    uint32_t h = UINT32_C(2166136261);
    for (; *mailbox; mailbox++)
        h = (h ^ (unsigned char)*mailbox) * UINT32_C(16777619);
    return (h ^ h >> 16) % LOCK_STRIPES;
}

static uint64_t slot_at(unsigned stripe)
{
    return FIRST_SLOT + stripe * sizeof(struct slot);
}

/* What cannot be read, because somebody has cut the file, was written by nobody. */
static void read_slot(const struct locks *l, unsigned stripe, struct slot *slot)
{
    if (os_file_read_at(l->fd, slot, sizeof *slot, slot_at(stripe)) != sizeof *slot)
        *slot = (struct slot){.process = 0};
    slot->mailbox[NAME_BYTES] = '\0';
}

bool lock_is_ours(const struct locks *l, unsigned stripe)
{
    struct slot slot;
    read_slot(l, stripe, &slot);
    return slot.process == l->process;
}

unsigned lock_holder(const struct locks *l, unsigned stripe)
{
    struct slot slot;
    read_slot(l, stripe, &slot);
    return slot.pid;
}

/* False: another thread has had the stripe until now (ETIMEDOUT). */
static bool begin_turn(struct stripe *s, int64_t until_ms)
{
    bool early = true;
    pthread_mutex_lock(&s->mutex);
    while (s->held && early)
        early = os_cond_wait(&s->given, &s->mutex, until_ms);
    bool ok = !s->held;
    s->held = true;
    pthread_mutex_unlock(&s->mutex);
    if (!ok)
        errno = ETIMEDOUT;
    return ok;
}

static void end_turn(struct stripe *s)
{
    pthread_mutex_lock(&s->mutex);
    s->held = false;
    pthread_cond_signal(&s->given);
    pthread_mutex_unlock(&s->mutex);
}

/*
 * The kernel's own waiting has no deadline, so we ask again and again. Other processes are tools,
 * and rare.
 */
static bool lock_among_processes(struct locks *l, unsigned stripe, int64_t until_ms)
{
    int64_t pause_ms = 1;
    while (!os_lock_set(l->fd, BYTE_STRIPE + (long)stripe, OS_LOCK_EXCLUSIVE, false)) {
        if (errno != EAGAIN)
            return false;
        errno = ETIMEDOUT;
        if (os_clock_ms() >= until_ms)
            return false;
        os_clock_sleep(pause_ms);
        pause_ms = pause_ms < 8 ? pause_ms * 2 : 8;
    }
    return true;
}

enum lock_result lock_take(struct locks *l, unsigned stripe, const char *mailbox)
{
    struct stripe *s = &l->stripes[stripe];
    struct slot slot;
    assert(strlen(mailbox) <= NAME_BYTES);
    int64_t until_ms = os_clock_ms() + LOCK_WAIT_MS;
    if (!begin_turn(s, until_ms))
        return LOCK_FAILED;
    if (!lock_among_processes(l, stripe, until_ms)) {
        int error = errno;
        end_turn(s);
        errno = error;
        return LOCK_FAILED;
    }
    read_slot(l, stripe, &slot);
    bool died = sem_trywait(s->sem) != 0;
    if (died)
        l->died(l->ctx, slot.mailbox);
    bool ours = slot.process == l->process;
    if (ours && strcmp(slot.mailbox, mailbox) == 0)
        return died ? LOCK_STALE : LOCK_CLEAN;
    slot.process = l->process;
    slot.pid = os_process_id();
    strcpy(slot.mailbox, mailbox);
    /* On a full disk this may fail: then we look at everything again, and do not trust the name. */
    bool written = os_file_write_at(l->fd, &slot, sizeof slot, slot_at(stripe));
    return ours && written && !died ? LOCK_CLEAN : LOCK_STALE;
}

void lock_give(struct locks *l, unsigned stripe)
{
    struct stripe *s = &l->stripes[stripe];
    sem_post(s->sem);
    os_lock_set(l->fd, BYTE_STRIPE + (long)stripe, OS_LOCK_NONE, false);
    end_turn(s);
}
