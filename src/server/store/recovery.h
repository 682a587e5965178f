/* SPDX-License-Identifier: ISC */
/*
 * recovery: opens a store, clears away what a crash has left in it, and closes it.
 */
#ifndef STORE_RECOVERY_H
#define STORE_RECOVERY_H

#include "store/store.h"

/*
 * Opens the store at path. A server makes the store if it is missing, becomes the only server that
 * uses it, and removes what a crash has left; a tool (server is false) changes only what it is told
 * to. Returns NULL on failure: *why says what failed, and errno is set, or 0 where *why says all.
 * Close the store with store_close.
 */
struct store *store_open(const char *path, bool server, struct store_events events,
                         const char **why);

/*
 * The same for a server that takes over from another one: never makes a store, which may be on a
 * file system that is not mounted now, and does not wait for a process that recovers the log.
 */
struct store *store_take_over(const char *path, struct store_events events, const char **why);

/*
 * Whether there is a store at path that no server uses. False: *served says whether that is because
 * a server uses it; otherwise errno says why the store cannot be reached. A cheap check; only
 * store_take_over can tell for sure.
 */
bool store_is_free(const char *path, bool *served);

/*
 * In a server, before anything is delivered: from now on small messages become durable by the
 * delivery log (redo.h), which may grow to this many bytes. False: deliveries do without; *why says
 * why, and errno is set, or 0 where *why says all.
 */
bool store_start_log(struct store *s, uint64_t bytes, const char **why);

/*
 * Why a store in this directory cannot have a delivery log, wherever it is opened; NULL: it can.
 * Changes nothing.
 */
const char *store_why_no_log(int store_dir);

/* Closes the store. All mailboxes must be closed, and all threads done with it. NULL is fine. */
void store_close(struct store *s);

#endif
