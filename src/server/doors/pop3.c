/* SPDX-License-Identifier: ISC */
#include "doors/pop3.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "doors/line.h"
#include "doors/pop3_private.h"
#include "session/foreign.h"
#include "session/input.h"
#include "session/lifecycle.h"
#include "session/reply.h"
#include "store/fence.h"

#define REFUSED_MOST 10 /* lines that are no commands, in a row and before login */

#define HANDLER(id, function, ...) [POP3_##id] = pop3_##function,

static pop3_function *const functions[POP3_IDS] = {POP3_COMMANDS(HANDLER)};

void pop3_ok(struct pop3 *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_add_str(&p->s.out, "+OK ");
    buf_vprintf(&p->s.out, format, args);
    buf_add_str(&p->s.out, "\r\n");
    va_end(args);
}

void pop3_ok_count(struct pop3 *p)
{
    size_t n = pop3_maildrop_totals(&p->drop).messages;
    pop3_ok(p, "%zu message%s", n, n == 1 ? "" : "s");
}

void pop3_refuse(struct pop3 *p, const char *code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_add_str(&p->s.out, "-ERR ");
    buf_add_str(&p->s.out, code);
    buf_vprintf(&p->s.out, format, args);
    buf_add_str(&p->s.out, "\r\n");
    va_end(args);
}

const char *pop3_code(enum status st)
{
    switch (st) {
    case ST_NO_MESSAGE:
        return "";
    case ST_WRONG_PASSWORD:
        return "[AUTH] ";
    case ST_NO_USER:
    case ST_DAMAGED:
    case ST_READ_ONLY:
        return "[SYS/PERM] ";
    default:
        return "[SYS/TEMP] ";
    }
}

void pop3_refuse_status(struct pop3 *p, enum status st)
{
    if (st == ST_UNKNOWN)
        reply_exit(&p->s, status_text(st));
    else
        pop3_refuse(p, pop3_code(st), "%s", status_text(st));
}

void pop3_unknown(struct pop3 *p, const struct pop3_command *c)
{
    (void)c;
    pop3_refuse(p, "", "unknown command; CAPA lists the capabilities");
}

static void refuse_count(struct pop3 *p, const struct pop3_row *row, size_t nargs)
{
    static const char *const most[POP3_ARGS + 1] = {"no arguments", "1 argument", "2 arguments"};
    pop3_refuse(p, "", "%s takes %s%s; got %zu", row->word,
                row->least < row->most ? "at most " : "", most[row->most], nargs);
}

/* Whether the command may be carried out now; refuses it if not. */
static bool may_run(struct pop3 *p, const struct pop3_command *c)
{
    const struct pop3_row *row = &pop3_rows[c->id];
    if (!(row->flags & (p->s.logged_in ? POP3_AFTER : POP3_BEFORE))) {
        pop3_refuse(p, "", p->s.logged_in ? "you have logged in already" : "log in first");
        return false;
    }
    if (c->nargs < row->least || c->nargs > row->most) {
        refuse_count(p, row, c->nargs);
        return false;
    }
    return true;
}

/* Refuses a line that is too long for a command. */
static void refuse_line(struct pop3 *p)
{
    p->responding = false;
    pop3_refuse(p, "", "the line is too long: at most %d bytes are allowed", LINE_BYTES);
}

/* Ends the session of a client that does not seem to be a mail program. */
static void count_refused(struct pop3 *p, bool refused)
{
    p->refused = refused && !p->s.logged_in ? p->refused + 1 : 0;
    if (p->refused >= REFUSED_MOST)
        foreign_end(&p->s, EVENT_INFO, "too many lines that are not commands");
}

static void take_command(struct pop3 *p, struct span line)
{
    struct pop3_command c = pop3_command_parse(line);
    if (foreign_is_proxy(line)) {
        foreign_end(&p->s, EVENT_WARNING, FOREIGN_PROXY_REASON);
        return;
    }
    if (may_run(p, &c))
        functions[c.id](p, &c);
    count_refused(p, c.id == POP3_UNKNOWN);
}

static void take_line(struct pop3 *p, enum line_result result, struct span line)
{
    /* If the store is lost, nothing can be answered, so nothing must be done. */
    if (!fence_holds(p->s.service->store)) {
        pop3_refuse_status(p, ST_UNKNOWN);
    } else if (result == LINE_TOO_LONG) {
        refuse_line(p);
        count_refused(p, true);
    } else if (p->responding) {
        p->responding = false;
        pop3_respond(p, line);
    } else {
        take_command(p, line);
    }
}

static void pop3_run(const struct service *service, struct io *io, struct session_host *host)
{
    struct pop3 p = {.user_bytes = 0};
    struct session *s = &p.s;
    struct span line;
    lifecycle_begin(s, &door_pop3, service, io, host);
    pop3_ok(&p, "Pochta POP3 server ready");
    while (!s->closing && lifecycle_may_go_on(s)) {
        reply_is_whole(s);
        enum line_result result = line_next(s, LINE_BYTES, &line);
        if (result == LINE_WOKEN || result == LINE_ENDED)
            continue;
        input_complete(s);
        take_line(&p, result, line);
        line_done(s);
        reply_pour(s);
    }
    pop3_maildrop_close(s, &p.drop);
    lifecycle_end(s);
}

/* Mail programs show these words, and try again later. */
static size_t farewell(char out[FRAME_EXIT_BYTES], struct dialect d, const char *reason)
{
    int n = snprintf(out, FRAME_EXIT_BYTES, "-ERR [SYS/TEMP] %s\r\n", reason);
    (void)d;
    assert(n > 0 && n < FRAME_EXIT_BYTES);
    return (size_t)n;
}

const struct conversation door_pop3 = {.run = pop3_run, .farewell = farewell};
