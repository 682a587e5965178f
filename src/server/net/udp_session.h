/*
 * udp_session: sessions over UDP (docs/udp.md) as a transport, and what all of them share.
 */
#ifndef NET_UDP_SESSION_H
#define NET_UDP_SESSION_H

#include <pthread.h>

#include "log/counters.h"
#include "net/transport.h"
#include "net/udp_rate.h"
#include "os/udp.h"
#include "transport/udp_io.h"
#include "udp/session_ids.h"

enum udp_versions { UDP_VERSION_1, UDP_VERSION_2, UDP_VERSION_BOTH };

struct udp_settings {
    enum udp_versions versions; /* that new sessions may have */
    size_t datagram;            /* bytes of one at most, in new sessions */
    int64_t gap_ms;             /* version 1: in new sessions a datagram may be missing so long */
    struct udp_rates rates;     /* version 1's answers */
};

struct udp_common {
    struct counters *counters;
    pthread_mutex_t mutex; /* leaf lock: guards what follows */
    struct udp_settings settings;
    struct udp_rate rate;
    struct session_ids roll;
};

struct udp_session {
    struct transport transport; /* first: a pointer to one is a pointer to the other */
    struct udp_io io;
    struct udp_common *common; /* outlives it */
    struct os_udp_peer peer;
    struct session_ids_entry *entry; /* version 2 */

    /* The listener's, until it starts. */
    struct udp_session *next;
    int bound; /* the socket it was heard at */
    int64_t start_ms;
};

/*
 * A session in version 1, or in version 2 with an id that the roll has, for a socket that is
 * connected to its client. NULL: out of memory; the socket is still the caller's.
 */
struct udp_session *udp_session_new_1(struct udp_common *common, int fd,
                                      const struct os_udp_peer *peer);
struct udp_session *udp_session_new_2(struct udp_common *common, int fd,
                                      const struct os_udp_peer *peer,
                                      struct session_ids_entry *entry);

#endif
