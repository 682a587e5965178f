/* SPDX-License-Identifier: ISC */
/*
 * counters: what a server has done since it started. They only grow. Safe for threads.
 */
#ifndef LOG_COUNTERS_H
#define LOG_COUNTERS_H

#include <stdatomic.h>

/* Why a connection was refused: the limit, or the reason. */
enum refusal {
    REFUSED_DRAINING,
    REFUSED_CLIENTS,   /* clients */
    REFUSED_FORGEABLE, /* udp-clients */
    REFUSED_ADDRESS,   /* clients-per-address */
    REFUSED_RATE,      /* connections-per-minute */
    REFUSED_PROXY,     /* proxy-from requires a PROXY protocol header, which was missing or wrong */
    REFUSED_RESOURCES  /* out of descriptors, threads or memory */
};
#define REFUSALS (REFUSED_RESOURCES + 1)

struct counters {
    atomic_ullong connections, refused[REFUSALS]; /* accepted; refused */
    atomic_ullong logins, logins_failed,
        logins_delayed; /* a delayed one may count as another, too */
    atomic_ullong udp_cookies, udp_dropped, udp_repeated; /* datagrams */
    atomic_ullong messages, message_bytes;                /* stored by Send mes and Resend */
    atomic_ullong messages_refused;                       /* because the user sent too many */
};

#endif
