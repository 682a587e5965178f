/* SPDX-License-Identifier: ISC */
#include "session/session_log.h"

#include "os/clock.h"

/* Whether the server failed, rather than the client asking for something impossible. */
static bool is_fault(enum status st)
{
    switch (st) {
    case ST_OK:
    case ST_NO_USER:
    case ST_NO_MEMBERS:
    case ST_WRONG_PASSWORD:
    case ST_USER_EXISTS:
    case ST_RESERVED:
    case ST_CLOSED:
    case ST_INVITE_ONLY:
    case ST_NO_INVITE:
    case ST_TOO_OFTEN:
    case ST_NO_MESSAGE:
    case ST_FULL:
        return false;
    default:
        return true;
    }
}

void session_log_begin(struct event *e, const char *name, enum event_level level, enum status st)
{
    bool grave = is_fault(st) || st == ST_WRONG_PASSWORD;
    const char *result = st == ST_OK ? "ok" : is_fault(st) ? "error" : "fail";
    event_begin(e, name, grave ? EVENT_WARNING : level);
    event_text(e, "result", span_str(result));
}

void session_log_end(struct session *s, struct event *e, enum status st)
{
    if (st != ST_OK)
        event_text(e, "reason", span_str(status_text(st)));
    e->ms = os_clock_ms() - s->received_ms;
    s->host->tell(s->host, e);
}

void session_log_account(struct session *s, const char *name, enum event_level level,
                         const char *user, enum status st)
{
    struct event e;
    if (st == ST_TOO_OFTEN) /* someone may be guessing passwords */
        level = EVENT_WARNING;
    session_log_begin(&e, name, level, st);
    event_text(&e, "user", span_str(user));
    session_log_end(s, &e, st);
}

static void add_user(const struct session *s, struct event *e)
{
    if (s->logged_in)
        event_text(e, "user", span_str(s->who.name));
}

void session_log_protocol(struct session *s, enum event_level level, const char *reason)
{
    struct event e;
    event_begin(&e, "protocol", level);
    event_text(&e, "reason", span_str(reason));
    add_user(s, &e);
    s->host->tell(s->host, &e);
}

void session_log_not_sent(struct session *s, const char *command, struct span argument,
                          struct span reason)
{
    struct event e;
    event_begin(&e, "not_sent", EVENT_INFO);
    add_user(s, &e);
    event_text(&e, "command", span_str(command));
    if (argument.n > 0)
        event_text(&e, "argument", argument);
    event_text(&e, "reason", reason);
    e.ms = os_clock_ms() - s->received_ms;
    s->host->tell(s->host, &e);
}

void session_log_disconnect(struct session *s)
{
    struct event e;
    event_begin(&e, "disconnect", EVENT_INFO);
    event_text(&e, "reason", span_str(s->ending));
    add_user(s, &e);
    event_number(&e, "in", s->bytes_in);
    event_number(&e, "out", s->bytes_out);
    e.ms = os_clock_ms() - s->started_ms;
    s->host->tell(s->host, &e);
}
