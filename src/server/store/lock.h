/* SPDX-License-Identifier: ISC */
/*
 * lock: which thread of which process may change a mailbox.
 *
 * The store's file "lock" has a fixed number of stripes; the hash of a mailbox's name says which
 * stripe it belongs to. A thread that holds a stripe has four things, taken in this order:
 *
 *     a turn          among the threads of this process, so that they can share one descriptor
 *     an OFD lock     among processes; the kernel releases it when its holder dies
 *     the slot        in the file: the process that held it last, and the mailbox's name
 *     a semaphore     named, and taken without waiting: the last holder must have given it back
 *
 * The semaphore alone would stay taken for ever after a kill -9; the OFD lock alone would not tell
 * that its last holder died half-way. If a thread that has the OFD lock finds the semaphore taken,
 * the last holder died, and the slot says at which mailbox. If a holder cannot write the slot (a
 * full disk) and the file names another process, the holder does not give the semaphore back:
 * otherwise that other process would not see the change. To the next holder this looks like a
 * death. See docs/store.md.
 *
 * A server that is alone in its store keeps the OFD lock when it gives a stripe back, and remembers
 * the slot: then a stripe costs no system call, unless another mailbox had it. Each second the
 * server looks whether another process has opened the store, and then gives up all that it keeps.
 */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include <stdbool.h>

#include "store/lock_file.h"

struct locks;

enum lock_result {
    LOCK_CLEAN, /* the last holder was this process, and it gave the stripe back */
    LOCK_STALE, /* it was another process, or it died: what we remember may be out of date */
    LOCK_FAILED /* the stripe cannot be taken (errno; ETIMEDOUT: others held it for too long) */
};

/*
 * Opens the lock file of the store whose directory is dir, and makes it if it is missing. A server
 * also takes the instance lock, which only one process can hold. died(ctx, mailbox) is called when
 * the last holder of a stripe turns out to have died: now, when the stripe is taken, or in
 * locks_close. Nobody else can hold the stripe then. Waits for 5 seconds at most while another
 * process opens or closes the store. NULL: *why says what failed, and errno is set, or 0 where *why
 * says all. dir must stay open.
 *
 * The file is read and written, never mapped: a full disk, or someone who cuts the file, must not
 * end the process. A server rewrites a file that was cut or emptied, if no other process uses
 * it.
 */
struct locks *locks_open(int dir, bool server, void (*died)(void *ctx, const char *mailbox),
                         void *ctx, const char **why);

enum locks_kept {
    LOCKS_KEPT,       /* the files are there */
    LOCKS_MADE_AGAIN, /* they were not, but are now */
    LOCKS_LOST        /* they are not, and cannot be made now (errno) */
};

/*
 * In a server, each second, by one thread: makes the lock file, or the file "version", again if
 * somebody has removed it, and gives other processes the stripes that it keeps. From the first call
 * on, stripes are kept. Waits for a second at most.
 */
enum locks_kept locks_keep(struct locks *l);

/*
 * No stripe may be held. The last process to close the store's locks calls died for each stripe
 * whose last holder died, if nobody has noticed that yet, and unlinks the semaphores. Opens no
 * file. NULL is fine.
 */
void locks_close(struct locks *l);

/*
 * In a server: proves that the store is still its own; see lock_file_prove. If it is not, the
 * semaphores lose their names, which nobody else would remove.
 */
enum lock_proof locks_prove(struct locks *l, bool shared);

/* The keys that the lock file has now: LOCK_KEY_DIGITS hexadecimal digits. */
const char *locks_keys(const struct locks *l);

/* Whether a process other than the server has the store open. */
bool locks_is_visited(const struct locks *l);

/* True if no other process has the store open. Then none can open it before locks_close. */
bool locks_end_use(struct locks *l);

/* Writes into the store's version whether its delivery log may have anything in it (lock_file.h).
 */
bool locks_set_logged(struct locks *l, bool logged);
bool locks_is_logged(const struct locks *l);

/*
 * The stripe of a mailbox: 0 to LOCK_STRIPES - 1. The same in all processes that use the store, but
 * keyed, so that nobody can choose names that share a stripe.
 */
unsigned lock_stripe(const struct locks *l, const char *mailbox);

/*
 * Whether this process holds a stripe or was the last to hold it, as far as can be told without
 * taking it. Then what we remember of the stripe's mailboxes is up to date, but may be out of date
 * a moment later.
 */
bool lock_is_ours(struct locks *l, unsigned stripe);

#define LOCK_WAIT_MS       5000
#define LOCK_STUCK_WAIT_MS 200

/*
 * Takes a stripe on behalf of a mailbox. Waits for other holders, but for no longer than
 * LOCK_WAIT_MS: each holds it for a few system calls, or while it reads a mailbox's directory. No
 * holder waits for the network, nor for a sync; mailbox.c has the one exception, for two processes
 * that use one stripe in turn. After another process has kept the stripe for that long, each
 * further wait is only LOCK_STUCK_WAIT_MS, until somebody has had it: so a list of all users ends.
 * The same holds for stripes that a server keeps LOCK_WAIT_MS after we have opened the store: it
 * does not look for others, because it was stopped. Unless LOCK_FAILED is returned, the caller
 * gives the stripe back.
 */
enum lock_result lock_take(struct locks *l, unsigned stripe, const char *mailbox);
void lock_give(struct locks *l, unsigned stripe);

/* The process id of a stripe's holder, or of the last one; 0: not known. */
unsigned lock_holder(const struct locks *l, unsigned stripe);

#endif
