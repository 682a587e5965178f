/* SPDX-License-Identifier: ISC */
/*
 * menu_letter: a letter in the menu: it is written, kept as a draft (draft.h) meanwhile, and sent;
 * drafts are listed, gone on with, sent and discarded. For one thread.
 */
#ifndef CLIENT_MENU_LETTER_H
#define CLIENT_MENU_LETTER_H

#include "client/menu_session.h"

/* Asks for a recipient and a letter, and sends it. */
enum menu_next menu_letter_new(struct menu *m);

/*
 * Lets the user write a letter that begins with a text, and sends it. If nothing is added, and it
 * is not sent, it is not kept.
 */
enum menu_next menu_letter_reply(struct menu *m, const char *name, struct span text);

/* Sends a letter that is complete: a copy of a message. */
enum menu_next menu_letter_copy(struct menu *m, const char *name, struct span text);

/* Shows the drafts, and does with one what the user chooses. */
enum menu_next menu_letter_drafts(struct menu *m);

/* Says how many drafts there are, if any. Before the other functions. */
void menu_letter_remind(struct menu *m);

#endif
