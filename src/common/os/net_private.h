/* SPDX-License-Identifier: ISC */
/*
 * os_net_private: what the sources of os_net, and os_udp, share.
 */
#ifndef OS_NET_PRIVATE_H
#define OS_NET_PRIVATE_H

#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
#else
#include <netdb.h>
#include <netinet/in.h>
#endif

#include "os/net.h"

/*
 * Resolves a place. Returns a list for freeaddrinfo, or NULL, and sets *why to the cause (a
 * constant) and errno, as os_net_listen does.
 */
struct addrinfo *os_net_resolve(const struct address_place *place, int type, int flags,
                                const char **why);

/*
 * The same for a client, and tells the one that waits (see os_net_connect) that the name is being
 * looked up.
 */
struct addrinfo *os_net_look_up(const struct address_place *place, int type,
                                struct os_net_waiting *waiting, const char **why);

/*
 * Puts up to max addresses of a list into order as they should be tried: the families take turns,
 * so that a family that does not work does not delay the other one (RFC 8305, section 4). Returns
 * the number of addresses.
 */
int os_net_order(const struct addrinfo *list, const struct addrinfo **order, int max);

/* Opens a socket for such an address. Returns -1 and sets errno on failure. */
int os_net_socket(const struct addrinfo *a);

/*
 * Opens a socket and begins to connect it. Returns -1 and sets errno on failure. os_net_outcome
 * tells the result: 0: connected; EINPROGRESS: not yet; otherwise why it failed.
 */
int os_net_begin(const struct addrinfo *to);
int os_net_outcome(int fd);

/* TCP: a small answer must not wait for the acknowledgement of an earlier one. */
void os_net_no_delay(int fd);

/*
 * Opens a socket for each address of a place, as os_net_listen describes. open returns -1 and sets
 * errno on failure.
 */
int os_net_open_each(const struct address_place *place, int type,
                     int (*open)(const struct addrinfo *a, int backlog), int backlog, int *fds,
                     int max, const char **why);

/* A socket's address in the IPv6 form; IPv4 is mapped, any other family gives all zeros. */
struct sockaddr_in6 os_net_to_v6(const struct sockaddr_storage *sa);

/* The address in that form. */
struct address os_net_address(const struct in6_addr *in);

#endif
