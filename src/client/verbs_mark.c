/* SPDX-License-Identifier: ISC */
#include "client/verbs_mark.h"

#include "client/verbs_ids.h"

#define STATE_UNREAD "2" /* as Mark mes takes it */

static enum error_code ask(struct verbs_ids *walk, enum opcode op, const char *state)
{
    enum reply_result result = verbs_ids_ask(walk, op, state);
    return result == REPLY_OK ? ERROR_NONE : verbs_ids_failed(walk, result);
}

static enum error_code delete_one(struct verbs_ids *walk)
{
    return ask(walk, OP_DELETE_MESSAGE, NULL);
}

static enum error_code undelete_one(struct verbs_ids *walk)
{
    return ask(walk, OP_RESTORE_MESSAGE, NULL);
}

static enum error_code mark_one(struct verbs_ids *walk)
{
    return ask(walk, OP_MARK, STATE_UNREAD);
}

enum error_code verbs_mark_delete(struct verbs_run *run)
{
    return verbs_ids_walk(run, run->args[0], OP_SHOW_LIST, delete_one, NULL);
}

enum error_code verbs_mark_undelete(struct verbs_run *run)
{
    return verbs_ids_walk(run, run->args[0], OP_SHOW_DELETED, undelete_one, NULL);
}

enum error_code verbs_mark_unread(struct verbs_run *run)
{
    return verbs_ids_walk(run, run->args[0], OP_SHOW_LIST, mark_one, NULL);
}
