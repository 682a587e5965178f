/* SPDX-License-Identifier: ISC */
/*
 * way: how the client can be used to write a letter, or to send one that is a draft. Pure.
 */
#ifndef WAY_H
#define WAY_H

#include <stdbool.h>

enum way {
    WRITE_IN_MENU,
    WRITE_BY_VERB,
    WRITE_TO_MANY,
    REPLY_IN_MENU,
    REPLY_BY_VERB,
    EDIT_IN_MENU, /* in the editor after a while */
    EDIT_BY_VERB, /* only in the editor */
    EDIT_A_REPLY,
    SEND_IN_MENU,
    SEND_BY_VERB,
    WAYS
};

#define WAYS_TO_WRITE SEND_IN_MENU /* how many there are; they come first */
#define WAY_WORDS     6

struct way_row {
    const char *name;
    const char *item;            /* of the menu, as it is typed; NULL: by a verb */
    const char *verb[WAY_WORDS]; /* with its arguments, but for the number of a draft */
    bool typed;                  /* there are keys to type */
    bool edited;                 /* the editor adds a line */
    bool reply;                  /* it begins with a quotation */
    bool many;                   /* it goes to all recipients, one of whom cannot get it */
};

extern const struct way_row way_rows[WAYS];

/* Whether a way is a verb. */
bool way_is_verb(enum way way);

#endif
