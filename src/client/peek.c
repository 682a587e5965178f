/* SPDX-License-Identifier: ISC */
#include "client/peek.h"

#include <inttypes.h>
#include <stdio.h>

#include "client/language.h"

#define ID_BYTES     24  /* room for an id in decimal digits */
#define STATE_NORMAL "0" /* as Mark mes takes it */

static enum reply_result ask(struct link *l, enum opcode op, uint64_t id, const char *state)
{
    char text[ID_BYTES];
    snprintf(text, sizeof text, "%" PRIu64, id);
    struct span args[2] = {span_str(text), span_str(state ? state : "")};
    return link_ask(l, op, args, state ? 2 : 1);
}

enum reply_result peek_message(struct link *l, uint64_t id, bool may_mark, struct message *m)
{
    enum reply_result result = ask(l, OP_PEEK, id, NULL);
    if (result == REPLY_NOOP && link_lacks(l) && may_mark)
        result = ask(l, OP_SHOW_EXACT, id, NULL);
    if (result == REPLY_OK)
        result = link_next_message(l, m);
    if (result == REPLY_OK && (m->id != id || m->len != m->body.n))
        return reply_fail(&l->reply, REPLY_BROKEN,
                          _("the server sent a different or incomplete message"));
    if (result == REPLY_END)
        return reply_fail(&l->reply, REPLY_BROKEN, _("the server said Yes and sent no message"));
    return result;
}

enum reply_result peek_mark_read(struct link *l, uint64_t id)
{
    enum reply_result result = ask(l, OP_MARK, id, STATE_NORMAL);
    return result == REPLY_NOOP ? REPLY_OK : result;
}
