/* SPDX-License-Identifier: ISC */
#include "doors/pop3_mail.h"

#include <inttypes.h>
#include <stdio.h>

#include "mime/parts.h"
#include "os/clock.h"
#include "session/auth.h"
#include "session/doors_service.h"
#include "store/messages.h"
#include "store/reader.h"

static enum render_origin origin_of(const struct session *s, const struct pop3_mail *p)
{
    const struct service_doors *doors = s->service->doors;
    struct span from = span_str(p->m.from), to = span_str(s->who.name), body = buf_span(&p->body);
    if (!parts_is_mime(body)) /* a text, whose origin does not matter */
        return RENDER_OTHER;
    if (span_eq(from, SPAN(NAME_OUTSIDE)) ||
        (doors && door_key_proves(doors->key, from, to, body, p->m.token)))
        return RENDER_DOOR;
    return span_eq(from, to) ? RENDER_OWN : RENDER_OTHER;
}

static const char *host_of(const struct session *s, int64_t time)
{
    const struct service_doors *doors = s->service->doors;
    return doors ? door_key_domain(doors->key, time) : "localhost";
}

/* The mail must be the same for ever, so it depends only on what never changes. */
static bool begin_text(const struct session *s, struct pop3_mail *p)
{
    char id[STORE_GENERATION_DIGITS + 16];
    const char *to = s->who.name;
    struct tm utc;
    os_clock_utc(p->m.time, &utc);
    snprintf(id, sizeof id, "%s.%" PRIu32, s->who.generation, p->m.id);
    const struct envelope e = {.to = &to,
                               .nto = 1,
                               .from = span_str(p->m.from),
                               .host = span_str(host_of(s, p->m.time)),
                               .id = span_str(id),
                               .utc = &utc};
    return render_begin(&p->text, &e, origin_of(s, p), buf_span(&p->body));
}

enum status pop3_mail_open(struct session *s, struct mailbox *mb, uint32_t id, struct pop3_mail *p)
{
    *p = (struct pop3_mail){.share = {0}};
    enum status st = messages_find(mb, id, &p->m);
    buf_init(&p->body, p->m.size);
    buf_init(&p->text.head, 0);
    if (st != ST_OK)
        return st;
    if (!auth_take_memory(s, &p->share, p->m.size) || !buf_reserve(&p->body, p->m.size))
        return ST_NO_MEMORY;
    st = reader_load(mb, &p->m, &p->body);
    if (st != ST_OK)
        return st;
    if (!begin_text(s, p) || !auth_take_memory(s, &p->share, p->m.size + p->text.head.cap))
        return ST_NO_MEMORY;
    return ST_OK;
}

void pop3_mail_close(struct session *s, struct pop3_mail *p)
{
    render_end(&p->text);
    buf_free(&p->body);
    auth_take_memory(s, &p->share, 0);
}
