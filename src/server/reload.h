/* SPDX-License-Identifier: ISC */
/*
 * reload: makes a running server read its configuration again. Safe for threads.
 */
#ifndef SERVER_RELOAD_H
#define SERVER_RELOAD_H

#include <pthread.h>

#include "base/buf.h"
#include "config/config.h"
#include "net/listeners.h"
#include "net/registry.h"

struct reload {
    int argc; /* the command line, which still overrides the file */
    char **argv;
    struct service *service;
    struct registry *registry;
    struct listeners *listeners;
    int supervisor; /* the socket to systemd, see os_systemd_connect; -1: none */
    uint64_t most_clients, idle_mailboxes; /* the most for which there are descriptors */

    pthread_mutex_t mutex; /* one reload at a time */
    struct config *config; /* the effective one; the mutex guards its LIVE keys */
};

/*
 * Gives the LIVE keys of the configuration to their owners, one value after the other: for a moment
 * a session may see both new and old values. A wait that has begun keeps its deadline.
 */
void reload_apply(struct reload *r);

/* The number of clients that the server accepts at once. */
uint64_t reload_clients(const struct reload *r);

/*
 * Reads the configuration again, applies it, and logs that. EX_OK: appends a row to text for each
 * key that has changed but needs a restart. EX_CONFIG: nothing has changed, and text has the error.
 */
int reload_run(struct reload *r, struct buf *text);

#endif
