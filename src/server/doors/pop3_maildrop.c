/* SPDX-License-Identifier: ISC */
#include "doors/pop3_maildrop.h"

#include <stdlib.h>

#include "doors/pop3_mail.h"
#include "session/auth.h"
#include "store/cache.h"
#include "store/messages.h"
#include "store/reader.h"
#include "store/snapshot.h"

#define READ_AT_ONCE  64   /* messages, in one call of pop3_maildrop_measure */
#define KNOWN_AT_ONCE 4096 /* messages, with the mailbox's lock held */

/* Memory for n messages. */
static bool make_room(struct session *s, struct pop3_maildrop *d, size_t n)
{
    if (!auth_take_memory(s, &d->share, n * (sizeof *d->ids + sizeof *d->marks)))
        return false;
    d->ids = calloc(n + 1, sizeof *d->ids);
    d->marks = calloc(n + 1, sizeof *d->marks);
    return d->ids && d->marks;
}

static uint64_t take_id(void *ctx, const struct mail *m)
{
    struct pop3_maildrop *d = ctx;
    d->ids[d->n++] = m->id;
    return 0;
}

/* What arrives after the totals were asked for is left for the next session. */
static enum status take_ids(struct session *s, struct pop3_maildrop *d, struct mailbox *mb)
{
    struct index_totals totals;
    struct mailbox_quota quota;
    struct snapshot snap;
    enum status st = mailbox_totals(mb, &totals, &quota);
    if (st == ST_OK && !make_room(s, d, (size_t)totals.messages))
        st = ST_NO_MEMORY;
    if (st != ST_OK)
        return st;
    st = snapshot_take(&snap, mb, INDEX_LIVE, 0, totals.messages, take_id, d);
    if (st == ST_OK)
        snapshot_drop(&snap);
    return st;
}

enum status pop3_maildrop_open(struct session *s, struct pop3_maildrop *d)
{
    struct mailbox *mb;
    *d = (struct pop3_maildrop){.n = 0};
    enum status st = mailbox_open(s->service->store, &s->who, &mb);
    if (st == ST_OK)
        st = take_ids(s, d, mb);
    mailbox_close(mb);
    return st;
}

void pop3_maildrop_close(struct session *s, struct pop3_maildrop *d)
{
    free(d->ids);
    free(d->marks);
    free(d->bytes);
    auth_take_memory(s, &d->share, 0);
    *d = (struct pop3_maildrop){.n = 0};
}

static enum status measure_one(struct session *s, struct mailbox *mb, uint32_t id, uint64_t *bytes)
{
    struct pop3_mail mail;
    enum status st = pop3_mail_open(s, mb, id, &mail);
    if (st == ST_OK)
        *bytes = render_bytes(&mail.text);
    pop3_mail_close(s, &mail);
    return st;
}

/* Memory for the numbers of bytes. */
static bool make_room_to_measure(struct session *s, struct pop3_maildrop *d)
{
    size_t want = d->n * sizeof *d->bytes;
    if (!auth_take_memory(s, &d->share, d->share.bytes + want))
        return false;
    d->bytes = calloc(d->n + 1, sizeof *d->bytes);
    if (!d->bytes)
        auth_take_memory(s, &d->share, d->share.bytes - want);
    return d->bytes != NULL;
}

/* Takes the sizes that other sessions have noted; the others stay 0. */
static void look_up_known(struct pop3_maildrop *d, struct mailbox *mb)
{
    for (size_t i = 0; i < d->n; i += KNOWN_AT_ONCE) {
        size_t n = d->n - i < KNOWN_AT_ONCE ? d->n - i : KNOWN_AT_ONCE;
        messages_mail_bytes(mb, d->ids + i, d->bytes + i, n);
    }
}

/* Reads some of the messages whose sizes are not known, and notes the sizes for other sessions. */
static enum status measure_some(struct session *s, struct pop3_maildrop *d, struct mailbox *mb)
{
    uint32_t ids[READ_AT_ONCE];
    uint64_t bytes[READ_AT_ONCE];
    size_t n = 0;
    enum status st = ST_OK;
    for (; d->measured < d->n && n < READ_AT_ONCE; d->measured++) {
        size_t i = d->measured;
        if (d->bytes[i] > 0 || d->marks[i] == POP3_GONE)
            continue;
        st = measure_one(s, mb, d->ids[i], &d->bytes[i]);
        if (reader_leaves_out(st))
            d->marks[i] = POP3_GONE;
        else if (st != ST_OK)
            break;
        ids[n] = d->ids[i];
        bytes[n++] = d->bytes[i];
        st = ST_OK;
    }
    if (n > 0)
        messages_note_mail_bytes(mb, ids, bytes, n);
    return st;
}

enum status pop3_maildrop_measure(struct session *s, struct pop3_maildrop *d)
{
    struct mailbox *mb;
    bool first = !d->bytes;
    if (first && !make_room_to_measure(s, d))
        return ST_NO_MEMORY;
    enum status st = mailbox_open(s->service->store, &s->who, &mb);
    if (st == ST_OK && first)
        look_up_known(d, mb);
    if (st == ST_OK)
        st = measure_some(s, d, mb);
    mailbox_close(mb);
    return st;
}

struct pop3_totals pop3_maildrop_totals(const struct pop3_maildrop *d)
{
    struct pop3_totals t = {.messages = 0};
    for (size_t i = 0; i < d->n; i++) {
        if (d->marks[i] != POP3_KEPT)
            continue;
        t.messages++;
        t.bytes += i < d->measured ? d->bytes[i] : 0;
    }
    return t;
}

/* Moves the ids of the messages to delete to the front. Returns how many there are. */
static size_t gather(struct pop3_maildrop *d)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++)
        if (d->marks[i] == POP3_DELETED)
            d->ids[n++] = d->ids[i];
    return n;
}

static enum status delete_many(struct session *s, const uint32_t *ids, size_t n,
                               enum status *outcomes)
{
    struct mailbox *mb;
    enum status st = mailbox_open(s->service->store, &s->who, &mb);
    if (st == ST_OK)
        messages_delete_many(mb, ids, n, outcomes);
    mailbox_close(mb);
    return st;
}

static void count_outcomes(struct pop3_update *u, const enum status *outcomes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (outcomes[i] == ST_OK) {
            u->deleted++;
        } else if (outcomes[i] != ST_NO_MESSAGE) {
            u->left++;
            u->why = outcomes[i];
        }
    }
}

struct pop3_update pop3_maildrop_update(struct session *s, struct pop3_maildrop *d)
{
    size_t n = gather(d);
    enum status *outcomes = NULL;
    struct pop3_update u = {.why = ST_OK};
    if (n == 0)
        return u;
    if (auth_take_memory(s, &d->share, d->share.bytes + n * sizeof *outcomes))
        outcomes = calloc(n, sizeof *outcomes);
    enum status st = outcomes ? delete_many(s, d->ids, n, outcomes) : ST_NO_MEMORY;
    if (st == ST_OK)
        count_outcomes(&u, outcomes, n);
    else
        u = (struct pop3_update){.left = n, .why = st};
    free(outcomes);
    return u;
}
