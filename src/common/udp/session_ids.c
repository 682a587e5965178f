/* SPDX-License-Identifier: ISC */
#include "udp/session_ids.h"

#include "udp/udp2.h"

/* An id is a keyed hash already (cookie.h): nobody can choose its place. */
struct session_ids_entry *session_ids_find(struct session_ids *r, uint64_t id, int64_t now_us)
{
    return recent_find(RECENT_OF(r->entry), id, now_us);
}

struct session_ids_entry *session_ids_begin(struct session_ids *r, uint64_t id, int64_t now_us)
{
    struct session_ids_entry *e = NULL;
    if (!session_ids_find(r, id, now_us))
        e = recent_add(RECENT_OF(r->entry), id, now_us);
    if (e)
        e->recent.until = RECENT_KEPT;
    return e;
}

void session_ids_forget(struct session_ids_entry *e)
{
    e->recent.until = 0;
}

/*
 * If the server does not know an id, it was restarted meanwhile or the session ended long ago: it
 * tells the client, which would otherwise wait in vain. While the cookie is valid it stays silent:
 * a repetition, or the data that this datagram has overtaken, may still start the session.
 */
void session_ids_judge(struct session_ids *r, const struct datagram *d, bool cookie_known,
                       int64_t now_us, struct session_ids_verdict *v)
{
    const struct session_ids_entry *e = session_ids_find(r, d->id, now_us);
    *v = (struct session_ids_verdict){.known = e != NULL};
    if (udp2_is_farewell(d)) /* or two servers could be made to answer each other for ever */
        return;
    if (e && e->recent.until != RECENT_KEPT)
        v->answer_bytes = udp2_farewell(v->answer, d->id, e->came, e->in_order);
    else if (!e && !cookie_known)
        v->answer_bytes = udp2_farewell(v->answer, d->id, 0, false);
    else if (!e && udp2_is_data(d))
        v->begins = session_ids_begin(r, d->id, now_us);
}

void session_ids_end(struct session_ids_entry *e, uint64_t came, bool in_order, int64_t now_us)
{
    e->came = came;
    e->in_order = in_order;
    e->recent.until = now_us + COOKIE_LIFE_US;
}
