/* SPDX-License-Identifier: ISC */
#include "server/control.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "admin/admin.h"
#include "admin/control_socket.h"
#include "admin/control_wire.h"
#include "admin/verbs.h"
#include "log/log.h"
#include "os/clock.h"
#include "os/crypt.h"
#include "session/auth.h"
#include "store/fence.h"

#define WAIT_MS 5000 /* for pochtactl to send a request, or to read a part of the answer */

/*
 * A person may read with a pager, so a few answers may wait that long to be read. The others wait
 * WAIT_MS: there is always a place for the next request.
 */
#define PATIENCE_MS 60000
#define PATIENT     8

#define WHO_ROWS 256 /* how many sessions are looked at while the registry is locked */

struct control {
    const struct service *service;
    struct registry *registry;
    struct reload *reload;
    struct admin admin;
    void (*stop)(void);
    struct control_socket *socket;
    atomic_uint patient; /* the number of answers that are being written */
};

/* One request. */
struct request {
    struct control *control;
    struct io *io;
    const struct span *args;
    size_t nargs;
    struct admin_answer *answer;
    enum event_level level; /* of its event in the log */
    struct span on;         /* the user or session in that event; empty: none */
    struct span action, id; /* ... and what is done to which of the user's messages */
    struct span members;    /* ... or which accounts a group gets or loses */
    struct span delay;      /* of drain; empty: none */
    bool waits;             /* drain only asks how many sessions are left */
};

/* --- the server's own verbs --- */

static void add_session(void *ctx, const struct registry_session *s)
{
    struct buf *text = ctx;
    buf_printf(text, "%" PRIu64 "\t%s\t%s\t%u\t%" PRId64 "\t%s\n", s->number,
               s->user[0] ? s->user : "-", s->address, s->port, s->seconds, s->transport);
}

static void verb_who(struct request *r)
{
    uint64_t below = UINT64_MAX;
    do
        below = registry_each(r->control->registry, below, WHO_ROWS, add_session, &r->answer->text);
    while (below > 0 && admin_answer_pass_on(r->answer));
}

static void verb_kick(struct request *r)
{
    static const char reason[] = "kicked by the administrator";
    struct who who = {.generation = ""};
    uint64_t number;
    unsigned ended = 0;
    if (name_fold(r->args[0], who.name))
        ended = registry_end_account(r->control->registry, &who, NULL, reason);
    if (ended == 0 && span_u64(r->args[0], UINT64_MAX, &number))
        ended = registry_end_session(r->control->registry, number, reason);
    if (ended == 0)
        admin_answer_fail(r->answer, EX_NOUSER,
                          "%.*s: no session with this number, and none of a user with this name",
                          SPAN_PRINTF(span_first(r->args[0], 100)));
    else
        buf_printf(&r->answer->text, "%u\n", ended);
}

static void verb_stats(struct request *r)
{
    static const char *const refusals[REFUSALS] = {
        "draining", "clients",  "udp-clients", "clients-per-address", "connections-per-minute",
        "proxy",    "resources"};
    const struct counters *n = r->control->service->counters;
    struct buf *text = &r->answer->text;
    unsigned long long refused = 0;

    buf_printf(text, "sessions\t%u\n", registry_count(r->control->registry));
    buf_printf(text, "connections\t%llu\n", atomic_load(&n->connections));
    for (size_t i = 0; i < REFUSALS; i++)
        refused += atomic_load(&n->refused[i]);
    buf_printf(text, "connections-refused\t%llu\n", refused);
    for (size_t i = 0; i < REFUSALS; i++)
        buf_printf(text, "refused-%s\t%llu\n", refusals[i], atomic_load(&n->refused[i]));
    buf_printf(text, "udp-cookies\t%llu\n", atomic_load(&n->udp_cookies));
    buf_printf(text, "udp-datagrams-dropped\t%llu\n", atomic_load(&n->udp_dropped));
    buf_printf(text, "udp-datagrams-repeated\t%llu\n", atomic_load(&n->udp_repeated));
    buf_printf(text, "logins\t%llu\n", atomic_load(&n->logins));
    buf_printf(text, "logins-failed\t%llu\n", atomic_load(&n->logins_failed));
    buf_printf(text, "logins-delayed\t%llu\n", atomic_load(&n->logins_delayed));
    buf_printf(text, "messages\t%llu\n", atomic_load(&n->messages));
    buf_printf(text, "message-bytes\t%llu\n", atomic_load(&n->message_bytes));
    buf_printf(text, "messages-refused\t%llu\n", atomic_load(&n->messages_refused));
}

/* False: the request is wrong. */
static bool begin_to_leave(struct request *r)
{
    uint64_t delay_ms = 0;
    if (r->delay.n > 0 && !verb_delay_parse(r->delay, &delay_ms)) {
        admin_answer_fail(r->answer, EX_USAGE, "the delay is not " VERB_DELAY_RULE);
        return false;
    }
    if (leaving_begin(r->control->service->leaving, os_clock_ms() + (int64_t)delay_ms))
        r->level = EVENT_NOTICE;
    return true;
}

/* A tool that waits may reach the successor of the server that it drains, which must not leave. */
static void verb_drain(struct request *r)
{
    struct control *c = r->control;
    if (r->waits ? leaving_has_begun(c->service->leaving) : begin_to_leave(r))
        buf_printf(&r->answer->text, "%u\n", registry_count(c->registry));
}

static void verb_stop(struct request *r)
{
    r->control->stop();
}

static void verb_reload(struct request *r)
{
    r->answer->code = reload_run(r->control->reload, &r->answer->text);
}

static void verb_log(struct request *r)
{
    struct buf *text = &r->answer->text;
    unsigned i = 0;
    if (r->nargs == 0) {
        buf_printf(text, "%s\n", event_level_name(log_level()));
        return;
    }
    r->level = EVENT_NOTICE;
    while (event_level_name(i) && !span_eq(r->args[0], span_str(event_level_name(i))))
        i++;
    if (event_level_name(i)) {
        log_set_level(i);
        return;
    }
    r->answer->code = EX_USAGE;
    buf_printf(text, "\"%.*s\" is not a log level:", SPAN_PRINTF(span_first(r->args[0], 100)));
    for (i = 0; event_level_name(i); i++)
        buf_printf(text, "%s %s", i ? "," : "", event_level_name(i));
}

/* --- requests --- */

#define RUN(id, ...) [VERB_##id] = verb_##id,

/* Finds the options, which come last. Returns the number of arguments before them. */
static size_t take_options(struct request *r, const struct verb *verb)
{
    size_t n = r->nargs;
    r->delay = verb_delay(verb, r->args, n);
    r->waits = n > 0 && verb->id == VERB_drain && span_eq(r->args[n - 1], SPAN(VERB_WAIT_WORD));
    if (r->delay.n > 0)
        return n - 2;
    return n - (r->waits || verb_has_usage(verb, r->args, n));
}

static void run_verb(struct request *r, struct span op)
{
    static void (*const runs[VERBS])(struct request * r) = {VERBS_SERVER(RUN)};
    const struct verb *verb = verb_named(op);
    if (!verb || verb->where == VERB_TOOL) {
        admin_answer_fail(r->answer, EX_USAGE,
                          "unknown command; server and pochtactl may be of different versions");
        return;
    }
    r->level = verb->flags & VERB_QUERY ? EVENT_DEBUG : EVENT_NOTICE;
    size_t given = take_options(r, verb);
    if (given < verb->min || given > verb->max) {
        admin_answer_fail(r->answer, EX_USAGE, "wrong number of arguments");
        return;
    }
    if (given > 0 && (verb->where == VERB_SERVER || verb->flags & VERB_USER))
        r->on = r->args[0];
    if (verb->where == VERB_SERVER) {
        runs[verb->id](r);
        return;
    }
    if (verb->id == VERB_mailbox) {
        r->action = r->args[1];
        r->id = r->nargs > 2 ? r->args[2] : SPAN("");
    }
    if (verb->flags & VERB_LIST)
        r->members = r->args[1];
    admin_run(&r->control->admin, verb, r->args, r->nargs, r->answer);
}

/* False: it is not sent, or the store is another server's by now (store/fence.h). */
static bool send_part(struct control *c, struct io *io, const struct span *args, size_t n)
{
    if (!fence_holds(c->service->store))
        return false;
    bool patient = atomic_fetch_add(&c->patient, 1) < PATIENT;
    int64_t until_ms = os_clock_ms() + (patient ? PATIENCE_MS : WAIT_MS);
    bool ok = control_wire_write(io, "Answer", args, n, until_ms) == IO_OK;
    atomic_fetch_sub(&c->patient, 1);
    return ok;
}

static bool send_rows(void *ctx, const struct buf *rows)
{
    struct request *r = ctx;
    const struct span args[2] = {SPAN("More"), buf_span(rows)};
    return send_part(r->control, r->io, args, 2);
}

/* Sends the last part. */
static bool send_end(struct control *c, struct io *io, const struct admin_answer *a)
{
    struct span args[3] = {SPAN("Yes"), buf_span(&a->text)};
    char code[16];
    if (a->code == EX_OK)
        return send_part(c, io, args, 2);
    snprintf(code, sizeof code, "%d", a->code);
    args[0] = SPAN("Noop");
    args[1] = span_str(code);
    args[2] = buf_span(&a->text);
    return send_part(c, io, args, 3);
}

/*
 * Logs what the administrator did, and to which user, message or session. Never logs a password,
 * which comes after a name, or an invite.
 */
static void log_request(const struct request *r, struct span op)
{
    struct event e;
    event_begin(&e, "admin", r->level);
    event_text(&e, "verb", op);
    if (r->answer->code != EX_USAGE) {
        if (r->on.n > 0)
            event_text(&e, "on", r->on);
        if (r->action.n > 0)
            event_text(&e, "action", r->action);
        if (r->id.n > 0)
            event_text(&e, "id", r->id);
        if (r->members.n > 0)
            event_text(&e, "members", r->members);
        if (r->delay.n > 0)
            event_text(&e, "delay", r->delay);
    }
    event_number(&e, "code", (uint64_t)r->answer->code);
    log_event(&e);
}

/* Reads, runs and answers one request. False: the tool has left, or sent no valid request. */
static bool serve_one(struct control *c, struct io *io, struct buf *in)
{
    struct span op, args[VERB_ARGS_MAX];
    struct admin_answer a = {.code = EX_OK};
    struct request r = {.control = c, .io = io, .args = args, .answer = &a, .level = EVENT_INFO};
    a.take = send_rows;
    a.ctx = &r;
    if (control_wire_read(io, in, os_clock_ms() + WAIT_MS, &op, args, VERB_ARGS_MAX, &r.nargs) !=
        IO_OK)
        return false;
    buf_init(&a.text, CONTROL_LIMIT);
    if (fence_holds(c->service->store))
        run_verb(&r, op);
    log_request(&r, op);
    bool ok = !a.cut && send_end(c, io, &a);
    buf_free(&a.text);
    return ok;
}

static void reject_stranger(struct control *c, struct io *io)
{
    struct admin_answer a = {.code = EX_NOPERM};
    log_trouble("control.sock: rejected a process of another user");
    buf_init(&a.text, 128);
    buf_add_str(&a.text, "only root, the server's user and its group may control the server");
    send_end(c, io, &a);
    buf_free(&a.text);
}

static void serve_tool(void *ctx, struct io *io, bool trusted)
{
    struct span greeting[2] = {SPAN("Yes"), SPAN(CONTROL_GREETING)};
    struct control *c = ctx;
    struct buf in;
    if (!trusted) {
        reject_stranger(c, io);
        return;
    }
    buf_init(&in, CONTROL_LIMIT);
    if (control_wire_write(io, "Answer", greeting, 2, os_clock_ms() + WAIT_MS) == IO_OK)
        while (serve_one(c, io, &in))
            os_crypt_wipe(in.p, in.n); /* it may hold a password */
    os_crypt_wipe(in.p, in.n);
    buf_free(&in);
}

static void each_second(void *ctx)
{
    const struct control *c = ctx;
    if (fence_holds(c->service->store))
        store_keep(c->service->store);
    registry_end_silent(c->registry);
}

static void end_sessions(void *ctx, const struct who *who, const char *reason)
{
    struct control *c = ctx;
    registry_end_account(c->registry, who, NULL, reason);
}

/* Shares the limit on hashes at once with the sessions. */
static bool hash_in_turn(void *ctx, const char *password, char hash[OS_CRYPT_HASH_BYTES])
{
    struct control *c = ctx;
    return auth_hash(c->service, NULL, password, hash) == ST_OK;
}

static void wake_housekeeper(void *ctx)
{
    struct control *c = ctx;
    housekeeper_wake(c->service->housekeeper);
}

struct control *control_start(const struct service *service, struct registry *registry,
                              struct reload *reload, void (*end)(void))
{
    struct control *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->service = service;
    c->registry = registry;
    c->reload = reload;
    c->stop = end;
    c->admin = (struct admin){service->store, hash_in_turn, end_sessions, c, wake_housekeeper};
    c->socket = control_socket_open(store_dir(service->store), WAIT_MS, serve_tool, each_second, c);
    if (c->socket)
        return c;
    int error = errno;
    free(c);
    errno = error;
    return NULL;
}

void control_stop(struct control *c)
{
    if (!c)
        return;
    control_socket_close(c->socket);
    free(c);
}
