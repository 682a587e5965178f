/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "proto/escape.h"
#include "proto/frame.h"
#include "session/commands.h"
#include "session/reply.h"
#include "session/wire.h"
#include "store/cache.h"
#include "store/messages.h"
#include "store/reader.h"

#define PUSH_MOST 100 /* messages at a time, between requests */

void cmd_watch_end(struct session *s)
{
    if (!s->watching)
        return;
    watch_leave(s->service->watch, &s->watcher);
    s->host->set_watching(s->host, false);
    s->watching = false;
}

/* Messages that are durable before this session can be woken are not announced. */
static enum status begin_watch(struct session *s)
{
    struct mailbox *mb;
    s->watcher = (struct watcher){.who = s->who, .host = s->host};
    watch_join(s->service->watch, &s->watcher);
    s->host->set_watching(s->host, true);
    s->watching = true;
    s->unannounced = false;
    enum status st = mailbox_open(s->service->store, &s->who, &mb);
    if (st == ST_OK)
        st = messages_last(mb, &s->announced);
    mailbox_close(mb);
    if (st != ST_OK)
        cmd_watch_end(s);
    return st;
}

void cmd_watch(struct session *s, const struct span *arg, size_t nargs)
{
    (void)arg, (void)nargs;
    reply_status(s, s->watching ? ST_OK : begin_watch(s));
}

/* Skips a message that is damaged, unreadable or gone. Other errors may be temporary, and are
 * returned. */
static enum status push_message(struct session *s, struct mailbox *mb, struct mail *m,
                                struct reader *r)
{
    enum status st = reader_open(r, mb, m);
    if (st != ST_OK)
        return reader_leaves_out(st) ? ST_OK : st;
    m->state = MAIL_UNREAD; /* as it arrived, even if another session has read it by now */
    size_t mark = frame_open(&s->out, s->dialect, "Mail", 1);
    wire_head(s, m);
    escape_add(&s->out, r->line, s->dialect, ESCAPE_FIELD);
    buf_add(&s->out, SPAN("^|"));
    frame_close(&s->out, s->dialect, mark);
    reader_close(r);
    return ST_OK;
}

/* ST_OK: there may be more. ST_NO_MESSAGE: there are no more. */
static enum status push_some(struct session *s, struct mailbox *mb, struct reader *r)
{
    enum status st = ST_OK;
    struct mail m;
    for (int i = 0; i < PUSH_MOST && st == ST_OK; i++) {
        uint32_t before = s->announced;
        st = messages_next(mb, &s->announced, &m);
        if (st != ST_OK)
            break;
        st = push_message(s, mb, &m, r);
        if (st != ST_OK)
            s->announced = before;
    }
    return st;
}

/* Messages that are left are tried again at the next request or news, or at once if none failed. */
void cmd_watch_push(struct session *s)
{
    struct mailbox *mb;
    if (!s->watching || !(atomic_exchange(&s->watcher.news, false) || s->unannounced))
        return;
    enum status st = mailbox_open(s->service->store, &s->who, &mb);
    if (st == ST_OK) {
        struct reader *r = reader_new();
        st = r ? push_some(s, mb, r) : ST_NO_MEMORY;
        free(r);
    }
    mailbox_close(mb);
    s->unannounced = st != ST_NO_MESSAGE;
    if (st == ST_OK)
        s->host->wake(s->host);
}
