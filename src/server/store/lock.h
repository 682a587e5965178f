/*
 * lock: who may change a mailbox, among the threads of this process and all processes of the store.
 *
 * A fixed number of stripes stands in the store's file "lock"; a mailbox belongs to the stripe that
 * its name hashes to. Holding a stripe takes four things, in this order:
 *
 *     a mutex         threads of this process, so that they can share one descriptor
 *     an OFD lock     processes; the kernel gives it back when its holder dies
 *     the slot        in the mapped file: which process, and the mailbox's name while it is held
 *     a semaphore     named, taken without waiting: the one before us must have given it back
 *
 * The semaphore alone would stay taken for ever after kill -9; the OFD lock alone would not tell
 * that its last holder died half-way. A taken semaphore or a name in the slot, found while we hold
 * the OFD lock, proves just that. See docs/store.md.
 */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include <stdbool.h>

#define LOCK_STRIPES 64

struct locks;

enum lock_result {
    LOCK_CLEAN, /* the last holder was this process, and it let go */
    LOCK_STALE, /* it was another process, or died: what we remember of the stripe may be wrong */
    LOCK_FAILED /* the lock could not be had (errno); nothing is held */
};

/*
 * Opens the lock file of the store whose directory is dir, making it if need be. server: also takes
 * the instance lock, which one process can hold. NULL: *why says in words what failed. died(ctx,
 * mailbox) is called, with the stripe held, when a holder is found to have died.
 */
struct locks *locks_open(int dir, bool server, void (*died)(void *ctx, const char *mailbox),
                         void *ctx, const char **why);

#define LOCK_KEY_DIGITS 32

struct locks_look {
    char key[LOCK_KEY_DIGITS + 1]; /* in the semaphores' names: pochta-KEY-STRIPE */
    bool used;                     /* some process has the store open */
};

/* Looks at a store's lock file and changes nothing. False: there is none of this version. */
bool locks_look(int dir, struct locks_look *look);

/* Nothing may be held. The last process to close the store's locks unlinks the semaphores. */
void locks_close(struct locks *l);

/* The stripe of a mailbox: 0 to LOCK_STRIPES - 1. Pure. */
unsigned lock_stripe(const char *mailbox);

/*
 * Whether this process holds a stripe or was the last to hold it, as far as can be told without
 * taking it: what we remember of the stripe is right, but may be out of date at any time.
 */
bool lock_is_ours(const struct locks *l, unsigned stripe);

/*
 * Takes a stripe on behalf of a mailbox. Waits for other holders, who hold it for some system calls
 * and never while they wait for the network or for a sync.
 */
enum lock_result lock_take(struct locks *l, unsigned stripe, const char *mailbox);
void lock_give(struct locks *l, unsigned stripe);

#endif
