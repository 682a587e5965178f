/*
 * os_udp: a server's sockets for mail over UDP (docs/udp.md). A bound socket hears of new clients;
 * each session then has a socket of its own on the same address and port, connected to its client,
 * which the system prefers for what that client sends. Descriptors are non-blocking and close on
 * exec. Functions that return -1 or false set errno. Safe for threads, one a socket.
 */
#ifndef OS_UDP_H
#define OS_UDP_H

#include "base/address.h"
#include "os/net.h"

#define OS_UDP_BUFFER_BYTES (4 << 20) /* asked of the system, for bursts; it may give less */

struct os_udp_peer {
    struct address address, local; /* the client's, and ours that it has sent to */
    unsigned port;                 /* the client's */
    unsigned zone;                 /* of link-local addresses */
};

/* Binds to an address, as os_net_listen does. */
int os_udp_bind(const struct os_net_place *place, int *fds, int max, const char **why);

/*
 * Makes a bound socket that was opened elsewhere, of IPv6 or IPv4, what os_udp_bind gives, but for
 * what fcntl(2) sets.
 */
bool os_udp_adopt(int fd);

/*
 * A socket for one client, beside the bound one that it was heard at. What others sent in the
 * moment before it was connected may wait there: os_udp_receive says who sent what.
 */
int os_udp_session(int bound, const struct os_udp_peer *peer);

/*
 * Takes a datagram that waits, of at most size bytes: its bytes, or -1; EAGAIN when none waits.
 * from may be NULL, as it must for a client's socket.
 */
int64_t os_udp_receive(int fd, char *bytes, size_t size, struct os_udp_peer *from);

/* Sends one to a client, from the address that it has sent to. What cannot be sent is lost. */
void os_udp_answer(int bound, const struct os_udp_peer *to, struct span datagram);

bool os_udp_same_client(const struct os_udp_peer *a, const struct os_udp_peer *b);

/*
 * A client's sockets, one for each address that a server's name stands for, connected to it: that
 * someone is there, only an answer tells. Up to max into fds; returns how many. -1: none; *why
 * says what failed.
 */
int os_udp_connect(const struct os_net_place *place, int *fds, int max, const char **why);

/* Sends one by a connected socket. What cannot be sent is lost. */
void os_udp_send(int fd, struct span datagram);

#endif
