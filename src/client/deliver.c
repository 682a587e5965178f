/* SPDX-License-Identifier: ISC */
#include "client/deliver.h"

#include "client/sent.h"

struct copy {
    const struct delivery *way;
    struct draft *draft;
    size_t i;
};

static enum reply_result dial(void *ctx)
{
    const struct copy *c = ctx;
    return c->way->dial(c->way->ctx);
}

/* The mark first: a kill at any later point must not leave a letter that seems never sent. */
static enum reply_result send_copy(void *ctx)
{
    const struct copy *c = ctx;
    const struct draft_to *to = &c->draft->to[c->i];
    draft_mark(c->draft, c->i, DRAFT_TRIED);
    draft_finish(c->draft);
    return link_send(&c->way->call->link, span_str(to->name), buf_span(&c->draft->text), to->token);
}

enum repeat_end deliver(const struct delivery *way, struct draft *d, size_t i,
                        enum reply_result *result)
{
    struct copy copy = {way, d, i};
    struct repeat r = {.call = way->call,
                       .dial = dial,
                       .send = send_copy,
                       .ctx = &copy,
                       .in_doubt = d->to[i].mark == DRAFT_TRIED,
                       .result = REPLY_OK};
    enum repeat_end end = REPEAT_DONE;
    if (draft_is_too_old(d, i))
        end = REPEAT_UNSURE;
    else if (d->to[i].mark != DRAFT_SENT)
        end = repeat_send(&r);
    if (end == REPEAT_DONE)
        draft_mark(d, i, DRAFT_SENT);
    else if (d->to[i].mark == DRAFT_TRIED && !r.in_doubt)
        draft_mark(d, i, DRAFT_NEW);
    /* Once for those who have it: when the last one has, and when it may end here. */
    if (draft_has(d, DRAFT_SENT) && (end != REPEAT_DONE || i + 1 == d->nto))
        sent_keep(d);
    *result = r.result;
    return end;
}
