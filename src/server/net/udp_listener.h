/*
 * udp_listener: the addresses at which the server hears of clients over UDP, and the thread that
 * begins their sessions (docs/udp.md). For one thread, but for what says otherwise.
 */
#ifndef NET_UDP_LISTENER_H
#define NET_UDP_LISTENER_H

#include "base/buf.h"
#include "net/registry.h"
#include "net/udp_session.h"

#define UDP_LISTENER_MAX 32 /* sockets; a host name may need several */

struct udp_listener;

/*
 * Sessions go to the registry. It is to outlive them; none begins before it has its settings. NULL:
 * out of memory.
 */
struct udp_listener *udp_listener_new(struct registry *registry, struct counters *counters);

/* Closes the sockets. Not while it runs. NULL is fine. */
void udp_listener_free(struct udp_listener *l);

/* Listens on one more address. False: *why says in words what failed. */
bool udp_listener_add(struct udp_listener *l, const struct address_place *place, const char **why);

/* Takes over a bound socket. False likewise, and it is still the caller's. */
bool udp_listener_adopt(struct udp_listener *l, int fd, const char **why);

/*
 * Whether this process, as it is now, can bind the sessions' sockets beside the ones it listens at,
 * which takes the same right. False: errno, and the port.
 */
bool udp_listener_try(const struct udp_listener *l, unsigned *port);

/* For sessions that begin from here on; by any thread. */
void udp_listener_set(struct udp_listener *l, const struct udp_settings *settings);

/* Adds a line "udp ADDR PORT" for each socket. False: errno. */
bool udp_listener_ports(const struct udp_listener *l, struct buf *out);

/* Tells the log which they are. */
void udp_listener_tell(const struct udp_listener *l);

/* Starts the thread, if there is an address. From then on clients are served. False: errno. */
bool udp_listener_start(struct udp_listener *l);

/* Ends the thread: no session begins any more. */
void udp_listener_stop(struct udp_listener *l);

#endif
