/* SPDX-License-Identifier: ISC */
#include "net/listeners.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/door_listeners.h"
#include "net/tcp_listener.h"
#include "os/systemd.h"

/* The kinds, and the configuration key that says where each listens. */
static const struct {
    const struct listener_kind *kind;
    size_t places; /* of struct config: a member of type struct config_places */
} kinds[] = {
    {&tcp_listener_kind, offsetof(struct config, listen)},
    {&udp_listener_kind, offsetof(struct config, udp)},
    {&pop3_listener_kind, offsetof(struct config, pop3)},
    {&submission_listener_kind, offsetof(struct config, submission)},
    {&lmtp_listener_kind, offsetof(struct config, lmtp)},
};

#define KINDS (sizeof kinds / sizeof *kinds)

struct listeners {
    struct listener *of[KINDS];
};

struct listeners *listeners_new(struct registry *registry, struct counters *counters)
{
    struct listeners *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    for (size_t i = 0; i < KINDS; i++) {
        l->of[i] = kinds[i].kind->create(kinds[i].kind, registry, counters);
        if (!l->of[i]) {
            listeners_free(l);
            return NULL;
        }
    }
    return l;
}

void listeners_free(struct listeners *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < KINDS; i++)
        listener_free(l->of[i]);
    free(l);
}

/*
 * The kind of a supervisor's socket. Its name decides between those that use TCP; systemd gives a
 * socket the name of its unit if the administrator gives none.
 */
static size_t kind_of(int fd, struct span name)
{
    bool datagrams = os_systemd_is_udp(fd);
    size_t first = KINDS;
    for (size_t i = 0; i < KINDS; i++) {
        if (kinds[i].kind->datagrams != datagrams)
            continue;
        if (span_eq(name, span_str(kinds[i].kind->name)))
            return i;
        first = first == KINDS ? i : first;
    }
    return first;
}

/* Takes over the sockets of a supervisor. False: why. */
static bool adopt_all(struct listeners *l, char why[LISTENERS_WHY_BYTES])
{
    struct buf names;
    const char *wrong;
    buf_init(&names, SIZE_MAX / 2);
    int handed_over = os_systemd_sockets(&names);
    bool ok = handed_over >= 0;
    struct span rest = buf_span(&names);
    if (!ok)
        snprintf(why, LISTENERS_WHY_BYTES, "LISTEN_FDS is not a number of descriptors");
    for (int fd = OS_SYSTEMD_FIRST; ok && fd < OS_SYSTEMD_FIRST + handed_over; fd++) {
        ok = listener_adopt(l->of[kind_of(fd, span_take(&rest, ':'))], fd, &wrong);
        if (!ok)
            snprintf(why, LISTENERS_WHY_BYTES, "LISTEN_FDS: descriptor %d %s", fd, wrong);
    }
    buf_free(&names);
    return ok;
}

static void say_where(const struct listener *l, const struct address_place *place,
                      const char *wrong, char why[LISTENERS_WHY_BYTES])
{
    if (*place->port)
        snprintf(why, LISTENERS_WHY_BYTES, "cannot listen on %s port %s (%s): %s", place->host,
                 place->port, l->kind->name, wrong);
    else
        snprintf(why, LISTENERS_WHY_BYTES, "cannot listen on %s (%s): %s", place->host,
                 l->kind->name, wrong);
}

static bool open_places(struct listener *l, const struct config_places *places,
                        bool (*again)(void *ctx, const char *why), void *ctx,
                        char why[LISTENERS_WHY_BYTES])
{
    const char *wrong;
    for (unsigned i = 0; i < places->n; i++) {
        const struct address_place *place = &places->at[i];
        while (!listener_open(l, place, &wrong)) {
            bool later = errno == EADDRNOTAVAIL || errno == EAGAIN;
            say_where(l, place, wrong, why);
            if (!later || !again(ctx, why))
                return false;
        }
    }
    return true;
}

bool listeners_open(struct listeners *l, const struct config *c,
                    bool (*again)(void *ctx, const char *why), void *ctx,
                    char why[LISTENERS_WHY_BYTES])
{
    if (!adopt_all(l, why))
        return false;
    for (size_t i = 0; i < KINDS; i++) {
        const void *places = (const char *)c + kinds[i].places;
        if (l->of[i]->n == 0 && !open_places(l->of[i], places, again, ctx, why))
            return false;
    }
    return true;
}

bool listeners_have_door(const struct listeners *l)
{
    for (size_t i = 0; i < KINDS; i++)
        if (kinds[i].kind->door && l->of[i]->n > 0)
            return true;
    return false;
}

void listeners_give(struct listeners *l, uint32_t user, uint32_t group)
{
    for (size_t i = 0; i < KINDS; i++)
        listener_give(l->of[i], user, group);
}

bool listeners_check(struct listeners *l, const char *user, char why[LISTENERS_WHY_BYTES])
{
    for (size_t i = 0; i < KINDS; i++)
        if (kinds[i].kind->check && !kinds[i].kind->check(l->of[i], user, why))
            return false;
    return true;
}

void listeners_set_udp(struct listeners *l, const struct udp_settings *settings)
{
    for (size_t i = 0; i < KINDS; i++)
        if (kinds[i].kind == &udp_listener_kind)
            udp_listener_set(l->of[i], settings);
}

bool listeners_ports(const struct listeners *l, struct buf *out)
{
    for (size_t i = 0; i < KINDS; i++)
        if (!listener_ports(l->of[i], out))
            return false;
    return true;
}

void listeners_log(const struct listeners *l)
{
    for (size_t i = 0; i < KINDS; i++)
        listener_log(l->of[i]);
}

void listeners_discard(struct listeners *l)
{
    for (size_t i = 0; i < KINDS; i++)
        listener_discard(l->of[i]);
}

bool listeners_listen(struct listeners *l, char why[LISTENERS_WHY_BYTES])
{
    for (size_t i = 0; i < KINDS; i++)
        if (!listener_listen(l->of[i], why))
            return false;
    return true;
}

bool listeners_start(struct listeners *l)
{
    for (size_t i = 0; i < KINDS; i++)
        if (!listener_start(l->of[i]))
            return false;
    return true;
}

void listeners_abandon(const struct listeners *l)
{
    for (size_t i = 0; i < KINDS; i++)
        listener_abandon(l->of[i]);
}

void listeners_stop(struct listeners *l)
{
    for (size_t i = 0; i < KINDS; i++)
        listener_stop(l->of[i]);
}
