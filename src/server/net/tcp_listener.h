/*
 * listener: the addresses the server listens on, and the thread that accepts. For one thread.
 */
#ifndef NET_TCP_LISTENER_H
#define NET_TCP_LISTENER_H

#include "base/buf.h"
#include "net/registry.h"
#include "os/net.h"

#define TCP_LISTENER_MAX 32 /* sockets; a host name may need several */

struct tcp_listener;

/* Sessions of what is accepted go to the registry. NULL: out of memory. */
struct tcp_listener *tcp_listener_new(struct registry *registry);

/* Closes the sockets. Not while it runs. */
void tcp_listener_free(struct tcp_listener *l);

/* Listens on one more address. False: *why says in words what failed. */
bool tcp_listener_add(struct tcp_listener *l, const struct address_place *place, const char **why);

/* Takes over a socket that listens already. False likewise, and it is still the caller's. */
bool tcp_listener_adopt(struct tcp_listener *l, int fd, const char **why);

/* Adds a line "tcp ADDR PORT" for each socket. False: errno. */
bool tcp_listener_ports(const struct tcp_listener *l, struct buf *out);

/* Tells the log which they are. */
void tcp_listener_tell(const struct tcp_listener *l);

/* Starts the thread. From then on clients are served. False: errno. */
bool tcp_listener_start(struct tcp_listener *l);

/* Ends the thread: nobody is accepted any more. */
void tcp_listener_stop(struct tcp_listener *l);

#endif
