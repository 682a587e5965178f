/* SPDX-License-Identifier: ISC */
/*
 * udp_session: a session over UDP (docs/udp.md) as a transport, and what all of them share.
 */
#ifndef NET_UDP_SESSION_H
#define NET_UDP_SESSION_H

#include <pthread.h>

#include "log/counters.h"
#include "net/answer_limit.h"
#include "net/transport.h"
#include "net/udp_rate.h"
#include "os/udp.h"
#include "session/service.h"
#include "transport/udp_io.h"
#include "udp/session_ids.h"

enum udp_versions { UDP_VERSION_1, UDP_VERSION_2, UDP_VERSION_BOTH };

struct udp_settings {
    /* For new sessions. */
    enum udp_versions versions; /* that they may use */
    size_t datagram;            /* maximum bytes of one datagram */
    int64_t gap_ms;             /* version 1: how long a datagram may be missing */

    struct udp_rates rates; /* version 1: limits of what all sessions send */
};

struct udp_common {
    struct counters *counters;
    const struct service *service;
    pthread_mutex_t mutex; /* leaf lock: guards the rest */
    struct udp_settings settings;
    struct udp_rate rate;
    struct session_ids ids; /* version 2 */
};

struct udp_session {
    struct transport transport; /* first: a pointer to one is a pointer to the other */
    struct udp_io io;
    struct udp_common *common; /* outlives it */
    struct os_udp_peer peer;
    struct budget_share waiting;     /* for datagrams that wait, and the window */
    struct budget_share sent;        /* for those kept beyond the first until acknowledged */
    struct session_ids_entry *entry; /* version 2: its entry in common->ids */

    /* Version 1. */
    bool limited; /* nobody has logged in yet */
    struct answer_limit limit;
    struct io unlimited; /* what reads and writes in fact */

    /* Used by the listener until it starts the session. */
    struct udp_session *next;
    int bound;        /* the listener's socket at which the client was heard */
    int64_t start_ms; /* when to start it */
};

/*
 * A session in version 1, or in version 2 with the id of entry. fd is a socket connected to the
 * client; its transport closes it. NULL: out of memory, and fd remains the caller's.
 */
struct udp_session *udp_session_new_1(struct udp_common *common, int fd,
                                      const struct os_udp_peer *peer);
struct udp_session *udp_session_new_2(struct udp_common *common, int fd,
                                      const struct os_udp_peer *peer,
                                      struct session_ids_entry *entry);

/* A copy of the current settings. Safe for threads. */
struct udp_settings udp_session_settings(struct udp_common *common);

#endif
