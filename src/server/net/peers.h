/*
 * peers: how many connections each address has and how fast it makes them, in a table of fixed
 * size. Knows no clock and no lock: one thread at a time, time is handed in.
 *
 * What counts as one address is an IPv4 address, or the first 64 bits of an IPv6 address, of which
 * every network has at least so many as it likes. An address that has connections keeps its slot.
 * One that has none keeps it until it is needed for another: the one that was not heard of for the
 * longest goes first, and with it what it had used up of its rate. When every slot belongs to an
 * address that has connections, one that is new is let in uncounted.
 */
#ifndef NET_PEERS_H
#define NET_PEERS_H

#include "base/address.h"
#include "base/siphash.h"

struct peers;
struct peers_slot;

struct peers_limits { /* of one address; 0: none */
    uint64_t at_once;
    uint64_t per_minute; /* to BUCKET_PER_MINUTE_MAX; so many at a time after a rest */
};

enum peers_result { PEERS_TAKEN, PEERS_TOO_MANY, PEERS_TOO_FAST };

/*
 * A table for so many addresses, at least 1. The key, which nobody else may know, keeps chosen
 * addresses from meeting in one chain. NULL: out of memory.
 */
struct peers *peers_new(size_t slots, const unsigned char key[SIPHASH_KEY_BYTES]);
void peers_free(struct peers *p);

/*
 * A connection comes. Once it is taken, *slot is to be given back by peers_leave when it ends; one
 * that is not taken counts for nothing.
 */
enum peers_result peers_enter(struct peers *p, const struct address *a,
                              const struct peers_limits *limits, int64_t now_ms,
                              struct peers_slot **slot);
void peers_leave(struct peers *p, struct peers_slot *slot); /* NULL is fine */

#endif
