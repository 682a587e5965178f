/* SPDX-License-Identifier: ISC */
/*
 * ids: which messages a verb works on, as a person writes it: 3,7-9 or all or unread, or several of
 * these separated by commas. For one thread.
 */
#ifndef CLIENT_IDS_H
#define CLIENT_IDS_H

#include "client/language.h"
#include "client/link.h"

#define IDS_RULE N_("message IDs are written as 3 or 3,7-9, or as all or unread")

/* In ascending order, each once. All zero: none. */
struct ids {
    uint64_t *id;
    size_t n, cap;
};

void ids_free(struct ids *ids);

/* Whether a text follows IDS_RULE. */
bool ids_text_ok(struct span text);

/*
 * Finds the messages that a valid text means. Single ids are taken as they are. For anything else
 * asks for a list, OP_SHOW_LIST or OP_SHOW_DELETED, and takes those that are in it; fails as
 * link_ask then does. The caller frees ids in every case.
 */
enum reply_result ids_find(struct ids *ids, struct link *l, struct span text, enum opcode list);

#endif
