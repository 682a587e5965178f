/* SPDX-License-Identifier: ISC */
/*
 * Which connections the registry ends to make room, and for whom it ends them. The connections have
 * threads that have ended already: what they are told is looked at, not what they do then. The
 * Makefile wraps calloc and os_clock_ms.
 */
#include "net/connection.h"
#include "net/listeners.h"
#include "net/registry_private.h"

#include <stdlib.h>

#include "os/wait.h"
#include "said.h"
#include "tap.h"

#define WRAPPED(type, name, parameters)                   \
    type real_##name parameters __asm__("__real_" #name); \
    type here_##name parameters __asm__("__wrap_" #name); \
    type here_##name parameters

static int calls_left = -1; /* of calloc, until one fails; below 0: none fails */
static int64_t clock_ms = 1000000;

WRAPPED(void *, calloc, (size_t n, size_t size))
{
    return calls_left >= 0 && calls_left-- == 0 ? NULL : real_calloc(n, size);
}

WRAPPED(int64_t, os_clock_ms, (void))
{
    return clock_ms;
}

static const struct transport_kind proven = {.name = "tcp", .talk = &session_conversation};
static const struct transport_kind forgeable = {
    .name = "udp1", .talk = &session_conversation, .forgeable = true};
static const char reason[] = "a test";
static struct counters counters;
static struct leaving leaving;
static const struct service service = {.counters = &counters, .leaving = &leaving};

static void *end_at_once(void *arg)
{
    return arg;
}

static struct registry *begin(uint64_t clients, uint64_t of_these_forgeable)
{
    const struct registry_limits limits = {.clients = clients, .forgeable = of_these_forgeable};
    struct registry *r = registry_new(&service, clients);

    if (!r)
        exit(1);
    registry_set_limits(r, &limits);
    return r;
}

static struct connection *add(struct registry *r, const struct transport_kind *kind,
                              int64_t heard_ms)
{
    struct connection *c = calloc(1, sizeof *c);

    if (!c || pthread_create(&c->thread, NULL, end_at_once, NULL) != 0)
        exit(1);
    c->registry = r;
    c->kind = kind;
    c->number = ++r->numbers;
    atomic_init(&c->heard_ms, heard_ms);
    pthread_mutex_lock(&r->mutex);
    registry_add(r, c);
    pthread_mutex_unlock(&r->mutex);
    return c;
}

static bool ends(const struct connection *c)
{
    return atomic_load(&c->reason) != NULL;
}

static bool make_room(struct registry *r, bool of_forgeable)
{
    pthread_mutex_lock(&r->mutex);
    bool ok = registry_make_room(r, of_forgeable);
    pthread_mutex_unlock(&r->mutex);
    return ok;
}

static void end(struct registry *r)
{
    while (r->live)
        registry_move_ended(r, r->live);
    is_int(r->count + r->forgeable + r->early[0] + r->early[1] + r->leaving, 0,
           "... nothing is counted at the end");
    registry_reap(r);
    registry_free(r);
}

/* A quarter of all, but at least 16 or all; of those that may be forged no more than may be. */
static void test_share(void)
{
    static const struct {
        unsigned clients, forgeable, share, forgeable_share;
    } rows[] = {
        {8, 100, 8, 8}, {16, 100, 16, 16}, {40, 3, 16, 3}, {64, 64, 16, 16}, {100, 24, 25, 24}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct registry *r = begin(rows[i].clients, rows[i].forgeable);

        is_int(registry_early_share(r, false), rows[i].share, "of %u clients before login",
               rows[i].clients);
        is_int(registry_early_share(r, true), rows[i].forgeable_share, "... that may be forged");
        registry_free(r);
    }
}

static void test_room(void)
{
    struct registry *r = begin(100, 100);
    struct connection *later = add(r, &proven, 20), *first = add(r, &proven, 10);
    struct connection *forged = add(r, &forgeable, 1), *waits = add(r, &forgeable, INT64_MAX);
    const struct who who = {.name = "ann"};

    ok(make_room(r, false) && ends(first) && !ends(later) && !ends(forged),
       "the one that has been silent for longest ends, of its kind");
    ok(registry_is_leaving(first) && !registry_is_leaving(later), "... to make room");
    ok(make_room(r, false) && ends(later) && !make_room(r, false),
       "... then the other, and no more");
    ok(make_room(r, true) && ends(forged) && r->leaving == 1, "one that may be forged");
    ok(!make_room(r, true) && !ends(waits), "... but not one that the server keeps waiting");
    registry_set_user(forged, &who);
    ok(!ends(forged) && r->leaving == 0, "one that logs in at the last moment stays");
    registry_set_user(forged, NULL);
    ok(forged->early && r->early[true] == 2, "... and is before login once it has logged out");
    registry_set_user(forged, NULL);
    is_int(r->early[true], 2, "... and counted once");
    registry_set_user(later, NULL);
    ok(!later->early && r->early[false] == 0, "one that leaves is not counted any more");
    end(r);
}

static void test_account(void)
{
    struct registry *r = begin(100, 100);
    struct connection *old = add(r, &proven, 1), *current = add(r, &proven, 1);
    struct connection *me = add(r, &proven, 1), *nobody = add(r, &proven, 1);
    const struct who before = {.name = "ann", .generation = "1"};
    const struct who now = {.name = "ann", .generation = "2"}, any = {.name = "ann"};

    registry_set_user(old, &before);
    registry_set_user(current, &now);
    registry_set_user(me, &now);
    is_int(registry_end_account(r, &now, me, reason), 1, "the other session of an account ends");
    ok(ends(current) && !ends(old) && !ends(me), "... not that of one with the same name before");
    is_int(registry_end_account(r, &any, NULL, reason), 3, "all of a name");
    ok(ends(old) && ends(me) && !ends(nobody), "... end, and nobody else's");
    is_int(registry_end_session(r, nobody->number, reason), 1, "a session by its number");
    ok(ends(nobody), "... ends");
    is_int(registry_end_session(r, 99, reason), 0, "... by one that there is not");
    end(r);
}

/* Of 32 clients 16 may be before login: at most 8 of them may be silent. */
static void test_silent(void)
{
    struct registry *r = begin(32, 32);
    struct connection *all[9];
    int n = 0;

    for (int i = 0; i < 8; i++)
        all[i] = add(r, &proven, clock_ms - 30001 - i);
    registry_end_silent(r);
    for (int i = 0; i < 8; i++)
        n += ends(all[i]);
    is_int(n, 0, "half of the share may be silent");
    all[8] = add(r, &proven, clock_ms);
    calls_left = 0;
    registry_end_silent(r);
    ok(!ends(all[7]), "without memory they stay until the next time");
    calls_left = -1;
    registry_end_silent(r);
    for (int i = 0; i < 9; i++)
        n += ends(all[i]);
    is_int(n, 1, "with one more, one ends");
    ok(ends(all[7]), "... the one that has been silent for longest");
    end(r);
}

/* --- without memory --- */

static char written[200];

static enum io_result keep(struct io *io, const void *bytes, size_t n, int64_t deadline_ms)
{
    (void)io, (void)deadline_ms;
    snprintf(written, sizeof written, "%.*s", (int)n, (const char *)bytes);
    return IO_OK;
}

static int closed;

static const char *count_closed(struct transport *t, bool turned_away)
{
    (void)t;
    closed += turned_away;
    return NULL;
}

static void test_no_memory_for_a_client(void)
{
    static const struct transport_kind kind = {
        .name = "tcp", .talk = &session_conversation, .close = count_closed};
    struct registry *r = begin(10, 10);
    struct socket_io net = {.io = {.write = keep}};
    struct transport t = {.kind = &kind, .net = &net};

    said_begin();
    calls_left = 0;
    connection_start(r, &t);
    calls_left = -1;
    said_end();
    ok(strstr(said.err, "event=refuse reason=\"the server is out of resources"), "the log has it");
    is_str(written, "0000000055Exit|1|the server is out of resources, try again later|",
           "a client for which there is no memory is told");
    is_int(closed, 1, "... and sent away");
    is_int(atomic_load(&counters.refused[REFUSED_RESOURCES]), 1, "... and counted");
    end(r);
}

static void test_no_memory_at_start(void)
{
    struct listeners *l = NULL;
    int n = 0;

    for (calls_left = 0; n < 10; calls_left = ++n) {
        struct registry *r = registry_new(&service, 10);
        bool failed = calls_left < 0;
        registry_free(r);
        if (r && !failed)
            break;
        ok(!r, "no registry without its memory");
    }
    is_int(n, 3, "... which takes three calls");
    calls_left = -1;
    struct registry *r = begin(10, 10);
    for (n = 0; !l && n < 10; n++) {
        calls_left = n;
        l = listeners_new(r, &counters);
    }
    calls_left = -1;
    is_int(n, 7, "no listeners without theirs: six calls fail, the seventh time all is well");
    listeners_free(l);
    listeners_free(NULL);
    registry_free(r);
    registry_free(NULL);
}

int main(void)
{
    os_wake_setup();
    test_share();
    test_room();
    test_account();
    test_silent();
    test_no_memory_for_a_client();
    test_no_memory_at_start();
    return done_testing();
}
