/* SPDX-License-Identifier: ISC */
/*
 * peers: how many connections each address has, and how fast it makes them, in a table of fixed
 * size (base/recent.h). Not safe for threads: the owner locks. The time is passed in.
 *
 * os_attached_client says what one address is. An address that has connections keeps its slot. One
 * that has none keeps it until its rate is as good as new; if a new address needs a slot earlier,
 * it takes the slot of the address whose rate is nearest to that. If no slot can be freed for a new
 * address, its connection is accepted but not counted.
 */
#ifndef NET_PEERS_H
#define NET_PEERS_H

#include "base/address.h"
#include "base/siphash.h"

struct peers;
struct peers_slot;

struct peers_limits { /* of one address; 0: no limit */
    uint64_t at_once;
    uint64_t per_minute; /* at most BUCKET_PER_MINUTE_MAX; as many at once after a pause */
    uint64_t v6_bits;    /* what one address is, see os_attached_client */
};

enum peers_result { PEERS_TAKEN, PEERS_TOO_MANY, PEERS_TOO_FAST };

/*
 * A table for this many addresses, at least 1. Addresses that have connections are spread over sets
 * of RECENT_WAYS slots, so reserve two slots for each address that may have connections at a time.
 * The key must be secret: it keeps chosen addresses from meeting in one set. NULL: out of memory.
 */
struct peers *peers_new(size_t slots, const unsigned char key[SIPHASH_KEY_BYTES]);
void peers_free(struct peers *p);

/*
 * Counts a new connection. PEERS_TAKEN: pass *slot to peers_leave when the connection ends; it is
 * NULL if the connection is not counted. Otherwise *slot is NULL and nothing was counted.
 */
enum peers_result peers_enter(struct peers *p, const struct address *a,
                              const struct peers_limits *limits, int64_t now_ms,
                              struct peers_slot **slot);
void peers_leave(struct peers_slot *slot); /* accepts NULL */

#endif
