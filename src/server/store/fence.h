/* SPDX-License-Identifier: ISC */
/*
 * fence: proves again and again that a server still has the store for itself, and says so before
 * anything is answered.
 *
 * On a file system that hosts share, a server can lose the lock of its instance and not notice: its
 * host was cut off, or paused, and meanwhile another server has taken over. What such a server has
 * in memory is out of date, and what it writes nobody expects. So it must end. The same holds for a
 * server whose store does not answer: perhaps the others reach it. docs/hosts.md has the reasons
 * and the limits of this.
 *
 * Safe for threads, except for start and stop.
 */
#ifndef STORE_FENCE_H
#define STORE_FENCE_H

#include <stdbool.h>
#include <stdint.h>

struct store;

/*
 * In a server, before anything is answered: gives the store a fence, which looks at the lock about
 * twice a second from now on, in a thread of its own. If the server has lost the lock, or no look
 * has succeeded for as long as the store's limit timeout_ms says, not counting pauses of this
 * process, calls lost(ctx, why) once, in a thread that holds no lock; why is a constant. lost is
 * expected to end the process. False: errno. store_close stops the fence.
 */
bool fence_start(struct store *s, void (*lost)(void *ctx, const char *why), void *ctx);

/*
 * Before anything is answered, and before a mailbox or an account is changed: whether the server
 * had the store to itself a moment ago. True if a look that began within the last FENCE_FRESH_MS
 * has succeeded. Otherwise, as after a pause of the process or of the machine, waits for a new one.
 * False: the store is lost, or the fence stops. A store without a fence, as a tool has it: true.
 */
bool fence_holds(const struct store *s);

#define FENCE_FRESH_MS 1000

/*
 * After a change that is durable, and before anyone is told of it: whether the server has had the
 * store to itself until now. Where hosts share the store, carries out a look that begins now: a
 * virtual machine may not notice that it was paused, so that an earlier look seems recent. False:
 * as above.
 */
bool fence_proves(const struct store *s);

/*
 * How long a server waits after it has got the lock of a store that is shared with other hosts:
 * then none that had the lock before it believes any more that it has it. 500: the host may be
 * slow.
 */
#define FENCE_OLD_MS (FENCE_FRESH_MS + 500)

/*
 * Whether the server has the store, and it answers before the deadline, a time of os_clock_ms:
 * looks at the lock, and reads from the store past what this host remembers of it. Without a fence:
 * true.
 */
bool fence_touch(const struct store *s, int64_t until_ms);

/* Ends the threads and waits for them. The store keeps its lock. */
void fence_stop(struct store *s);

#endif
