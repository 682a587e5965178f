/*
 * store_private: what the modules of the store (store, mailbox, letter, snapshot, reader, account,
 * invite) share among themselves. Nobody else includes it.
 */
#ifndef STORE_STORE_PRIVATE_H
#define STORE_STORE_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "proto/status.h"
#include "store/account.h"
#include "store/commit.h"
#include "store/index.h"
#include "store/lock.h"
#include "store/mailbox.h"
#include "store/store.h"

#define STORE_PROCESS_DIGITS 16
#define STORE_TEMPORARY      "new-"    /* then our process, -, a number: not yet a message */
#define STORE_ACCOUNT        "account" /* the account's own file in its directory */
#define STORE_INVITE         "invite-" /* then its code: the invite an account was made with */
#define STORE_FILE_BYTES     128 /* room for the name of a directory or temporary, with its NUL */

/* The mailboxes in memory: in use, or kept for the next use. */
struct cache {
    pthread_mutex_t mutex; /* leaf lock: guards all of it, and what mailboxes say it guards */
    struct mailbox *first[LOCK_STRIPES]; /* a list for each stripe, to keep them short */
    unsigned idle;                       /* how many have no reference */
    size_t idle_bytes;                   /* of their indexes */
    uint64_t uses;                       /* references given back so far */
};

struct store {
    int dir, users, new, removed, invites;
    struct locks *locks;
    struct commit users_commit, new_commit, removed_commit, invites_commit;
    struct cache cache;
    atomic_ullong epochs[LOCK_STRIPES]; /* each grows under its stripe's lock: see mailbox */
    struct store_events events;
    struct store_limits limits;
    bool server;
    char process[STORE_PROCESS_DIGITS + 1]; /* in the names of our temporaries */
    atomic_ullong temporaries;              /* how many were made */
};

struct mailbox {
    struct store *store;
    unsigned stripe;
    struct commit commit; /* of the directory */

    /* Guarded by the cache's mutex. */
    struct mailbox *next;
    unsigned refs;
    size_t idle_bytes; /* of the index, while there are no references */
    uint64_t used;     /* the cache's uses when it was used last */
    bool cached;       /* false: freed with its last reference */

    /* Guarded by the stripe's lock, see mailbox_lock. who, dir never change once epoch is set. */
    struct who who;
    int dir;
    struct index *index;
    size_t settled;                       /* positions below it were announced, or never will be */
    bool dead;                            /* the account is gone */
    uint64_t quota_bytes, quota_messages; /* ACCOUNT_QUOTA_STANDARD: the store's */

    atomic_ullong epoch;   /* the stripe's when the index was read: out of date if it differs */
    atomic_uint durable;   /* messages with ids up to this one are on stable storage */
    atomic_uint snapshots; /* how many may need the bodies of deleted messages; grows locked */
    atomic_bool doubtful;  /* the index may be wrong: read it again */
};

/*
 * Takes the mailbox's lock and makes sure that its index is up to date: ST_OK, and only then it is
 * held; ST_NO_USER when the account is gone; or what kept it from being read.
 */
enum status mailbox_lock(struct mailbox *mb);

/* The same for an answer under way, which is finished even where the account has gone meanwhile. */
enum status mailbox_lock_to_finish(struct mailbox *mb);

void mailbox_unlock(struct mailbox *mb);

/* A mailbox that is read when it is first locked. NULL: out of memory. */
struct mailbox *mailbox_new(struct store *s, const char *name);
void mailbox_free(struct mailbox *mb);

/* cache: the mailbox of a name, made where there is none, with one more reference; or NULL. */
struct mailbox *cache_get(struct store *s, const char *name);

/* Gives a reference back. */
void cache_put(struct mailbox *mb);

/* Lets no one find it any more; it lives as long as it has references, one at least. */
void cache_remove(struct mailbox *mb);

/* At the beginning; at the end, when there are no references. */
void cache_init(struct cache *c);
void cache_destroy(struct cache *c);

/* With the lock held: takes a mailbox whose account is gone out of use. */
void mailbox_bury(struct mailbox *mb);

/* With the lock held: renames a message's file to say another state, and the index with it. */
enum status letter_change_state(struct mailbox *mb, size_t position, enum mail_state state);

/*
 * trash, all with the lock held. A message that is purged keeps its name as a tombstone; none is
 * while an answer under way may need its body.
 */

/* Purges what was deleted longer ago than the store keeps it. */
void trash_purge(struct mailbox *mb);

/* Purges, oldest first, until one more message of so many bytes is within the quota. ST_FULL. */
enum status trash_make_room(struct mailbox *mb, uint64_t bytes);

/* Removes tombstones that have done their duty. */
void trash_drop_tombstones(struct mailbox *mb);

/* Sets a damaged message aside, with a line in the log that says why. Takes the lock. */
void letter_set_aside(struct mailbox *mb, uint32_t id, const char *why);

/* Reads an account's file in its directory. */
enum status account_read(struct store *s, int dir, struct who *who, struct account *a);

/* Removes what there is of an account that was not made; an invite taken for it is good again. */
void account_discard(struct store *s, const char *temporary);

/*
 * Moves an invite into the directory of an account that is being made: who comes second finds
 * none, ST_NO_INVITE. On ST_OK the move survives a power cut, and so does the account's name among
 * the new ones; on anything else but ST_NO_INVITE it may have been moved.
 */
enum status invite_take(struct store *s, const char *code, int account);

/* Moves it back, if there is one, durably. False: errno; the directory is not to be removed. */
bool invite_give_back(struct store *s, int account);

/* Whether this is the name of the invite with which an account was made. */
bool invite_is_taken(const char *name);

/* At a server's start: removes invites that were never made whole. */
void invite_recover(struct store *s);

/* With the lock held: what the mailbox may hold. The quotas of an account, or else the store's, are
 * the mailbox's from now on. */
struct mailbox_quota mailbox_quota(const struct mailbox *mb);
void mailbox_set_quota(struct mailbox *mb, const struct account *a);

/*
 * Whether the file system has room for so many bytes beyond the reserve, which is there so that
 * reading and deleting go on. ST_DISK_FULL.
 */
enum status store_check_space(const struct store *s, uint64_t size);

/* One line for the log. */
void store_trouble(struct store *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
