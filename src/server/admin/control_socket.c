/* SPDX-License-Identifier: ISC */
#include "admin/control_socket.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "admin/control_wire.h"
#include "os/clock.h"
#include "os/cond.h"
#include "os/file.h"
#include "os/local.h"
#include "os/net.h"
#include "os/wait.h"
#include "transport/socket_io.h"

#define PLACES      16 /* connections at once; the next one waits until one ends */
#define STACK_BYTES 262144
#define PAUSE_MS    100  /* before the next accept when there is no descriptor */
#define LOOK_MS     1000 /* how often we look whether the socket still has its name */

enum state { FREE, TAKEN, ENDED }; /* ENDED: the thread can be joined */

struct place {
    struct control_socket *socket;
    struct socket_io net;
    pthread_t thread;
    enum state state; /* guarded by the mutex of the socket */
};

struct control_socket {
    int dir, fd;
    uint64_t inode; /* of the name; 0: not known */
    int64_t hurry_ms;
    void (*serve)(void *ctx, struct io *io, bool trusted);
    void (*each_second)(void *ctx);
    void *ctx;
    pthread_attr_t small_stack;
    pthread_t thread;
    atomic_bool closing;
    pthread_mutex_t mutex; /* leaf lock: guards the states of the places */
    pthread_cond_t ended;
    struct place places[PLACES];
};

static bool is_closing(void *ctx)
{
    struct control_socket *d = ctx;
    return atomic_load(&d->closing);
}

static void *serve_place(void *arg)
{
    struct place *p = arg;
    struct control_socket *d = p->socket;
    d->serve(d->ctx, &p->net.io, os_local_peer_is_trusted(p->net.fd));
    os_net_close(p->net.fd);
    pthread_mutex_lock(&d->mutex);
    p->state = ENDED;
    pthread_cond_signal(&d->ended);
    pthread_mutex_unlock(&d->mutex);
    return NULL;
}

/* Takes a place, with the mutex held. NULL: all are taken. */
static struct place *find_place(struct control_socket *d)
{
    for (struct place *p = d->places; p < d->places + PLACES; p++) {
        if (p->state == TAKEN)
            continue;
        if (p->state == ENDED)
            pthread_join(p->thread, NULL);
        p->state = TAKEN;
        return p;
    }
    return NULL;
}

/* NULL: all are taken until then, or the socket is being closed. */
static struct place *wait_for_place(struct control_socket *d, int64_t until_ms)
{
    struct place *p = NULL;
    bool early = true;
    pthread_mutex_lock(&d->mutex);
    while (early && !is_closing(d) && !(p = find_place(d)))
        early = os_cond_wait(&d->ended, &d->mutex, until_ms);
    pthread_mutex_unlock(&d->mutex);
    return p;
}

static void free_place(struct place *p)
{
    pthread_mutex_lock(&p->socket->mutex);
    p->state = FREE;
    pthread_mutex_unlock(&p->socket->mutex);
}

/* Without a thread for it the connection is closed: the tool reports that there is no answer. */
static void start_connection(struct place *p, int fd)
{
    struct control_socket *d = p->socket;
    socket_io_init(&p->net, fd);
    p->net.interrupted = is_closing;
    p->net.ctx = d;
    p->net.hurry_ms = d->hurry_ms;
    if (pthread_create(&p->thread, &d->small_stack, serve_place, p) == 0)
        return;
    os_net_close(fd);
    free_place(p);
}

static bool listen_in_store(struct control_socket *d)
{
    struct os_file_info info;
    int fd = os_local_listen(d->dir, CONTROL_SOCKET);
    if (fd < 0)
        return false;
    os_net_close(d->fd);
    d->fd = fd;
    d->inode = os_file_look(d->dir, CONTROL_SOCKET, &info) ? info.inode : 0;
    return true;
}

/* Somebody may have removed the name, or given it to something else: then no tool could find us. */
static void listen_again(struct control_socket *d)
{
    struct os_file_info info;
    if (!os_file_look(d->dir, CONTROL_SOCKET, &info) || (d->inode && info.inode != d->inode))
        listen_in_store(d);
}

/* Also while connections come and all places are taken: nothing that is done each second waits. */
static void *accept_all(void *arg)
{
    struct control_socket *d = arg;
    int64_t look_ms = os_clock_ms() + LOOK_MS;
    struct socket_io self;
    socket_io_init(&self, -1); /* for its pause */
    self.interrupted = is_closing;
    self.ctx = d;
    while (!is_closing(d)) {
        if (os_clock_ms() >= look_ms) {
            listen_again(d);
            d->each_second(d->ctx);
            look_ms = os_clock_ms() + LOOK_MS;
        }
        struct place *p = NULL;
        if (!os_wait_input(&d->fd, 1, look_ms) || !(p = wait_for_place(d, look_ms)))
            continue;
        int fd = os_net_accept(d->fd, 0, NULL);
        int error = errno;
        if (fd >= 0)
            start_connection(p, fd);
        else
            free_place(p);
        if (fd < 0 && error != EAGAIN)
            socket_io_pause(&self, PAUSE_MS);
    }
    return NULL;
}

static void free_socket(struct control_socket *d)
{
    os_net_close(d->fd);
    pthread_attr_destroy(&d->small_stack);
    pthread_mutex_destroy(&d->mutex);
    pthread_cond_destroy(&d->ended);
    free(d);
}

struct control_socket *control_socket_open(int dir, int64_t hurry_ms,
                                           void (*serve)(void *ctx, struct io *io, bool trusted),
                                           void (*each_second)(void *ctx), void *ctx)
{
    struct control_socket *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->dir = dir;
    d->hurry_ms = hurry_ms;
    d->serve = serve;
    d->each_second = each_second;
    d->ctx = ctx;
    pthread_attr_init(&d->small_stack);
    pthread_attr_setstacksize(&d->small_stack, STACK_BYTES);
    pthread_mutex_init(&d->mutex, NULL);
    os_cond_init(&d->ended);
    for (unsigned i = 0; i < PLACES; i++)
        d->places[i].socket = d;
    d->fd = -1;
    bool ok = listen_in_store(d);
    int error = errno;
    if (ok)
        error = pthread_create(&d->thread, &d->small_stack, accept_all, d);
    if (ok && error == 0)
        return d;
    free_socket(d);
    errno = error;
    return NULL;
}

/* Joins the accepting thread first: after that no more places are taken. */
void control_socket_close(struct control_socket *d)
{
    bool to_join[PLACES];
    if (!d)
        return;
    pthread_mutex_lock(&d->mutex);
    atomic_store(&d->closing, true);
    pthread_cond_signal(&d->ended);
    pthread_mutex_unlock(&d->mutex);
    pthread_kill(d->thread, OS_WAKE);
    pthread_join(d->thread, NULL);
    pthread_mutex_lock(&d->mutex);
    for (unsigned i = 0; i < PLACES; i++) {
        to_join[i] = d->places[i].state != FREE;
        if (d->places[i].state == TAKEN)
            pthread_kill(d->places[i].thread, OS_WAKE);
    }
    pthread_mutex_unlock(&d->mutex);
    for (unsigned i = 0; i < PLACES; i++)
        if (to_join[i])
            pthread_join(d->places[i].thread, NULL);
    os_file_remove(d->dir, CONTROL_SOCKET);
    free_socket(d);
}
