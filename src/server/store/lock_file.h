/* SPDX-License-Identifier: ISC */
/*
 * lock_file: the files that processes lock to share a store: "lock", with the stripes of lock.h,
 * and "version", which says how the store is laid out.
 *
 * Five things are locked, each one byte, which the kernel releases if its holder dies:
 *
 *     the instance    one server holds it: in both files, and, since those may get lost, in the
 *                     directory of the store
 *     the use         all processes that have the store open share it
 *     a stripe        its holder, see lock.h
 *     the visit       a process that is no server shares it, as long as it has the store open
 *     the recovery    one process that recovers the delivery log has it
 *
 * The first process that opens the store writes "lock" again, with new keys, while nobody else can
 * open it. So keys that another user of the machine has learned earlier are worth nothing.
 *
 * Functions that return false set errno, or set it to 0 where *why says all.
 */
#ifndef STORE_LOCK_FILE_H
#define STORE_LOCK_FILE_H

#include <stdatomic.h>

#include "base/siphash.h"
#include "proto/name.h"
#include "store/lock_semaphore.h"

#define LOCK_STRIPES          64
#define LOCK_FIRST_SLOT       256 /* where the slots begin in the file */
#define LOCK_KEY_DIGITS       32
#define LOCK_SEMAPHORE_DIGITS 16

/* One stripe in the file. Written by the stripe's holder alone. */
struct lock_slot {
    uint64_t process;                      /* the one that held it last; 0: none so far */
    char mailbox[NAME_BYTES + 1];          /* for which mailbox */
    uint32_t pid;                          /* of that process */
    char semaphore[LOCK_SEMAPHORE_DIGITS]; /* the end of its semaphore's name, which cannot be
                                              guessed */
};

struct lock_file {
    int dir;        /* the store's, which the caller closes */
    int fd;         /* of "lock", for all its bytes: the holder of a stripe uses its slot */
    int version_fd; /* of "version"; -1: this is no server, or there is no such file */
    bool server;
    bool logged;                   /* what "version" says if it has to be made again */
    bool told;                     /* the directory is locked, which shows that a server runs */
    atomic_bool replaced;          /* another server has a file of its own as "lock" */
    char key[LOCK_KEY_DIGITS + 1]; /* in the semaphores' names */
    unsigned char hash_key[SIPHASH_KEY_BYTES]; /* for lock_stripe */
    char semaphores[LOCK_STRIPES][LOCK_SEMAPHORE_DIGITS];
};

/*
 * Checks that this program knows the version of the store: an earlier one, for which there is no
 * file "version", or a present one: 2 while the delivery log is not empty, which earlier versions
 * of Pochta would not recover, and 1 otherwise. Changes nothing.
 */
bool lock_file_check_version(int dir, const char **why);

/*
 * Opens the files, makes them if they are missing, and takes the locks. A server becomes the only
 * one, and writes the version. Before the keys of a process that died are replaced, died(ctx,
 * mailbox) is called for each stripe that it held, and its semaphores are unlinked. Waits for 5
 * seconds at most while another process opens or closes the files. On failure, too, the caller
 * closes f.
 */
bool lock_file_open(struct lock_file *f, int dir, bool server,
                    void (*died)(void *ctx, const char *mailbox), void *ctx, const char **why);

struct lock_file_look {
    char key[LOCK_KEY_DIGITS + 1]; /* in the semaphores' names: pochta-KEY-... */
    bool used;                     /* some process has the store open */
    bool served;                   /* a server has */
};

/* Whether a server has the store in this directory open; false also if that cannot be found out. */
bool lock_file_is_served(int dir);

/* The name of a stripe's semaphore. */
void lock_file_semaphore(const struct lock_file *f, unsigned stripe,
                         char name[LOCK_SEMAPHORE_NAME_BYTES]);

/* Looks at a store's lock file and changes nothing. False: it has none of this version. */
bool lock_file_look(int dir, struct lock_file_look *look);

/*
 * True if no other process uses the store. Then no process can begin to use it before
 * lock_file_close, so the semaphores can be unlinked.
 */
bool lock_file_end_use(const struct lock_file *f);

/*
 * While no other process uses the store: calls died(ctx, mailbox) if a process died with the
 * stripe, and unlinks the stripe's semaphore. sem is that semaphore, which the caller closes;
 * SEM_FAILED: it is not open, and nobody died. Opens no file, and takes no semaphore: if this
 * process is killed now, the next one must not take it for a holder.
 */
void lock_file_end_stripe(const struct lock_file *f, unsigned stripe, sem_t *sem,
                          void (*died)(void *ctx, const char *mailbox), void *ctx);

/* Closes the files, which gives up the locks. */
void lock_file_close(struct lock_file *f);

/* A slot that cannot be read, because somebody has cut the file, counts as one that nobody held. */
void lock_file_read_slot(const struct lock_file *f, unsigned stripe, struct lock_slot *slot);

/* With the stripe held. Fills in the name of the semaphore. */
bool lock_file_write_slot(const struct lock_file *f, unsigned stripe, struct lock_slot *slot);

/* The text of "version", a constant: whether the delivery log may have anything in it. */
const char *lock_file_version(bool logged);

/* For a server: writes whether the delivery log may have anything in it, and syncs that. */
bool lock_file_set_logged(struct lock_file *f, bool logged);

/* What it says. */
bool lock_file_is_logged(const struct lock_file *f);

/*
 * For a server, or a tool that will use the store like one, to recover its delivery log: waits for
 * another process that does, and shows others this recovery. Tools wait for it, and so does a
 * server, since a tool needs the store no longer than that. Returns a descriptor that the caller
 * closes afterwards, or -1. If it cannot be locked, nobody sees this recovery, and it goes on: what
 * it needs is guarded by the locks of the store.
 */
int lock_file_begin_recovery(int dir, int64_t wait_ms);

/* Whether a process recovers the store's delivery log. */
bool lock_file_is_recovered(int dir);

/* Whether a process other than the server has the store open. */
bool lock_file_is_visited(const struct lock_file *f);

/* Sets the lock of a stripe, see os_lock_set. */
bool lock_file_lock(const struct lock_file *f, unsigned stripe, bool held);

/* For a server: whether "lock" still has its name and its keys, and "version" its name. */
bool lock_file_is_there(const struct lock_file *f);

enum lock_proof {
    LOCK_PROVED, /* the instance is this process's */
    LOCK_LOST,   /* it is not: another server has it, or may have had it */
    LOCK_UNKNOWN /* the file system does not say (errno) */
};

/*
 * For a server: asks the file system, past the cache of this host, whether this process still
 * has the instance. That cannot change while a host alone keeps the locks. A file system that is
 * shared with other hosts (shared is true) gives up the locks of a host that it has not reached for
 * a long time; another server may then have written its keys into "lock", and may have ended since.
 */
enum lock_proof lock_file_prove(const struct lock_file *f, bool shared);

/*
 * For a server: makes the files that have lost their names, or writes the keys of "lock" again.
 * Replaces a file that has the name "lock" instead. No stripe may be held by this process. False:
 * that cannot be done now; errno is EAGAIN if another process uses the old file, or the one in its
 * place. If that is another server, the instance is lost from now on (lock_file_prove).
 */
bool lock_file_make_again(struct lock_file *f);

#endif
