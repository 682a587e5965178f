/* SPDX-License-Identifier: ISC */
#include "client/repeat.h"

#include "os/clock.h"

static enum repeat_end attempt(struct repeat *r)
{
    if (r->in_doubt && link_version(&r->call->link) < 2)
        return REPEAT_UNSURE;
    r->result = r->send(r->ctx);
    if (r->result == REPLY_OK) {
        r->in_doubt = false;
        return REPEAT_DONE;
    }
    /* A refusal says nothing about the attempts before it. */
    if (r->result == REPLY_NOOP)
        return REPEAT_REFUSED;
    r->in_doubt = true; /* without an answer, the server may have carried it out all the same */
    return link_version(&r->call->link) < 2 ? REPEAT_UNSURE : REPEAT_FAILED;
}

enum repeat_end repeat_send(struct repeat *r)
{
    static const int64_t wait_ms[] = {0, 100, 500, 1500}; /* before each new connection */
    enum repeat_end end = REPEAT_FAILED;
    r->result = r->call->open ? link_check(&r->call->link) : REPLY_NOBODY;
    if (r->result == REPLY_OK)
        end = attempt(r);
    for (size_t i = 0; i < sizeof wait_ms / sizeof wait_ms[0] && end == REPEAT_FAILED; i++) {
        os_clock_sleep(wait_ms[i]);
        r->result = r->dial(r->ctx);
        if (r->result == REPLY_OK)
            end = attempt(r);
        else if (r->result == REPLY_NOOP) /* the name or the password is not accepted */
            break;
    }
    return end;
}
