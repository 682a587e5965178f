/* SPDX-License-Identifier: ISC */
/*
 * store: the directory that holds all mail, as the rest of the server sees it. layout.h lists what
 * is in it, recovery.h opens and closes it, and docs/store.md explains how every change that is
 * answered with ST_OK reaches stable storage and what a crash can leave.
 *
 * All functions are safe for threads.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/name.h"

#define STORE_GENERATION_DIGITS 16

struct store;

/*
 * A user. The generation is random and tells apart the accounts that had this name one after
 * another, so that a session does not go on in an account that was deleted and registered again.
 */
struct who {
    char name[NAME_BYTES + 1];
    char generation[STORE_GENERATION_DIGITS + 1]; /* "": whichever account has the name now */
};

/* How much a store keeps. Each limit may change at any time; 0 for a quota means no limit. */
struct store_limits {
    _Atomic uint64_t trash_s; /* how long deleted messages and accounts are kept; 0: not at all */
    _Atomic uint64_t keep_s; /* how long read mail stays out of the trash (expiry.h); 0: for ever */
    _Atomic uint64_t kept_bytes;     /* of all deleted accounts together (deleted_accounts.h) */
    _Atomic uint64_t quota_bytes;    /* of the bodies in one mailbox, including its trash */
    _Atomic uint64_t quota_messages; /* in one mailbox, including its trash */
    _Atomic uint64_t quota_warning;  /* percent of a quota (quota_warning.h); 0: no warning */

    /* What must stay free on the file system, so that reading and deleting still work. Nothing new
     * is accepted beyond that. */
    _Atomic uint64_t reserve_bytes;
    _Atomic uint64_t reserve_inodes;

    _Atomic uint64_t timeout_ms; /* how long the store may not answer, see fence.h; 0: for ever */

    /* What mailboxes that nobody uses may keep. */
    _Atomic uint64_t index_bytes;    /* memory for their indexes */
    _Atomic uint64_t idle_mailboxes; /* how many of them may have an open descriptor */
};

/* The callbacks may be called by any thread, with locks held. The last three may be NULL. */
struct store_events {
    void (*trouble)(void *ctx, const char *text); /* damage or a failure, in one line of text */
    void (*died)(void *ctx, const char *mailbox); /* the last holder of this mailbox's lock died */

    /* Something is gone for good: what (messages, account, invites), whose, and how many. user may
     * be NULL. */
    void (*purged)(void *ctx, const char *what, const char *user, uint64_t n);

    /* Mail of an account that was read long ago was moved to the trash: n messages. */
    void (*expired)(void *ctx, const char *user, uint64_t n);

    /* The clock was set: nothing is purged or moved for its age in the next hour. */
    void (*clock_set)(void *ctx, int64_t seconds);
    void *ctx;
};

/*
 * Sets the limits. Until the first call there are no quotas, no reserve and no trash. Other threads
 * may see some new limits and some old ones during the call. What exceeds a lower limit is removed
 * when the store next looks at it.
 */
void store_set_limits(struct store *s, const struct store_limits *limits);

/*
 * In a server, about each second, by one thread: makes the files of the store's locks again if
 * somebody has removed them, and reports a clock that was set.
 */
void store_keep(struct store *s);

/* Whether the store, or at least its users/, was made when it was opened. */
bool store_is_new(const struct store *s);

/* The descriptor of the store's directory. The store closes it. */
int store_dir(const struct store *s);

/*
 * What failed last in this thread since store_forget_failure: "cannot OPERATION PATH: the error's
 * words", as the log has it; "" if nothing. Valid until the thread's next call of a store function.
 */
const char *store_failure(void);
void store_forget_failure(void);

/*
 * Calls each(ctx, name) for every name in users/, in no particular order, until it returns false.
 * False: the directory cannot be read, which is reported.
 */
bool store_each_user(struct store *s, bool (*each)(void *ctx, const char *name), void *ctx);

#endif
