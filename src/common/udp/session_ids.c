#include "udp/session_ids.h"

#include "udp/udp2.h"

/* An id is a hash with a key: nobody can choose where it goes. */
static struct session_ids_entry *bucket_of(struct session_ids *r, uint64_t id)
{
    return &r->entry[id % (SESSION_IDS_PLACES / SESSION_IDS_BUCKET) * SESSION_IDS_BUCKET];
}

struct session_ids_entry *session_ids_find(struct session_ids *r, uint64_t id, int64_t now_us)
{
    struct session_ids_entry *b = bucket_of(r, id);

    for (int i = 0; i < SESSION_IDS_BUCKET; i++)
        if (b[i].id == id && b[i].until_us > now_us)
            return &b[i];
    return NULL;
}

struct session_ids_entry *session_ids_begin(struct session_ids *r, uint64_t id, int64_t now_us)
{
    struct session_ids_entry *b = bucket_of(r, id);

    if (session_ids_find(r, id, now_us))
        return NULL;
    for (int i = 0; i < SESSION_IDS_BUCKET; i++) {
        if (b[i].until_us > now_us)
            continue;
        b[i] = (struct session_ids_entry){.id = id, .until_us = INT64_MAX};
        return &b[i];
    }
    return NULL;
}

/*
 * A server that knows nothing of an id has been started anew since, or the session is long over:
 * the client is told, who would wait in vain. While the cookie is known there is silence instead: a
 * repetition, or the data that this has overtaken, may begin the session yet.
 */
void session_ids_judge(struct session_ids *r, const struct datagram *d, bool cookie_known,
                       int64_t now_us, struct session_ids_verdict *v)
{
    const struct session_ids_entry *e = session_ids_find(r, d->id, now_us);

    *v = (struct session_ids_verdict){.known = e != NULL};
    if (udp2_is_farewell(d)) /* or two servers could be set answering each other for ever */
        return;
    if (e && e->until_us != INT64_MAX)
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
    e->until_us = now_us + COOKIE_LIFE_US;
}
