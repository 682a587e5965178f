/*
 * store: the directory that holds all mail.
 *
 *     DIR/lock            see lock.h
 *     DIR/users/NAME/     one account: the file "account", and a file for each message (mail.h)
 *     DIR/new/            accounts being made
 *     DIR/removed/        deleted accounts, until their files are gone
 *     DIR/invites/CODE    an invite that was not used yet (invite.h)
 *
 * What is answered ST_OK is on stable storage. How, and what a crash can leave: docs/store.md.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/name.h"

#define STORE_GENERATION_DIGITS 16

struct store;

/*
 * A user: the name, and which of the accounts that had this name one after the other. Whoever is
 * logged in holds one, so that a deleted and newly registered name is a stranger's.
 */
struct who {
    char name[NAME_BYTES + 1];
    char generation[STORE_GENERATION_DIGITS + 1]; /* "": whichever there is now */
};

/* How much a store keeps. 0 for a quota: no such limit. May change while it is in use. */
struct store_limits {
    _Atomic uint64_t trash_s; /* deleted messages and accounts are kept so long; 0: not at all */
    _Atomic uint64_t
        kept_bytes; /* in all deleted accounts together, see kept.h; 0: no such limit */
    _Atomic uint64_t quota_bytes;    /* of the bodies in one mailbox, its trash counted in */
    _Atomic uint64_t quota_messages; /* in one mailbox, likewise */
    _Atomic uint64_t
        reserve_bytes; /* what must stay free on the file system for anything new to be */
    _Atomic uint64_t reserve_inodes; /* accepted; reading and deleting go on */
    _Atomic uint64_t index_bytes;    /* of memory, for the indexes of mailboxes not in use */
    _Atomic uint64_t idle_mailboxes; /* not in use and kept in memory, each with a descriptor */
};

/*
 * Told of damage and failures, in a line of text, and of the name of a mailbox whose lock's holder
 * has died. May be called by any thread, with locks held.
 */
struct store_events {
    void (*trouble)(void *ctx, const char *text);
    void (*died)(void *ctx, const char *mailbox);
    void *ctx;
};

/*
 * Opens the store at path. server: makes what is missing, takes it for itself among servers, and
 * clears away what a crash has left; else only looks, and changes what it is told to. NULL: *why
 * says in words what failed, errno perhaps too.
 */
struct store *store_open(const char *path, bool server, struct store_events events,
                         const char **why);

/*
 * Until this is called there are no quotas, no reserve and no trash. Who looks meanwhile may see
 * some of the new limits and some of the old. What is beyond new ones goes when it is looked at
 * next.
 */
void store_set_limits(struct store *s, const struct store_limits *limits);

/* The descriptor of its directory, which stays the store's. */
int store_dir(const struct store *s);

/*
 * Calls each(ctx, name) for every name among the users, in no order, until it returns false. False:
 * they cannot be listed (errno).
 */
bool store_each_user(struct store *s, bool (*each)(void *ctx, const char *name), void *ctx);

/* All mailboxes are closed. */
void store_close(struct store *s);

/*
 * Goes through all mailboxes: takes away deleted messages that were kept long enough, and
 * tombstones that have done their duty. Slow; for a thread that nobody waits for. Ends early once
 * stop(ctx) returns true.
 */
void store_clean(struct store *s, bool (*stop)(void *ctx), void *ctx);

#endif
