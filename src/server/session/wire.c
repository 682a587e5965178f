/* SPDX-License-Identifier: ISC */
#include "session/wire.h"

#include "os/clock.h"
#include "proto/message.h"

static enum message_state wire_state(enum mail_state state)
{
    switch (state) {
    case MAIL_UNREAD:
        return MESSAGE_UNREAD;
    case MAIL_NORMAL:
        return MESSAGE_NORMAL;
    default:
        return MESSAGE_DELETED;
    }
}

static struct message message_of(const struct mail *m, struct span date)
{
    return (struct message){.id = m->id,
                            .from = span_str(m->from),
                            .date = date,
                            .len = m->size,
                            .state = wire_state(m->state)};
}

void wire_head(struct session *s, const struct mail *m)
{
    char date[MESSAGE_DATE_BYTES];
    struct tm tm;
    if (s->dialect.version < 2)
        os_clock_local(m->time, &tm);
    else
        os_clock_utc(m->time, &tm);
    message_date_format(s->dialect.version, &tm, date);
    struct message message = message_of(m, span_str(date));
    message_add_head(&s->out, &message);
}

uint64_t wire_bytes(const struct session *s, const struct mail *m, enum wire_body body)
{
    struct span date =
        s->dialect.version >= 2 ? SPAN("2017-12-03T12:51:33Z") : SPAN("Sun Dec  3 15:51:33 2017");
    struct message message = message_of(m, date);
    uint64_t n = message_head_bytes(&message) + 2;
    if (body == WIRE_WHOLE)
        n += m->size + (s->dialect.version >= 2 ? m->escapes : 0);
    else if (body == WIRE_LINE)
        n += m->line + (s->dialect.version >= 2 ? m->line_esc : 0);
    return n;
}
