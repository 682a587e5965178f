/* SPDX-License-Identifier: ISC */
#include "store/commit.h"

#include <errno.h>

#include "os/file.h"

void commit_init(struct commit *c)
{
    *c = (struct commit){.failed = false};
    pthread_mutex_init(&c->mutex, NULL);
    pthread_cond_init(&c->changed, NULL);
}

void commit_destroy(struct commit *c)
{
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->mutex);
}

/* With the mutex held. Later failures come of the first, whose error is kept. */
static void fail(struct commit *c, int error)
{
    if (!c->failed)
        c->error = error;
    c->failed = true;
}

/* With the mutex held, and no sync running. */
static void sync_for_all(struct commit *c, int dir)
{
    uint64_t covers = c->asked;
    c->running = true;
    pthread_mutex_unlock(&c->mutex);
    bool ok = os_file_sync_dir(dir);
    int error = errno;
    pthread_mutex_lock(&c->mutex);
    c->running = false;
    if (ok)
        c->done = covers;
    else
        fail(c, error);
    pthread_cond_broadcast(&c->changed);
}

bool commit_sync(struct commit *c, int dir)
{
    pthread_mutex_lock(&c->mutex);
    uint64_t mine = ++c->asked;
    while (c->done < mine && !c->failed) {
        if (c->running)
            pthread_cond_wait(&c->changed, &c->mutex);
        else
            sync_for_all(c, dir);
    }
    bool ok = c->done >= mine;
    int error = c->error;
    pthread_mutex_unlock(&c->mutex);
    if (!ok)
        errno = error;
    return ok;
}

bool commit_failed(struct commit *c)
{
    pthread_mutex_lock(&c->mutex);
    bool failed = c->failed;
    pthread_mutex_unlock(&c->mutex);
    return failed;
}

void commit_fail(struct commit *c)
{
    int error = errno;
    pthread_mutex_lock(&c->mutex);
    fail(c, error);
    pthread_mutex_unlock(&c->mutex);
}
