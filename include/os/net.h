/* SPDX-License-Identifier: ISC */
/*
 * os_net: TCP sockets. Descriptors are non-blocking, unless a function says otherwise, and are
 * closed on exec. Functions that return -1 set errno, unless they set *why. Thread-safe.
 */
#ifndef OS_NET_H
#define OS_NET_H

#include "base/address.h"

#define OS_NET_ADDRESS_BYTES 64 /* room for a numeric address with its zone, and its NUL */

/*
 * Binds sockets to a place: nobody else can bind its port any more, and connections to it are
 * refused until os_net_listen_on. A name may stand for several addresses: puts up to max
 * descriptors into fds and returns how many. Skips addresses that this machine does not have; after
 * any other failure it closes all descriptors. If it has opened none, it returns -1 and sets *why
 * to the cause (a constant) and errno. EADDRNOTAVAIL: this machine may get such an address later.
 * EAGAIN: the name may be found later.
 */
int os_net_bind(const struct address_place *place, int *fds, int max, const char **why);

/* Listens at a socket from os_net_bind or os_local_bind. Returns false and sets errno on failure.
 */
bool os_net_listen_on(int fd, int backlog);

/* Both: listens at a place. */
int os_net_listen(const struct address_place *place, int backlog, int *fds, int max,
                  const char **why);

/* Who can reach an address: this machine alone (loopback), its own networks (a private one, see
 * address.h), or everybody. */
enum os_net_reach { OS_NET_MACHINE, OS_NET_NETWORK, OS_NET_WORLD };

/* The widest reach of the addresses that the place stands for. OS_NET_MACHINE if it has none. */
enum os_net_reach os_net_reach(const struct address_place *place);

/*
 * The numeric address and the port that a socket is bound to. An IPv4-mapped address is written as
 * IPv4. Returns false and sets errno on failure.
 */
bool os_net_local(int fd, char address[OS_NET_ADDRESS_BYTES], unsigned *port);

/* The same of the address and port that a socket is connected to. */
bool os_net_remote(int fd, char address[OS_NET_ADDRESS_BYTES], unsigned *port);

/* The other end of a connection. */
struct os_net_peer {
    struct address address; /* 127.0.0.1 with port 0 over a Unix socket */
    unsigned port;
};

/*
 * Accepts a waiting connection. Returns -1 with EAGAIN if none waits. wait_ms, below 1000: how long
 * os_net_read with wait waits for input; with 0 the descriptor is non-blocking. peer may be NULL.
 */
int os_net_accept(int listener, int wait_ms, struct os_net_peer *peer);

/*
 * Reads up to size bytes that have arrived. With wait, and on a connection from os_net_accept, it
 * waits up to wait_ms for the first byte; no wake (os/wait.h) ends this wait. Returns the number of
 * bytes; 0: the other end has closed; -1 and EAGAIN: no byte has arrived.
 */
int64_t os_net_read(int fd, void *bytes, size_t size, bool wait);

/* Sends up to size bytes. Returns the number of bytes; -1 and EAGAIN: there is no room for any. */
int64_t os_net_write(int fd, const void *bytes, size_t size);

/* Duplicates a descriptor. Returns -1 on failure. */
int os_net_again(int fd);

/*
 * What to call once if a connection takes long. tried: the addresses that have not answered, with
 * commas between them; NULL: their name is still being looked up.
 */
struct os_net_waiting {
    int64_t at_ms; /* when to tell (os_clock_ms); INT64_MAX: never, or told */
    void (*tell)(void *ctx, const char *tried);
    void *ctx;
};

#define OS_NET_NEXT_MS 250 /* how long to wait for an address before the next one is tried, too */

/*
 * Connects to a place until the deadline (os_clock_ms; looking up the name may take longer). The
 * addresses of its name are tried one after the other, each OS_NET_NEXT_MS after the one before or
 * when that has failed, and the first that answers is taken (RFC 8305). waiting may be NULL.
 * Returns -1 on failure, and sets *why to the cause (a constant).
 */
int os_net_connect(const struct address_place *place, int64_t deadline_ms,
                   struct os_net_waiting *waiting, const char **why);

/*
 * For a caller that tries addresses itself: whether it is time to call tell, and the call. waiting
 * may be NULL.
 */
bool os_net_is_time(const struct os_net_waiting *waiting);
void os_net_tell(struct os_net_waiting *waiting, const char *tried);

/*
 * Closes a connection without losing the last bytes sent to the peer: shuts down our direction,
 * then reads and discards input until the peer closes too, max_bytes have come, or the deadline
 * (os_clock_ms) has passed.
 */
void os_net_linger_close(int fd, size_t max_bytes, int64_t deadline_ms);

/* Ends a connection in both directions, although other threads may still use the descriptor. */
void os_net_shut(int fd);

/* Closes a descriptor; does nothing if it is -1. Preserves errno. */
void os_net_close(int fd);

#endif
