/*
 * os_net: TCP sockets with deadlines. Descriptors are non-blocking and close on exec. Functions
 * that return -1 set errno. Safe for threads, one reader and one writer a socket.
 */
#ifndef OS_NET_H
#define OS_NET_H

#include <signal.h>
#include <stdbool.h>

#include "base/address.h"
#include "base/span.h"
#include "proto/io.h"

#define OS_NET_ADDRESS_BYTES 64  /* room for a numeric address with its zone, and its NUL */
#define OS_NET_HOST_BYTES    256 /* room for a host name */

struct os_net_place {
    char host[OS_NET_HOST_BYTES];
    char port[8];
};

/*
 * Takes HOST:PORT apart; an IPv6 address stands in brackets: [::1]:5555. The port is a decimal
 * number to 65535. Returns false when the text is not of this form.
 */
bool os_net_parse(struct span text, struct os_net_place *place);

/*
 * Listens on an address: puts up to max descriptors into fds and returns how many, since a name
 * may stand for several addresses. Addresses that this machine does not have are passed over, any
 * other failure closes them all. -1: none; *why says in words what failed (a constant).
 */
int os_net_listen(const struct os_net_place *place, int backlog, int *fds, int max,
                  const char **why);

/* Whether it stands for an address that others than this machine can reach. */
bool os_net_is_open(const struct os_net_place *place);

/* The numeric address, IPv4 as such, and port a socket is bound to. False: errno. */
bool os_net_local(int fd, char address[OS_NET_ADDRESS_BYTES], unsigned *port);

/*
 * Waits until a connection waits at one of n listeners. Returns true then, and false at the
 * deadline or when the thread receives OS_NET_WAKE.
 */
bool os_net_wait(const int *listeners, int n, int64_t deadline_ms);

/* Who is at the other end of a connection. */
struct os_net_peer {
    struct address address; /* ::, and port 0, when it is not of the Internet */
    unsigned port;
};

/* Takes a waiting connection, or -1 (errno; EAGAIN when none waits). peer may be NULL. */
int os_net_accept(int listener, struct os_net_peer *peer);

/* Another descriptor for a socket, or -1. */
int os_net_again(int fd);

/* Connects, trying each address of the name until the deadline. -1: *why says what failed. */
int os_net_connect(const struct os_net_place *place, int64_t deadline_ms, const char **why);

/*
 * A socket as an io. Embed it or keep it beside the socket; it owns nothing. One
 * thread uses it.
 *
 * interrupted, if not NULL, says whether someone wants the owner to end. A read asks it before it
 * takes anything, and ends with IO_INTERRUPT once it returns true; so it does when OS_NET_WAKE has
 * come while it waited, or before that, be it in a write or a pause: the owner is to look up. A
 * write lets an answer already begun be finished: from the first true on, that write and the ones
 * after it together get hurry_ms more, then end with IO_TIMEOUT. A waiting thread asks again when
 * it receives OS_NET_WAKE, which is delivered only while a socket waits (see os_net_wake_setup).
 */
struct os_net_io {
    struct io io; /* first: a pointer to one is a pointer to the other */
    int fd;
    bool (*interrupted)(void *ctx);
    void *ctx;
    int64_t hurry_ms;    /* os_net_io_init sets IO_FOREVER */
    int64_t hurry_until; /* private: when writes must have ended, IO_FOREVER unless interrupted */
    bool woken;          /* private: where no read could end */
};

void os_net_io_init(struct os_net_io *n, int fd);

/* Waits so many milliseconds, or until interrupted. */
void os_net_pause(struct os_net_io *n, int64_t ms);

/*
 * For another io that waits as this one does. Wait: until poll(2) has one of the events, a wake or
 * the deadline, in microseconds of os_clock_us(). Interrupted: asks the owner. Take wake: whether
 * one has come in a wait since the last time; a read that is about to wait ends then. Write until:
 * a write's deadline, an earlier one once the owner is wanted.
 */
enum os_net_waited { OS_NET_READY, OS_NET_WOKEN, OS_NET_TIMEOUT };

enum os_net_waited os_net_io_wait(struct os_net_io *n, short events, int64_t deadline_us);
bool os_net_io_interrupted(struct os_net_io *n);
bool os_net_io_take_wake(struct os_net_io *n);
int64_t os_net_io_write_until(struct os_net_io *n, int64_t deadline_ms);

/* The signal that wakes a thread out of a wait: block it in every thread, then pthread_kill. */
#define OS_NET_WAKE SIGUSR1

/* Prepares the process: OS_NET_WAKE gets a handler and is blocked from here on, SIGPIPE ignored. */
void os_net_wake_setup(void);

/*
 * Closes so that the peer still gets what was sent last: ends our direction, then reads and drops
 * what comes until the peer closes too, at most max_bytes and until the deadline.
 */
void os_net_linger_close(int fd, size_t max_bytes, int64_t deadline_ms);

void os_net_close(int fd);

#endif
