/* SPDX-License-Identifier: ISC */
#include "net/udp_session.h"

#include <stddef.h>
#include <stdlib.h>

#include "os/clock.h"
#include "session/auth.h"
#include "session/session.h"

static struct udp_session *of_transport(struct transport *t)
{
    return (struct udp_session *)(void *)t;
}

static int64_t hold_ms(void *ctx, size_t bytes)
{
    struct udp_session *s = ctx;
    struct udp_common *common = s->common;
    pthread_mutex_lock(&common->mutex);
    int64_t ms = udp_rate_take(&common->rate, &common->settings.rates, &s->peer.address, bytes,
                               os_clock_us());
    pthread_mutex_unlock(&common->mutex);
    return ms;
}

static bool take_memory(struct udp_session *s, struct budget_share *share, size_t bytes)
{
    const struct service *v = s->common->service;
    if (share->bytes == 0 && bytes > 0)
        share->owners[1] = auth_memory_owner(v, &s->peer.address, s->transport.kind->forgeable);
    return budget_take(v->memory, share, bytes);
}

static bool take_for_waiting(void *ctx, size_t bytes)
{
    struct udp_session *s = ctx;
    return take_memory(s, &s->waiting, bytes);
}

static bool take_for_sent(void *ctx, size_t bytes)
{
    struct udp_session *s = ctx;
    return take_memory(s, &s->sent, bytes);
}

static void udp_pause(struct transport *t, int64_t ms)
{
    udp_io_pause(&of_transport(t)->io, ms);
}

static struct udp_session *of_io(struct io *io)
{
    return (struct udp_session *)(void *)((char *)io - offsetof(struct udp_session, io.net.io));
}

static enum io_result read_within_limit(struct io *io, void *bytes, size_t size,
                                        int64_t deadline_ms, size_t *n)
{
    struct udp_session *s = of_io(io);
    enum io_result result = s->unlimited.read(io, bytes, size, deadline_ms, n);
    if (result == IO_OK && s->limited)
        answer_limit_read(&s->limit, span_of(bytes, *n));
    return result;
}

static enum io_result write_within_limit(struct io *io, const void *bytes, size_t size,
                                         int64_t deadline_ms)
{
    struct udp_session *s = of_io(io);
    const struct reorder *in = &s->io.one.in;
    const struct answer_limit_state now = {
        .received = s->io.received,
        .waiting = in->highest < in->reading ? 0 : in->highest - in->reading + 1,
        .datagram = s->io.one.size};
    struct buf out;
    if (!s->limited)
        return s->unlimited.write(io, bytes, size, deadline_ms);
    buf_init(&out, size); /* what replaces a frame is shorter */
    answer_limit_apply(&s->limit, &now, span_of(bytes, size), &out);
    enum io_result result =
        buf_ok(&out) ? s->unlimited.write(io, out.p, out.n, deadline_ms) : IO_CLOSED;
    buf_free(&out);
    return result;
}

static void begin_limit(struct udp_session *s)
{
    s->limited = true;
    s->limit = (struct answer_limit){0};
}

static void lift_limit(struct transport *t)
{
    of_transport(t)->limited = false;
}

static bool restart_1(struct transport *t)
{
    struct udp_session *s = of_transport(t);
    if (s->io.end != UDP_IO_RESTART)
        return false;
    begin_limit(s);
    udp_io_restart(&s->io);
    return true;
}

static void free_session(struct udp_session *s)
{
    int fd = s->io.net.fd;
    udp_io_free(&s->io);
    os_net_close(fd);
    free(s);
}

static const char *close_1(struct transport *t, bool turned_away)
{
    struct udp_session *s = of_transport(t);
    bool gap = s->io.end == UDP_IO_GAP;
    (void)turned_away;
    free_session(s);
    return gap ? "a datagram was missing for too long" : NULL;
}

static const char *loss_reason(const struct udp_io *io)
{
    if (io->end == UDP_IO_BROKEN)
        return "the client cannot be reached, or the system is out of memory";
    switch (io->two.why) {
    case UDP2_SILENT:
        return "the client does not answer";
    case UDP2_CUT:
        return "the client ended the session before all answers had arrived";
    case UDP2_NOT_ACKED:
        return "the client did not acknowledge the end of the session";
    case UDP2_WELL:
    case UDP2_GIVEN_UP:
        break;
    }
    return NULL;
}

static const char *close_2(struct transport *t, bool turned_away)
{
    struct udp_session *s = of_transport(t);
    struct udp_common *common = s->common;
    const struct udp2 *u = &s->io.two;
    if (turned_away)
        udp2_abort(&s->io.two);
    udp_io_finish(&s->io);
    const char *lost = loss_reason(&s->io);
    atomic_fetch_add(&common->counters->udp_dropped, u->count.bad + u->count.wrong_id);
    atomic_fetch_add(&common->counters->udp_repeated, u->count.repeated);
    pthread_mutex_lock(&common->mutex);
    session_ids_end(s->entry, u->in.next - 1, udp2_all_acked(u), os_clock_us());
    pthread_mutex_unlock(&common->mutex);
    free_session(s);
    return lost;
}

static const struct transport_kind kind_1 = {.name = "udp1",
                                             .talk = &session_conversation,
                                             .version_1 = true,
                                             .forgeable = true,
                                             .pause = udp_pause,
                                             .logged_in = lift_limit,
                                             .again = restart_1,
                                             .close = close_1};
static const struct transport_kind kind_2 = {
    .name = "udp2", .talk = &session_conversation, .pause = udp_pause, .close = close_2};

static struct udp_session *new_session(struct udp_common *common, const struct os_udp_peer *peer,
                                       const struct transport_kind *kind)
{
    struct udp_session *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->common = common;
    s->peer = *peer;
    s->transport = (struct transport){kind, &s->io.net, {peer->address, peer->port}};
    return s;
}

struct udp_settings udp_session_settings(struct udp_common *common)
{
    pthread_mutex_lock(&common->mutex);
    struct udp_settings settings = common->settings;
    pthread_mutex_unlock(&common->mutex);
    return settings;
}

struct udp_session *udp_session_new_1(struct udp_common *common, int fd,
                                      const struct os_udp_peer *peer)
{
    const struct udp_settings settings = udp_session_settings(common);
    struct udp_session *s = new_session(common, peer, &kind_1);
    if (!s)
        return NULL;
    udp_io_init_1(&s->io, fd, settings.datagram);
    udp_io_limit(&s->io, (struct reorder_memory){take_for_waiting, s});
    s->io.gap_ms = settings.gap_ms;
    s->io.hold_ms = hold_ms;
    s->io.hold_ctx = s;
    begin_limit(s);
    s->unlimited = s->io.net.io;
    s->io.net.io = (struct io){.read = read_within_limit, .write = write_within_limit};
    return s;
}

struct udp_session *udp_session_new_2(struct udp_common *common, int fd,
                                      const struct os_udp_peer *peer,
                                      struct session_ids_entry *entry)
{
    struct udp_session *s = new_session(common, peer, &kind_2);
    if (!s)
        return NULL;
    udp_io_init_2(&s->io, fd, entry->recent.key, udp_session_settings(common).datagram);
    udp_io_limit(&s->io, (struct reorder_memory){take_for_waiting, s});
    udp_io_limit_sent(&s->io, (struct reorder_memory){take_for_sent, s});
    s->entry = entry;
    return s;
}
