/* SPDX-License-Identifier: ISC */
/*
 * udp_rate: how many bytes a second go to addresses that may be forged, those of version 1 over UDP
 * (docs/udp.md). It keeps the server from flooding a victim in whose name others send requests.
 * Pure: the time is passed in, in microseconds of a steady clock. Not safe for threads.
 *
 * Addresses (IPv6 ones by their first 64 bits) share a fixed number of buckets; a secret key
 * chooses the bucket. Two addresses that meet in a bucket share its rate. Here sharing is safer
 * than forgetting, as a table by address would have to when it is full: forged addresses cost an
 * attacker nothing, and a victim whose bucket is forgotten would get another burst.
 */
#ifndef NET_UDP_RATE_H
#define NET_UDP_RATE_H

#include "base/address.h"
#include "base/bucket.h"
#include "base/siphash.h"

#define UDP_RATE_PLACES 4096
#define UDP_RATE_MAX    (UINT64_C(1) << 30)

struct udp_rates {    /* bytes a second, at most UDP_RATE_MAX; 0: no limit */
    uint64_t each;    /* to one address */
    uint64_t all;     /* to all of them together */
    uint64_t v6_bits; /* what one address is, see os_attached_client */
};

struct udp_rate {
    unsigned char key[SIPHASH_KEY_BYTES];
    struct bucket all, each[UDP_RATE_PLACES];
};

/*
 * Asks to send bytes to an address. 0: they may be sent, and are counted. Otherwise nothing is
 * counted; ask again after this many milliseconds. After a pause one second's worth may be sent at
 * once, and always one datagram.
 */
int64_t udp_rate_take(struct udp_rate *r, const struct udp_rates *rates, const struct address *a,
                      size_t bytes, int64_t now_us);

#endif
