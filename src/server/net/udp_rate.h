/*
 * udp_rate: how many bytes a second go to addresses that may be forged, those of version 1 over UDP
 * (docs/udp.md): whoever has datagrams sent in another's name must not get much sent to that other.
 * Pure: one thread at a time, the time is handed in, in microseconds of a steady clock.
 *
 * Addresses, IPv6 ones by their first 64 bits, share a table of fixed size: two that meet in a
 * place share its rate. The key, which nobody else may know, chooses the places. This machine's own
 * addresses, 127.0.0.0/8 and ::1, have no limit.
 */
#ifndef NET_UDP_RATE_H
#define NET_UDP_RATE_H

#include "base/address.h"
#include "base/siphash.h"

#define UDP_RATE_PLACES 4096
#define UDP_RATE_MAX    (UINT64_C(1) << 30)

struct udp_rates { /* bytes a second, to UDP_RATE_MAX; 0: no limit */
    uint64_t each; /* of one address */
    uint64_t all;
};

struct udp_rate {
    unsigned char key[SIPHASH_KEY_BYTES];
    int64_t all_us, each_us[UDP_RATE_PLACES]; /* when what was sent is made up for */
};

/*
 * So many bytes are to go there: 0, they are counted and may. Otherwise nothing is, and they may be
 * tried again after so many milliseconds. After a rest so many may go at once as in a second, or as
 * a datagram has.
 */
int64_t udp_rate_take(struct udp_rate *r, const struct udp_rates *rates, const struct address *a,
                      size_t bytes, int64_t now_us);

#endif
