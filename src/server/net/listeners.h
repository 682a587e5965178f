/* SPDX-License-Identifier: ISC */
/*
 * listeners: all kinds of listeners of a server, one row each in listeners.c. For one thread.
 */
#ifndef NET_LISTENERS_H
#define NET_LISTENERS_H

#include "config/config.h"
#include "net/udp_listener.h"

#define LISTENERS_WHY_BYTES CONFIG_WHY_BYTES

struct listeners;

/* Clients go to the registry, which outlives the listeners' threads. NULL: out of memory. */
struct listeners *listeners_new(struct registry *registry, struct counters *counters);

/* Closes all sockets. The listeners must not run; sessions over UDP must have ended. */
void listeners_free(struct listeners *l);

/*
 * Takes over the sockets that a supervisor has opened for this process; a socket with the name of a
 * kind is of this kind. A kind without such a socket binds the addresses of its configuration key.
 * If the machine does not have an address yet, or a name is not found, calls again(ctx, why), which
 * waits, and tries that address again if it returns true. False: why says what failed.
 */
bool listeners_open(struct listeners *l, const struct config *c,
                    bool (*again)(void *ctx, const char *why), void *ctx,
                    char why[LISTENERS_WHY_BYTES]);

/* Whether there is a socket of a kind that is a door (net/listener.h). */
bool listeners_have_door(const struct listeners *l);

/* Before the process becomes another user: gives that user the sockets that sessions bind beside,
 * and the files of Unix sockets. */
void listeners_give(struct listeners *l, uint32_t user, uint32_t group);

/*
 * Once the process has become its user: whether it can serve clients on all sockets with the rights
 * it has now, and no other user has bound these ports. False: why says on which port it cannot, and
 * why.
 */
bool listeners_check(struct listeners *l, const char *user, char why[LISTENERS_WHY_BYTES]);

/* The settings of new sessions over UDP. Safe for threads. */
void listeners_set_udp(struct listeners *l, const struct udp_settings *settings);

/* Appends a line "KIND ADDRESS PORT" or "KIND PATH" for each socket. False: errno. */
bool listeners_ports(const struct listeners *l, struct buf *out);

/* Logs the address of each socket. */
void listeners_log(const struct listeners *l);

/* Discards the datagrams that have arrived so far. */
void listeners_discard(struct listeners *l);

/* Listens on all sockets: until then, connections are refused. False: why says what failed. */
bool listeners_listen(struct listeners *l, char why[LISTENERS_WHY_BYTES]);

/* Starts all threads. False, errno: one cannot be started; listeners_stop ends those that were. */
bool listeners_start(struct listeners *l);

/* See listener_abandon. */
void listeners_abandon(const struct listeners *l);

/* See listener_stop. */
void listeners_stop(struct listeners *l);

#endif
