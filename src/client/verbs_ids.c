/* SPDX-License-Identifier: ISC */
#include "client/verbs_ids.h"

#include <inttypes.h>
#include <stdio.h>

#include "client/language.h"
#include "client/peek.h"

#define ID_BYTES 24 /* room for an id in decimal digits */

static void write_id(const struct verbs_ids *walk, char out[ID_BYTES])
{
    snprintf(out, ID_BYTES, "%" PRIu64, walk->ids.id[walk->at]);
}

bool verbs_ids_last(const struct verbs_ids *walk)
{
    return walk->at + 1 == walk->ids.n;
}

enum reply_result verbs_ids_ask(struct verbs_ids *walk, enum opcode op, const char *state)
{
    char id[ID_BYTES];
    write_id(walk, id);
    struct span args[2] = {span_str(id), span_str(state ? state : "")};
    return link_ask(&walk->run->call.link, op, args, state ? 2 : 1);
}

enum error_code verbs_ids_failed(struct verbs_ids *walk, enum reply_result result)
{
    char id[ID_BYTES];
    write_id(walk, id);
    return verbs_run_failed(walk->run, id, result);
}

enum error_code verbs_ids_message(struct verbs_ids *walk, bool may_mark, struct message *m)
{
    enum reply_result result =
        peek_message(&walk->run->call.link, walk->ids.id[walk->at], may_mark, m);
    return result == REPLY_OK ? ERROR_NONE : verbs_ids_failed(walk, result);
}

enum error_code verbs_ids_walk(struct verbs_run *run, const char *text, enum opcode list,
                               enum error_code (*act)(struct verbs_ids *walk), void *ctx)
{
    struct verbs_ids walk = {.run = run, .act = act, .ctx = ctx};
    struct link *l = &run->call.link;
    if (!ids_text_ok(span_str(text)))
        return error_say(ERROR_USAGE, _("%s is not a message ID: %s; see pochta list"), text,
                         _(IDS_RULE));
    enum reply_result result = ids_find(&walk.ids, l, span_str(text), list);
    enum error_code code = ERROR_NONE;
    if (result != REPLY_OK)
        code = verbs_run_failed(run, run->options->words[0], result);
    else if (walk.ids.n == 0)
        code = ERROR_NOTHING;
    for (; result == REPLY_OK && walk.at < walk.ids.n && !walk.stop; walk.at++) {
        enum error_code one = act(&walk);
        code = code == ERROR_NONE ? one : code;
        walk.stop = walk.stop || !link_usable(l);
    }
    ids_free(&walk.ids);
    return code;
}
