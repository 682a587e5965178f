/* SPDX-License-Identifier: ISC */
#include "session/session.h"

#include <assert.h>

#include "os/clock.h"
#include "proto/frame.h"
#include "session/args.h"
#include "session/commands.h"
#include "session/input.h"
#include "session/lifecycle.h"
#include "session/reply.h"
#include "session/request.h"
#include "store/fence.h"

#define HANDLER(id, function, ...) [OP_##id] = cmd_##function,

static session_command *const commands[OP_COMMANDS] = {OPCODE_COMMANDS(HANDLER)};

/* Answers Noop, naming the arguments that the command takes. */
static void refuse_count(struct session *s, const struct opcode_info *info, size_t nargs)
{
    struct buf form;
    buf_init(&form, 256);
    buf_printf(&form, "%s takes ", info->wire);
    if (info->max == 0)
        buf_add_str(&form, "no arguments");
    cmd_help_arguments(&form, info);
    if (info->flags & OPCODE_TOKEN)
        buf_add_str(&form, ", and in version 2 [token]");
    reply_noop(s, "%.*s; got %zu", SPAN_PRINTF(buf_span(&form)), nargs);
    buf_free(&form);
}

/* Whether the command may run; answers Noop if not. */
static bool may_run(struct session *s, enum opcode op, size_t nargs)
{
    if (!opcode_is_command(op)) {
        reply_noop(s, "unknown command; Help lists all commands");
        return false;
    }
    const struct opcode_info *info = opcode_info(op);
    if (info->flags & OPCODE_LOGIN && !s->logged_in) {
        reply_noop(s, "log in first");
        return false;
    }
    if (info->flags & OPCODE_NEW && s->dialect.version < 2) {
        reply_noop(s, "%s needs version 2 of the protocol; ask for it with Start", info->wire);
        return false;
    }
    if (nargs < info->min ||
        nargs > info->max + (info->flags & OPCODE_TOKEN && s->dialect.version >= 2)) {
        refuse_count(s, info, nargs);
        return false;
    }
    return true;
}

/* Resolves the escapes of all arguments but the message of a Send, whose fields are split first. */
static bool unescape_all(struct session *s, enum opcode op, struct frame *f)
{
    for (size_t i = 0; i < f->nargs; i++)
        if (!(op == OP_SEND && i == 1) && !args_unescape(s, &f->arg[i]))
            return false;
    return true;
}

static void run_request(struct session *s, struct span payload)
{
    struct frame f = {.nargs = 0};
    enum frame_error error = frame_parse(payload, s->dialect.form, &f);
    bool typed = s->dialect.form == FORM_LINE;
    enum opcode op = typed ? opcode_find_typed(f.op) : opcode_find(f.op);
    s->dialect.brackets = f.brackets;
    if (error != FRAME_OK) {
        reply_noop(s, "%s", frame_error_text(error));
        return;
    }
    if (!may_run(s, op, f.nargs))
        return;
    /* What may not be answered must not be done either. */
    if (!(opcode_info(op)->flags & OPCODE_HEALTH) && !fence_holds(s->service->store)) {
        reply_status(s, ST_UNKNOWN);
        return;
    }
    if (unescape_all(s, op, &f))
        commands[op](s, f.arg, f.nargs);
}

void session_run(const struct service *service, struct io *io, struct session_host *host)
{
    struct session s;
    struct span payload;
    lifecycle_begin(&s, &session_conversation, service, io, host);
    while (!s.closing && lifecycle_may_go_on(&s)) {
        reply_is_whole(&s);
        cmd_watch_push(&s);
        reply_is_whole(&s);
        switch (request_next(&s, &payload)) {
        case REQUEST_READY:
            input_complete(&s);
            run_request(&s, payload);
            request_done(&s);
            reply_pour(&s);
            break;
        case REQUEST_REFUSED:
            reply_status(&s, ST_NO_MEMORY);
            request_done(&s);
            break;
        case REQUEST_WOKEN:
            break;
        case REQUEST_ENDED:
            assert(s.closing);
            break;
        }
    }
    lifecycle_end(&s);
}

const struct conversation session_conversation = {.run = session_run, .farewell = frame_exit};
