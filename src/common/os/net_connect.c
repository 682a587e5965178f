/* SPDX-License-Identifier: ISC */
/*
 * The client's side of os_net: the addresses of a server are tried.
 */
#include <errno.h>

#include "base/buf.h"
#include "net_private.h"
#include "os/clock.h"
#include "os/error.h"
#include "os/wait.h"

bool os_net_is_time(const struct os_net_waiting *waiting)
{
    return waiting && os_clock_ms() >= waiting->at_ms;
}

void os_net_tell(struct os_net_waiting *waiting, const char *tried)
{
    if (!os_net_is_time(waiting))
        return;
    waiting->at_ms = INT64_MAX;
    waiting->tell(waiting->ctx, tried);
}

/* The first address from a on that is of this family, or is of another one. */
static const struct addrinfo *find_family(const struct addrinfo *a, int family, bool is_it)
{
    while (a && (a->ai_family == family) != is_it)
        a = a->ai_next;
    return a;
}

int os_net_order(const struct addrinfo *list, const struct addrinfo **order, int max)
{
    const struct addrinfo *next[2] = {list, find_family(list, list->ai_family, false)};
    int n = 0;
    for (unsigned turn = 0; n < max && (next[0] || next[1]); turn = 1 - turn) {
        if (!next[turn])
            continue;
        order[n++] = next[turn];
        next[turn] = find_family(next[turn]->ai_next, list->ai_family, turn == 0);
    }
    return n;
}

/* Connections that have been begun. */
struct attempts {
    int fds[OS_WAIT_MAX];
    const struct addrinfo *to[OS_WAIT_MAX];
    int n;
};

static void begin_attempt(struct attempts *t, const struct addrinfo *to, const char **why)
{
    int fd = os_net_begin(to);
    if (fd >= 0) {
        t->fds[t->n] = fd;
        t->to[t->n++] = to;
        return;
    }
    *why = os_error_text(errno);
}

/* Drops the attempts that have failed. Returns the first one that has not, or -1. */
static int take_connected(struct attempts *t, const char **why)
{
    int connected = -1, left = 0;
    for (int i = 0; i < t->n; i++) {
        int error = connected < 0 ? os_net_outcome(t->fds[i]) : EINPROGRESS;
        if (error == EINPROGRESS) {
            t->fds[left] = t->fds[i];
            t->to[left++] = t->to[i];
        } else if (error == 0) {
            connected = t->fds[i];
        } else {
            *why = os_error_text(error);
            os_net_close(t->fds[i]);
        }
    }
    t->n = left;
    return connected;
}

static void tell_attempts(const struct attempts *t, struct os_net_waiting *waiting)
{
    char address[OS_NET_ADDRESS_BYTES];
    struct buf tried;
    if (!os_net_is_time(waiting))
        return;
    buf_init(&tried, OS_WAIT_MAX * sizeof address);
    for (int i = 0; i < t->n; i++)
        if (getnameinfo(t->to[i]->ai_addr, t->to[i]->ai_addrlen, address, sizeof address, NULL, 0,
                        NI_NUMERICHOST) == 0)
            buf_printf(&tried, "%s%s", tried.n > 0 ? ", " : "", address);
    buf_add_char(&tried, '\0');
    os_net_tell(waiting, buf_ok(&tried) ? tried.p : "its addresses");
    buf_free(&tried);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Tries n addresses, until one is connected or the deadline has passed. */
static int connect_to_one(const struct addrinfo *const *order, int n, int64_t deadline_ms,
                          struct os_net_waiting *waiting, const char **why)
{
    struct attempts t = {.n = 0};
    int fd = -1, begun = 0;
    int64_t next_ms = os_clock_ms();
    while (fd < 0 && (begun < n || t.n > 0)) {
        int64_t now_ms = os_clock_ms();
        if (now_ms >= deadline_ms) {
            *why = os_error_text(ETIMEDOUT);
            break;
        }
        if (begun < n && (t.n == 0 || now_ms >= next_ms)) {
            begin_attempt(&t, order[begun++], why);
            next_ms = now_ms + OS_NET_NEXT_MS;
        }
        if (t.n == 0)
            continue;
        int64_t until_ms = earlier(deadline_ms, begun < n ? next_ms : OS_FOREVER);
        until_ms = earlier(until_ms, waiting ? waiting->at_ms : OS_FOREVER);
        os_wait(t.fds, t.n, OS_WAIT_ROOM, os_clock_ms_to_us(until_ms));
        int before = t.n;
        fd = take_connected(&t, why);
        if (t.n < before)
            next_ms = now_ms;
        if (fd < 0)
            tell_attempts(&t, waiting);
    }
    while (t.n > 0)
        os_net_close(t.fds[--t.n]);
    return fd;
}

int os_net_connect(const struct address_place *place, int64_t deadline_ms,
                   struct os_net_waiting *waiting, const char **why)
{
    struct addrinfo *list = os_net_look_up(place, SOCK_STREAM, waiting, why);
    const struct addrinfo *order[OS_WAIT_MAX];
    if (!list)
        return -1;
    int n = os_net_order(list, order, OS_WAIT_MAX);
    int fd = connect_to_one(order, n, deadline_ms, waiting, why);
    freeaddrinfo(list);
    if (fd >= 0)
        os_net_no_delay(fd);
    return fd;
}
