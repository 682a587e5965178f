/* SPDX-License-Identifier: ISC */
#include "store/lock.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "os/file.h"
#include "os/lock.h"
#include "os/random.h"
#include "proto/name.h"
#include "store/layout.h"

#define MAGIC      "pochta lock 2\n"
#define FIRST_SLOT 256

/* The bytes of the file that carry OFD locks. */
enum { BYTE_INSTANCE, BYTE_USERS, BYTE_STRIPE };

/* One stripe in the mapped file. Written by the holder alone. */
struct slot {
    _Atomic(uint64_t) process;    /* who held it last */
    char mailbox[NAME_BYTES + 1]; /* not empty while it is held */
    char unused[64 - sizeof(uint64_t) - NAME_BYTES - 1];
};

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "processes can share an atomic number");

struct file {
    char magic[sizeof MAGIC - 1];
    char key[LOCK_KEY_DIGITS]; /* in the semaphores' names, so that nobody can guess and squat them
                                */
    char unused[FIRST_SLOT - (sizeof MAGIC - 1) - LOCK_KEY_DIGITS];
    struct slot slots[LOCK_STRIPES];
};

struct stripe {
    pthread_mutex_t mutex;
    sem_t *sem;
};

struct locks {
    int fd; /* for all bytes of the file: a mutex guards each, or it is set only at the start */
    struct file *file;
    uint64_t process; /* random: a process id could come again */
    void (*died)(void *ctx, const char *mailbox);
    void *ctx;
    struct stripe stripes[LOCK_STRIPES];
};

/* Makes the file under another name first: whoever sees "lock" sees a complete file. */
static bool make_lock_file(int dir)
{
    struct file file = {.magic = MAGIC};
    char key[LOCK_KEY_DIGITS + 1], temporary[sizeof LAYOUT_LOCK + 1 + LOCK_KEY_DIGITS];
    os_random_hex(key, LOCK_KEY_DIGITS);
    memcpy(file.key, key, LOCK_KEY_DIGITS);
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
    snprintf(out, 64, "/pochta-%.*s-%u", LOCK_KEY_DIGITS, l->file->key, stripe);
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

static bool open_lock_file(struct locks *l, int dir, bool server, const char **why)
{
    *why = "its lock file cannot be made or opened";
    if (!os_file_exists(dir, LAYOUT_LOCK) && !make_lock_file(dir))
        return false;
    l->fd = os_lock_open(dir, LAYOUT_LOCK);
    if (l->fd < 0)
        return false;
    *why = "its lock file is not of this version";
    if (os_file_size(l->fd) != sizeof(struct file))
        return false;
    l->file = os_lock_map(l->fd, sizeof(struct file));
    if (!l->file || memcmp(l->file->magic, MAGIC, sizeof l->file->magic) != 0 ||
        !is_key(l->file->key))
        return false;
    *why = "another server is using it";
    if (server && !os_lock_set(l->fd, BYTE_INSTANCE, OS_LOCK_EXCLUSIVE, false)) {
        errno = 0; /* *why says all */
        return false;
    }
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
    char head[FIRST_SLOT] = "";
    int fd = os_file_open(dir, LAYOUT_LOCK);
    bool ok = fd >= 0 && os_file_size(fd) == sizeof(struct file) &&
              os_file_read_at(fd, head, sizeof head, 0) == sizeof head &&
              memcmp(head, MAGIC, sizeof MAGIC - 1) == 0 && is_key(head + sizeof MAGIC - 1);

    snprintf(look->key, sizeof look->key, "%.*s", LOCK_KEY_DIGITS, head + sizeof MAGIC - 1);
    look->used = ok && os_lock_is_held(fd, BYTE_USERS);
    os_file_close(fd);
    return ok;
}

/* Holding BYTE_USERS exclusively makes sure that no other process uses or opens them now. */
static void unlink_semaphores(struct locks *l)
{
    char name[64];
    if (!l->file || !os_lock_set(l->fd, BYTE_USERS, OS_LOCK_EXCLUSIVE, false))
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
    }
    if (l->fd >= 0) {
        unlink_semaphores(l);
        os_lock_unmap(l->file, sizeof *l->file);
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

bool lock_is_ours(const struct locks *l, unsigned stripe)
{
    return atomic_load(&l->file->slots[stripe].process) == l->process;
}

enum lock_result lock_take(struct locks *l, unsigned stripe, const char *mailbox)
{
    struct stripe *s = &l->stripes[stripe];
    struct slot *slot = &l->file->slots[stripe];
    assert(strlen(mailbox) <= NAME_BYTES);
    pthread_mutex_lock(&s->mutex);
    if (!os_lock_set(l->fd, BYTE_STRIPE + (long)stripe, OS_LOCK_EXCLUSIVE, true)) {
        int error = errno;
        pthread_mutex_unlock(&s->mutex);
        errno = error;
        return LOCK_FAILED;
    }
    bool taken = sem_trywait(s->sem) != 0;
    bool died = taken || slot->mailbox[0] != '\0';
    if (died) {
        slot->mailbox[NAME_BYTES] = '\0';
        l->died(l->ctx, slot->mailbox);
    }
    strcpy(slot->mailbox, mailbox);
    if (!died && slot->process == l->process)
        return LOCK_CLEAN;
    slot->process = l->process;
    return LOCK_STALE;
}

void lock_give(struct locks *l, unsigned stripe)
{
    struct stripe *s = &l->stripes[stripe];
    sem_post(s->sem);
    l->file->slots[stripe].mailbox[0] = '\0';
    os_lock_set(l->fd, BYTE_STRIPE + (long)stripe, OS_LOCK_NONE, false);
    pthread_mutex_unlock(&s->mutex);
}
