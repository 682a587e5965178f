/* SPDX-License-Identifier: ISC */
/* The socket of a server without memory, threads or descriptors. The Makefile wraps these calls. */
#include "admin/control_socket.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "admin/control_wire.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/local.h"
#include "os/net.h"
#include "os/wait.h"
#include "tap.h"

#define PATIENT_MS 20000 /* only a defect makes a test wait this long */

#define WRAPPED(type, name, parameters)                   \
    type real_##name parameters __asm__("__real_" #name); \
    type here_##name parameters __asm__("__wrap_" #name); \
    type here_##name parameters

/* How many of the next calls fail, and with which error. */
static atomic_int no_memory, no_thread, no_look, no_accept, accept_error;
static _Atomic int64_t ahead_ms; /* of the clock */

static bool fails(atomic_int *n)
{
    return atomic_load(n) > 0 && atomic_fetch_sub(n, 1) > 0;
}

WRAPPED(void *, calloc, (size_t n, size_t size))
{
    return fails(&no_memory) ? NULL : real_calloc(n, size);
}

WRAPPED(int, pthread_create,
        (pthread_t * thread, const pthread_attr_t *attr, void *(*run)(void *ctx), void *ctx))
{
    return fails(&no_thread) ? EAGAIN : real_pthread_create(thread, attr, run, ctx);
}

WRAPPED(bool, os_file_look, (int dir, const char *name, struct os_file_info *info))
{
    return !fails(&no_look) && real_os_file_look(dir, name, info);
}

WRAPPED(int, os_net_accept, (int listener, int recv_ms, struct os_net_peer *peer))
{
    if (fails(&no_accept)) {
        errno = atomic_load(&accept_error);
        return -1;
    }
    return real_os_net_accept(listener, recv_ms, peer);
}

WRAPPED(int64_t, os_clock_ms, (void))
{
    return real_os_clock_ms() + atomic_load(&ahead_ms);
}

static char path[] = "/tmp/pochta_test.XXXXXX";
static int dir;
static atomic_int seconds;

static void serve(void *ctx, struct io *io, bool trusted)
{
    (void)ctx;
    io->write(io, trusted ? "welcome" : "no", trusted ? 7 : 2, os_clock_ms() + PATIENT_MS);
}

static void count_second(void *ctx)
{
    (void)ctx;
    atomic_fetch_add(&seconds, 1);
}

static struct control_socket *open_socket(void)
{
    return control_socket_open(dir, 1000, serve, count_second, NULL);
}

/* Connects. What the server says until it closes the connection. */
static const char *hear(void)
{
    static char said[100];
    size_t n = 0;
    int64_t got = 1;
    int fd = os_local_connect(dir, CONTROL_SOCKET);

    while (got > 0 && os_wait_input(&fd, 1, os_clock_ms() + PATIENT_MS)) {
        got = os_net_read(fd, said + n, sizeof said - 1 - n, false);
        n += got > 0 ? (size_t)got : 0;
    }
    said[n] = '\0';
    os_net_close(fd);
    return got > 0 ? "it is not closed" : said;
}

static void test_open(void)
{
    atomic_store(&no_memory, 1);
    ok(!open_socket(), "no memory");
    control_socket_close(NULL);
    atomic_store(&no_thread, 1);
    ok(!open_socket() && errno == EAGAIN, "no thread");
    is_int(os_local_connect(dir, CONTROL_SOCKET), -1, "... and nobody listens");
}

static void test_connections(void)
{
    struct control_socket *s = open_socket();

    ok(s, "a socket");
    is_str(hear(), "welcome", "... serves");
    atomic_store(&no_thread, 1);
    is_str(hear(), "", "without a thread a connection is closed");
    is_str(hear(), "welcome", "... and the next one is served");
    atomic_store(&accept_error, EMFILE);
    atomic_store(&no_accept, 1);
    is_str(hear(), "welcome", "without a descriptor it waits, and is served then");
    atomic_store(&accept_error, EAGAIN);
    atomic_store(&no_accept, 1);
    is_str(hear(), "welcome", "one that left before it was accepted is not missed");
    control_socket_close(s);
    is_int(os_local_connect(dir, CONTROL_SOCKET), -1, "a closed socket");
    ok(!os_file_exists(dir, CONTROL_SOCKET), "... has no name");
}

static uint64_t inode(void)
{
    struct os_file_info info = {.inode = 0};

    os_file_look(dir, CONTROL_SOCKET, &info);
    return info.inode;
}

/* Lets a second pass, of which a connection tells. */
static void pass_second(void)
{
    int before = atomic_load(&seconds);
    int64_t until_ms = os_clock_ms() + PATIENT_MS;

    atomic_fetch_add(&ahead_ms, 2000);
    while (atomic_load(&seconds) == before && os_clock_ms() < until_ms)
        hear();
}

/* If it does not know the inode of its own name, it takes the name that is there for its own. */
static void test_name(void)
{
    atomic_store(&no_look, 1);
    struct control_socket *s = open_socket();
    uint64_t first = inode();

    pass_second();
    is_int(inode(), first, "a socket that could not look at its name keeps it");
    is_str(hear(), "welcome", "... and serves");
    control_socket_close(s);
}

int main(void)
{
    if (!mkdtemp(path))
        return 1;
    dir = os_file_open_dir(path);
    os_wake_setup();
    test_open();
    test_connections();
    test_name();
    os_file_close(dir);
    os_file_remove_tree(OS_FILE_CWD, path);
    return done_testing();
}
