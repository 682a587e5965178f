/*
 * listener: the addresses the server listens on, and the thread that accepts. For one thread.
 */
#ifndef LISTENER_H
#define LISTENER_H

#include "buf.h"
#include "os_net.h"
#include "registry.h"

#define LISTENER_MAX 32 /* sockets; a host name may need several */

struct listener;

/* Sessions of what is accepted go to the registry. NULL: out of memory. */
struct listener *listener_new(struct registry *registry);

/* Closes the sockets. Not while it runs. */
void listener_free(struct listener *l);

/* Listens on one more address. False: *why says in words what failed. */
bool listener_add(struct listener *l, const struct os_net_place *place, const char **why);

/* Takes over a socket that listens already. False likewise, and it is still the caller's. */
bool listener_adopt(struct listener *l, int fd, const char **why);

/* Adds a line "tcp ADDR PORT" for each socket. False: errno. */
bool listener_ports(const struct listener *l, struct buf *out);

/* Tells the log which they are. */
void listener_tell(const struct listener *l);

/* Starts the thread. From then on clients are served. False: errno. */
bool listener_start(struct listener *l);

/* Ends the thread: nobody is accepted any more. */
void listener_stop(struct listener *l);

#endif
