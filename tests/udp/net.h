/* SPDX-License-Identifier: ISC */
/*
 * net: a simulated network between two addresses. A datagram comes late, twice, damaged or not at
 * all, as the seed says. Time is simulated, too, in microseconds.
 */
#ifndef NET_H
#define NET_H

#include "udp/datagram.h"

enum net_side { CLIENT, SERVER, STRANGER, NET_SIDES }; /* a stranger has another address */

struct net_faults {
    int64_t delay_us, jitter_us;
    unsigned loss, twice, late, damage, replay; /* in thousandths */
    int64_t per_datagram_us;                    /* of the bottleneck; 0: none */
    int64_t per_byte_ns;                        /* of it, headers of IP and UDP included; 0: none */
    unsigned queue;                             /* datagrams of the largest size it holds */
    int64_t dark_from_us, dark_to_us;           /* nothing gets through */
};

struct net_packet {
    int64_t at_us;
    uint64_t order; /* among those of the same time */
    enum net_side from, to;
    size_t n;
    char *p; /* freed by the receiver */
};

void net_begin(uint64_t seed, const struct net_faults *f);
void net_end(void);
void net_send(enum net_side from, enum net_side to, struct span datagram, int64_t now_us);

/* When the next packet arrives; INT64_MAX if none is under way. Takes that packet. */
int64_t net_next_us(void);
struct net_packet net_take(void);

/* Repeats the i-th of the first datagrams from one side. Returns false if there were fewer. */
bool net_replay(enum net_side from, enum net_side to, unsigned i, int64_t now_us);

#endif
