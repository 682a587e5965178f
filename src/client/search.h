/* SPDX-License-Identifier: ISC */
/*
 * search: finds a text in a message. Latin and Russian letters match in either case. Pure.
 */
#ifndef CLIENT_SEARCH_H
#define CLIENT_SEARCH_H

#include "base/buf.h"
#include "proto/message.h"

/* A search, with its memory. */
struct search {
    struct buf pattern; /* small letters */
    struct buf text;    /* what is searched now, in small letters */
};

/*
 * Whatever fails for lack of memory is seen by buf_ok(&s->text) after search_finds; then the search
 * can only be ended.
 */
void search_begin(struct search *s, struct span pattern);
void search_end(struct search *s);

/*
 * Whether the pattern is in the sender's name or the text of a message. If the text is a MIME text,
 * also whether it is in one of its parts that are text, or in its subject, sender or recipients,
 * all of them decoded and in UTF-8.
 */
bool search_finds(struct search *s, const struct message *m);

#endif
