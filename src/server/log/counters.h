/*
 * counters: what a server has done since it started. Each only grows; safe for threads.
 */
#ifndef LOG_COUNTERS_H
#define LOG_COUNTERS_H

#include <stdatomic.h>

/* Why a connection is turned away. */
enum refusal {
    REFUSED_DRAINING,
    REFUSED_CLIENTS,   /* clients */
    REFUSED_FORGEABLE, /* udp-clients */
    REFUSED_ADDRESS,   /* clients-per-address */
    REFUSED_RATE,      /* connections-per-minute */
    REFUSED_PROXY,     /* no line of the PROXY protocol where proxy-from asks for one */
    REFUSED_RESOURCES  /* no descriptor, thread or memory */
};
#define REFUSALS (REFUSED_RESOURCES + 1)

struct counters {
    atomic_ullong connections, refused[REFUSALS];         /* taken, and turned away */
    atomic_ullong logins, logins_failed, logins_delayed;  /* the delayed may be among the others */
    atomic_ullong udp_cookies, udp_dropped, udp_repeated; /* datagrams */
    atomic_ullong messages, message_bytes;                /* stored by Send mes and Resend */
    atomic_ullong messages_refused;                       /* of users who sent too many */
};

#endif
