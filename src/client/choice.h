/* SPDX-License-Identifier: ISC */
/*
 * choice: asks what to do with a message; the answer is one character. For one thread.
 */
#ifndef CLIENT_CHOICE_H
#define CLIENT_CHOICE_H

#include "client/draft.h"

enum choice {
    CHOICE_AGAIN, /* send it, or send it again */
    CHOICE_NAME,  /* to somebody else */
    CHOICE_KEEP,  /* as a draft */
    CHOICE_DISCARD,
    CHOICE_WRITE, /* more of it */
    CHOICE_EDIT,  /* in the user's editor */
    CHOICE_NONE   /* there is no answer: prompt_end() says why */
};

/*
 * Shows text and asks until the answer, which is read into *line, is one of the characters in
 * letters, a text of the catalogue, in English or in the user's language. Returns the choice at the
 * same place in choices.
 */
enum choice choice_ask(struct buf *line, const char *text, const char *letters,
                       const enum choice *choices);

/*
 * Shows the recipients, the size and the first lines of a message that has been written, and asks
 * what to do with it: AGAIN, EDIT, WRITE, DISCARD, KEEP or NONE.
 */
enum choice choice_review(struct buf *line, const struct draft *d);

/* Only asks. */
enum choice choice_of_letter(struct buf *line);

#endif
