/* SPDX-License-Identifier: ISC */
/*
 * os_udp: the sockets for mail over UDP (docs/udp.md). The first datagrams of new clients come to a
 * bound socket. Each session then has a socket of its own, bound to the same address and port and
 * connected to its client; the system prefers it for datagrams from that client. Descriptors are
 * non-blocking and are closed on exec. Functions that return -1 or false set errno, unless they set
 * *why. Thread-safe if each socket is used by one thread.
 */
#ifndef OS_UDP_H
#define OS_UDP_H

#include "base/address.h"
#include "os/net.h"

#define OS_UDP_BUFFER_BYTES (4 << 20) /* receive buffer asked for; the system may give less */

struct os_udp_peer {
    struct address address, local; /* the client's, and the one of ours that it sends to */
    unsigned port;                 /* the client's */
    unsigned zone;                 /* the interface, for link-local addresses; else 0 */
};

/*
 * Binds sockets to a place, as os_net_listen does. Nobody else can bind the port meanwhile, nor can
 * sessions: see os_udp_share.
 */
int os_udp_bind(const struct address_place *place, int *fds, int max, const char **why);

/*
 * Prepares a bound socket, IPv6 or IPv4, that another process opened, as os_udp_bind would have;
 * fcntl(2) flags are the caller's. Other users may have bound the port, too, or may do so until
 * os_udp_share: see os_udp_table.h.
 */
bool os_udp_adopt(int fd);

/*
 * Lets this process bind the sockets of sessions beside a bound one, and keeps all other users from
 * the port. Call it for each bound socket, as the user that will open the sessions. Returns 0; -1
 * on failure; or, if the socket belongs to another user, a second socket bound to the same address,
 * which keeps them from it: receive from both, and close it when the other is closed. (A socket
 * belongs to the user who opened it, or to whom os_file_give gave it.)
 */
int os_udp_share(int fd);

/* Whether other users may bind the port, too, as they may with a socket from systemd. */
bool os_udp_is_shared(int fd);

/*
 * Opens the socket of a session with this client, bound like the one that received the client's
 * datagram, after os_udp_share. Other clients' datagrams may wait at it, from the moment before it
 * was connected; os_udp_receive tells who sent a datagram.
 */
int os_udp_session(int bound, const struct os_udp_peer *peer);

/*
 * Receives a waiting datagram of at most size bytes and returns its size, or -1; EAGAIN if none
 * waits. from may be NULL, and must be for a client's socket.
 */
int64_t os_udp_receive(int fd, char *bytes, size_t size, struct os_udp_peer *from);

/* Sends a datagram to a client from the address that it sent to. Failures are ignored. */
void os_udp_answer(int bound, const struct os_udp_peer *to, struct span datagram);

bool os_udp_same_client(const struct os_udp_peer *a, const struct os_udp_peer *b);

/*
 * Opens a client's sockets: one, connected, for each address of the server's name, in the order in
 * which they should be tried. Only an answer tells whether a server is there. Puts up to max
 * descriptors into fds and returns how many; -1 if none, and sets *why to the cause (a constant).
 * waiting is told if looking up the name takes long; it may be NULL.
 */
int os_udp_connect(const struct address_place *place, int *fds, int max,
                   struct os_net_waiting *waiting, const char **why);

/* Sends a datagram through a connected socket. Failures are ignored. */
void os_udp_send(int fd, struct span datagram);

/*
 * Sends bytes as datagrams of this size, the last of which may be shorter, with one call through a
 * connected socket. Returns false and sets errno on failure. EINVAL, EIO, EMSGSIZE or EOPNOTSUPP:
 * the system or the network device cannot send several at once.
 */
bool os_udp_send_pieces(int fd, struct span bytes, size_t size);

/* Lets os_udp_receive_pieces return several datagrams at once, if the system can, or not. */
void os_udp_gather(int fd, bool on);

/*
 * Receives with one call the datagrams that wait at a connected socket: one, or several of *piece
 * bytes, the last of which may be shorter. Returns the number of bytes, or -1; EAGAIN: none waits.
 */
int64_t os_udp_receive_pieces(int fd, char *bytes, size_t size, size_t *piece);

#endif
