/* SPDX-License-Identifier: ISC */
#include "end.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "udp/cookie.h"

bool trace;

static char violation_text[200];

const char *violation(void)
{
    return violation_text[0] ? violation_text : NULL;
}

void violations_clear(void)
{
    violation_text[0] = 0;
}

void violated(const char *format, ...)
{
    va_list args;

    if (violation_text[0])
        return;
    va_start(args, format);
    vsnprintf(violation_text, sizeof violation_text, format, args);
    va_end(args);
}

static const char *name_of(const struct end *e)
{
    return e->side == CLIENT ? "client" : "server";
}

static enum net_side other(enum net_side side)
{
    return side == CLIENT ? SERVER : CLIENT;
}

static bool take_waiting(void *ctx, size_t bytes)
{
    struct end *e = ctx;

    if (bytes > e->waiting_bytes && bytes > e->plan.waiting_bytes)
        return false;
    e->waiting_bytes = bytes;
    return true;
}

void end_begin(struct end *e, uint64_t id, int64_t now_us)
{
    udp2_init(&e->u, id, e->plan.datagram_size, now_us);
    e->u.in.memory = (struct reorder_memory){take_waiting, e};
    udp2_listen(&e->u, e->plan.listens, now_us);
    e->begun = true;
    e->quiet_us = now_us;
    e->moved_us = now_us;
}

bool end_over(const struct end *e)
{
    return e->vanished || e->gave_up ||
           (e->begun && (e->u.state == UDP2_ENDED || e->u.state == UDP2_FAILED));
}

bool end_done(const struct end *e)
{
    return e->begun && e->written == e->out->n && e->got == e->in->n && udp2_all_acked(&e->u);
}

static void show(const struct end *e, const char *what, struct span s, int64_t now_us)
{
    if (!trace)
        return;
    printf("%10.3f ms %s %s %4zu bytes:", (double)now_us / 1000, name_of(e), what, s.n);
    for (size_t i = 0; i < s.n && i < 60; i++)
        putchar(s.p[i] >= ' ' && s.p[i] <= '~' ? s.p[i] : '.');
    printf(" [window %u, under way %u, lost %u]\n", e->u.cwnd, e->u.in_flight, e->u.lost);
}

static void ask(struct end *e, int64_t now_us)
{
    char out[DATAGRAM_SIZE_MIN];

    if (e->wait_us == 0) {
        e->asked_us = now_us;
        e->wait_us = COOKIE_RETRY_US;
    }
    if (now_us - e->asked_us >= COOKIE_GIVE_UP_US) {
        e->gave_up = true;
        return;
    }
    struct span s = span_of(out, cookie_ask(out));
    show(e, "asks ", s, now_us);
    net_send(CLIENT, SERVER, s, now_us);
    e->ask_us = now_us + e->wait_us;
    e->wait_us = COOKIE_RETRY_MAX_US;
}

static void check_read(struct end *e, const char *p, size_t n)
{
    if (n > e->in->n - e->got || memcmp(p, e->in->p + e->got, n) != 0)
        violated("%s read something else than was written, at %zu", name_of(e), e->got);
    else
        e->got += n;
}

static void do_read(struct end *e, int64_t now_us)
{
    char bytes[8192];
    size_t n;

    if (e->plan.read_every_us == 0) {
        while ((n = udp2_read(&e->u, bytes, sizeof bytes, now_us)) > 0 && !violation())
            check_read(e, bytes, n);
    } else if (now_us >= e->read_us && udp2_ready(&e->u)) {
        n = udp2_read(&e->u, bytes, e->plan.read_bytes, now_us);
        check_read(e, bytes, n);
        e->read_us = now_us + e->plan.read_every_us;
    }
}

/* Up to which offset it may write now. */
static size_t write_limit(const struct end *e)
{
    size_t turn = 0;

    if (!e->plan.in_turn)
        return e->out->n;
    while (turn < e->in->frames && e->got >= e->in->ends[turn])
        turn++;
    turn += e->side == CLIENT;
    return turn > e->out->frames ? e->out->n : turn == 0 ? 0 : e->out->ends[turn - 1];
}

static void do_write(struct end *e)
{
    size_t limit = write_limit(e);

    while (e->written < limit) {
        size_t n = udp2_write(&e->u, span_of(e->out->p + e->written, limit - e->written));
        if (n == 0)
            break;
        e->written += n;
    }
    if (e->u.full - e->u.una > UDP2_SEND_MAX)
        violated("%s keeps more than it may", name_of(e));
}

/* RFC 8085: the window limits what is under way, and silence slows the sender down. */
static void check_sent(struct end *e, bool is_new, int64_t now_us)
{
    if (is_new && e->u.una + 1 == e->u.next) { /* the peer owed nothing before */
        e->quiet_us = now_us;
        e->sent_while_quiet = 0;
    }
    int64_t quiet_us = now_us - e->quiet_us - 2000000;
    if (is_new && e->u.in_flight > e->u.cwnd)
        violated("%s has %u under way, its window is %u", name_of(e), e->u.in_flight, e->u.cwnd);
    if (quiet_us > 0 && ++e->sent_while_quiet > 8 + (uint64_t)quiet_us / 1000000)
        violated("%s goes on sending, hears nothing", name_of(e));
}

static void do_send(struct end *e, int64_t now_us)
{
    char out[DATAGRAM_SIZE_2_MAX];

    for (;;) {
        uint64_t next = e->u.next;
        size_t n = udp2_poll(&e->u, out, now_us);
        if (n == 0)
            break;
        e->datagrams++;
        show(e, "sends", span_of(out, n), now_us);
        check_sent(e, e->u.next > next, now_us);
        net_send(e->side, other(e->side), span_of(out, n), now_us);
        if (violation())
            return;
    }
    if (udp2_timer(&e->u) <= now_us)
        violated("%s says there is something to do, and does nothing", name_of(e));
}

/* A server's session ends when it has waited for too long. */
static void give_up_idle(struct end *e, int64_t now_us)
{
    uint64_t moved = e->got + e->u.una;

    if (moved != e->moved) {
        e->moved = moved;
        e->moved_us = now_us;
    } else if (!e->plan.listens && now_us - e->moved_us >= IDLE_US) {
        udp2_abort(&e->u);
    }
}

void end_work(struct end *e, int64_t now_us)
{
    if (now_us >= e->plan.vanish_us)
        e->vanished = true;
    if (e->vanished || e->gave_up)
        return;
    if (!e->begun) {
        if (e->side == CLIENT && now_us >= e->ask_us)
            ask(e, now_us);
        return;
    }
    do_read(e, now_us);
    do_write(e);
    give_up_idle(e, now_us);
    if (now_us >= e->plan.end_us || (e->plan.ends && end_done(e)))
        udp2_end(&e->u, now_us);
    do_send(e, now_us);
}

void end_receive(struct end *e, struct span datagram, int64_t now_us)
{
    uint64_t id;

    show(e, "hears", datagram, now_us);
    if (!e->begun) {
        if (e->side == CLIENT && !e->gave_up && cookie_read(datagram, &id)) {
            bool once = e->wait_us == COOKIE_RETRY_MAX_US && now_us - e->asked_us < COOKIE_RETRY_US;
            end_begin(e, id, now_us);
            if (once)
                udp2_round_trip(&e->u, now_us - e->asked_us);
        }
        return;
    }
    if (udp2_receive(&e->u, datagram, now_us)) {
        e->quiet_us = now_us;
        e->sent_while_quiet = 0;
    }
    if (e->u.count.beyond > 0)
        violated("%s was sent more than it has room for", name_of(e));
}

int64_t end_next_us(const struct end *e)
{
    int64_t t = INT64_MAX;

    if (e->vanished || e->gave_up)
        return t;
    if (e->begun) {
        t = udp2_timer(&e->u);
        if (udp2_ready(&e->u) && e->plan.read_every_us > 0 && e->read_us < t)
            t = e->read_us;
        if (e->plan.end_us < t && e->u.state == UDP2_OPEN)
            t = e->plan.end_us;
        if (!e->plan.listens && !end_over(e) && e->moved_us + IDLE_US < t)
            t = e->moved_us + IDLE_US;
    } else if (e->side == CLIENT) {
        t = e->ask_us;
    }
    return e->plan.vanish_us < t ? e->plan.vanish_us : t;
}
