/* SPDX-License-Identifier: ISC */
/*
 * listener: the sockets at which the server awaits new clients of one kind, such as TCP, and the
 * thread that takes them. For one thread, which is not the listener's own.
 */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/address.h"
#include "base/buf.h"
#include "config/config.h"
#include "log/log.h"
#include "net/registry.h"
#include "os/local.h"

#define LISTENER_MAX 32 /* sockets; a host name may need several */

struct listener;

/* What differs from kind to kind. */
struct listener_kind {
    const char *name; /* in the log, in the port file, and the name of a supervisor's socket */
    bool datagrams;   /* its sockets are datagram sockets */
    bool door;        /* its clients do not speak our own protocol */

    /* How its clients are served. NULL: the kind decides for each. */
    const struct transport_kind *transport;

    /* A listener of this kind without sockets, whose clients go to the registry. NULL: out of
     * memory. */
    struct listener *(*create)(const struct listener_kind *kind, struct registry *registry,
                               struct counters *counters);

    /* Frees what create has allocated. The sockets are closed. */
    void (*destroy)(struct listener *l);

    /*
     * Binds an address: puts up to max sockets into fds and returns how many; -1: *why says what
     * failed, and errno as in os_net_bind. A name may stand for several addresses. The path of a
     * Unix socket is not for this function: listener_open binds it.
     */
    int (*open)(const struct address_place *place, int *fds, int max, const char **why);

    /* Prepares a socket that was opened elsewhere. False: *why says what is wrong with it. */
    bool (*adopt)(int fd, const char **why);

    /*
     * Listens on a socket from open, when the server can serve: until then, connections are
     * refused. False: errno. NULL: there is nothing to do.
     */
    bool (*listen)(int fd);

    /* Discards what has arrived at the sockets so far. NULL: nothing can have. */
    void (*discard)(struct listener *l);

    /*
     * Called once, when the process has become its user: whether it can serve clients with the
     * rights it has now, and alone. False: why says on which port it cannot. NULL: the rights
     * needed to listen are enough.
     */
    bool (*check)(struct listener *l, const char *user, char why[CONFIG_WHY_BYTES]);

    /* The thread: takes clients until l->stop is true. A thread that waits is sent OS_WAKE then. */
    void (*serve)(struct listener *l);
};

/* The first member of every kind's own struct. */
struct listener {
    const struct listener_kind *kind;
    struct registry *registry;
    int fds[LISTENER_MAX];
    int n;
    struct os_local_name names[LISTENER_MAX]; /* of the sockets: files that this process has made */
    bool adopted; /* a supervisor opened them, and they already listen */
    pthread_t thread;
    bool running;
    atomic_bool stop;
    struct log_rarely failures; /* used by the thread alone */
};

/*
 * Binds one more address, or the path of a Unix socket, which is a place without a port. False:
 * *why says what failed, and errno as in os_net_bind.
 */
bool listener_open(struct listener *l, const struct address_place *place, const char **why);

/* Takes over a socket. False: *why says what is wrong, and the socket remains the caller's. */
bool listener_adopt(struct listener *l, int fd, const char **why);

/*
 * Gives datagram sockets, and the files of Unix sockets, to the user that the process is going to
 * become, as far as it may.
 */
void listener_give(struct listener *l, uint32_t user, uint32_t group);

/* Appends a line "KIND ADDRESS PORT" or "KIND PATH" for each socket. False: errno. */
bool listener_ports(const struct listener *l, struct buf *out);

/* Logs the address of each socket. */
void listener_log(const struct listener *l);

/* Logs that a client could not be taken, but not every time. For the listener's thread. */
void listener_log_failure(struct listener *l, int error);

/* Listens on the sockets. False: why says on which it cannot. */
bool listener_listen(struct listener *l, char why[CONFIG_WHY_BYTES]);

/* Discards what has arrived at datagram sockets. The thread must not run. */
void listener_discard(struct listener *l);

/* Starts the thread, unless there is no socket. False: errno. */
bool listener_start(struct listener *l);

/*
 * Ends the thread, if it runs: no more clients are taken. Removes the files of Unix sockets while
 * they still listen: nobody can have replaced them.
 */
void listener_stop(struct listener *l);

/*
 * For a process that is about to end, but may have to wait for a disk, even for ever: from now on
 * nobody can connect to it. The sockets of a supervisor stay as they are.
 */
void listener_abandon(const struct listener *l);

/* Closes the sockets and frees the listener, which must not run. l may be NULL. */
void listener_free(struct listener *l);

#endif
