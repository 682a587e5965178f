/* SPDX-License-Identifier: ISC */
/*
 * listing: the messages of a list, with their texts. A list has only a line of each body. Of a MIME
 * text without a subject, or from an older server, it is the first line, which says nothing. So
 * that text is got with Peek mes, if it is not too much, and handed on in the place of the line.
 * For one thread.
 */
#ifndef CLIENT_LISTING_H
#define CLIENT_LISTING_H

#include "client/link.h"

/* How many texts are got for one list, and how many bytes they have: the newest ones. */
#define LISTING_TEXTS ((size_t)200)
#define LISTING_BYTES ((uint64_t)16 << 20)

/* Takes a message, which is valid during the call. false: no more. */
struct listing_taker {
    bool (*take)(struct listing_taker *t, const struct message *m);
};

/*
 * Asks for a list, OP_SHOW_LIST or OP_SHOW_DELETED, and hands on its messages in order: at once up
 * to the first MIME text, the others when the list has ended. REPLY_OK: all were handed on, or the
 * taker wants no more. Texts of deleted messages cannot be got.
 */
enum reply_result listing_each(struct link *l, enum opcode op, struct listing_taker *t);

/* Messages that wait for their texts. All zero: none. */
struct listing {
    struct listing_row *rows;
    size_t n, cap;
    struct buf text;
};

void listing_init(struct listing *g);
void listing_free(struct listing *g);

/* Keeps a copy of a message of a list. false: out of memory. */
bool listing_add(struct listing *g, const struct message *m);

/*
 * Gets the texts of the messages and hands them on, those that are added meanwhile, too. Forgets
 * them. Results as of listing_each().
 */
enum reply_result listing_give(struct listing *g, struct link *l, struct listing_taker *t);

#endif
