/*
 * os_net_private: what the files that open sockets (os_net, os_udp) share.
 */
#ifndef OS_NET_PRIVATE_H
#define OS_NET_PRIVATE_H

#include <netdb.h>

#include "os/net.h"

/* The addresses that a name stands for, for freeaddrinfo. NULL: *why says why not. */
struct addrinfo *os_net_resolve(const struct os_net_place *place, int type, int flags,
                                const char **why);

/*
 * A socket by open for each address of a place, as os_net_listen has it. open returns -1, and
 * errno, where it cannot.
 */
int os_net_open_each(const struct os_net_place *place, int type,
                     int (*open)(const struct addrinfo *a, int backlog), int backlog, int *fds,
                     int max, const char **why);

#endif
