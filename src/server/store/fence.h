/* SPDX-License-Identifier: ISC */
/*
 * fence: proves again and again that the server still has the store to itself, and must be asked
 * before anything is answered.
 *
 * On a file system that hosts share, a server can lose the lock of its instance without noticing:
 * its host was cut off, or paused, and meanwhile another server has taken over. The memory of such
 * a server is out of date, and nobody expects what it writes. So it must end. The same is true for
 * a server whose store does not answer: perhaps other hosts can reach it. docs/hosts.md has the
 * reasons, and the limits of this. A check that the lock is there is called a look.
 *
 * Safe for threads, except for start and stop.
 */
#ifndef STORE_FENCE_H
#define STORE_FENCE_H

#include <stdbool.h>
#include <stdint.h>

struct store;

/*
 * Called by a server before it answers anything: gives the store a fence, which looks at the lock
 * about twice a second from now on, in a thread of its own. If the server has lost the lock, or if
 * no look has succeeded for the time of the store's limit timeout_ms, not counting pauses of this
 * process, the fence calls lost(ctx, why) once, in a thread that holds no lock; why is a constant.
 * lost must end the process. False: errno. store_close stops the fence.
 */
bool fence_start(struct store *s, void (*lost)(void *ctx, const char *why), void *ctx);

/*
 * Called before anything is answered, and before a mailbox or an account is changed: whether the
 * server had the store to itself a moment ago. True if a look that began within the last
 * FENCE_FRESH_MS has succeeded. Otherwise, as after a pause of the process or of the machine, waits
 * for a new look. False: the store is lost, or the fence stops. Always true without a fence, as in
 * a tool.
 */
bool fence_holds(const struct store *s);

#define FENCE_FRESH_MS 1000

/*
 * Called after a change is durable, and before anyone is told of it: whether the server has had the
 * store to itself until now. If hosts share the store, waits for a look that begins now, because a
 * virtual machine may not notice that it was paused, and an earlier look would seem recent. False:
 * as above.
 */
bool fence_proves(const struct store *s);

/*
 * How long a server waits after it has taken the lock of a store that is shared with other hosts.
 * By then, no server that had the lock before still believes that it has it. The other
 * 500 ms allow for a slow host, and for clocks that run at different speeds.
 */
#define FENCE_OLD_MS (FENCE_FRESH_MS + 500)

/*
 * Whether the server has the store, and the store answers before until_ms, a time of os_clock_ms:
 * looks at the lock, and reads from the store past the cache of this host. Without a fence: true.
 */
bool fence_touch(const struct store *s, int64_t until_ms);

/* Ends the threads and waits for them. The store keeps its lock. */
void fence_stop(struct store *s);

#endif
