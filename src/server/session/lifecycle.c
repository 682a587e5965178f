/* SPDX-License-Identifier: ISC */
#include "session/lifecycle.h"

#include "os/clock.h"
#include "session/auth.h"
#include "session/commands.h"
#include "session/reply.h"
#include "session/session_log.h"

#define OUT_LIMIT (1024 * 1024) /* far more than is ever needed: long answers are streamed */

void lifecycle_begin(struct session *s, const struct conversation *talk,
                     const struct service *service, struct io *io, struct session_host *host)
{
    *s = (struct session){
        .service = service,
        .io = io,
        .host = host,
        .talk = talk,
        .dialect = {.form = FORM_UNKNOWN, .version = 1},
        .started_ms = os_clock_ms(),
        .first_line = true,
    };
    s->heard_ms = s->started_ms;
    buf_init(&s->in, SIZE_MAX);
    buf_init(&s->out, OUT_LIMIT);
}

bool lifecycle_may_go_on(struct session *s)
{
    const char *reason = s->host->end_reason(s->host);
    if (reason)
        reply_exit(s, reason);
    return !reason;
}

void lifecycle_end(struct session *s)
{
    reply_flush(s);
    session_log_disconnect(s);
    cmd_watch_end(s);
    if (s->logged_in)
        s->host->set_user(s->host, NULL);
    auth_take_memory(s, &s->share, 0);
    buf_free(&s->in);
    buf_free(&s->out);
}
