/*
 * reload: has a server that runs follow its configuration file, read again. Safe for threads.
 */
#ifndef SERVER_RELOAD_H
#define SERVER_RELOAD_H

#include <pthread.h>

#include "base/buf.h"
#include "config/config.h"
#include "net/listeners.h"
#include "net/registry.h"

struct reload {
    int argc; /* the command line, which still wins over the file */
    char **argv;
    struct service *service;
    struct registry *registry;
    struct listeners *listeners;
    int supervisor; /* where systemd hears of it, see os_systemd_connect; -1: nowhere */
    uint64_t most_clients, idle_mailboxes; /* as many as there are descriptors for */

    pthread_mutex_t mutex; /* one reload at a time */
    struct config *config; /* what counts. Its keys that a reload takes are guarded by it */
};

/*
 * Hands what the configuration says on to those who go by it, one number after the other: a session
 * may see some of the new ones and some of the old. Each takes it the next time it looks; who waits
 * already waits as long as it was to.
 */
void reload_apply(struct reload *r);

/* How many clients the server takes, and how many of one address. */
struct registry_limits reload_limits(const struct reload *r);

/*
 * Reads the file again and applies it, and tells the log. EX_OK: text becomes a row for each key
 * that has changed but needs a restart. EX_CONFIG: nothing has changed, and text says why.
 */
int reload_run(struct reload *r, struct buf *text);

#endif
