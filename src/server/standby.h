/* SPDX-License-Identifier: ISC */
/*
 * standby: a server that waits while another one uses its store, and then takes over. It looks at
 * the store's locks four times a second.
 */
#ifndef SERVER_STANDBY_H
#define SERVER_STANDBY_H

#include "config/config.h"
#include "store/recovery.h"

struct standby {
    const char *path;             /* of the store */
    int supervisor;               /* see os_systemd_connect */
    void (*log_stop)(int signal); /* called before a signal ends the process */
    bool waited;                  /* for another server, or because of a failure */
    char said[CONFIG_WHY_BYTES];  /* why it waits, as it was logged; "": not yet */
};

/*
 * Waits until no server uses the store, and opens it as a server. Waits, too, while there
 * is no store or it cannot be opened, and never makes one: its file system may not be mounted yet,
 * or may not answer for a while. Logs why it waits and when that changes, and tells the supervisor
 * (os/systemd.h).
 *
 * While it waits, SIGTERM or SIGINT logs that and ends the process with exit code 0, even if a look
 * at the store hangs. Both must be blocked in all threads. While it opens the store, they are
 * pending, as at every start.
 *
 * Returns NULL only if it cannot start a thread: *why and errno as in store_open. Call it while the
 * process has no other thread.
 */
struct store *standby_take_over(struct standby *s, struct store_events events, const char **why);

#endif
