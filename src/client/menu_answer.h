/* SPDX-License-Identifier: ISC */
/*
 * menu_answer: the items of the menu that make a letter out of a message: a reply, and a copy for
 * somebody else. Neither changes the state of the message. For one thread.
 */
#ifndef CLIENT_MENU_ANSWER_H
#define CLIENT_MENU_ANSWER_H

#include "client/menu_session.h"

enum menu_next menu_answer_reply(struct menu *m);
enum menu_next menu_answer_resend(struct menu *m);

#endif
