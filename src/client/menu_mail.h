/* SPDX-License-Identifier: ISC */
/*
 * menu_mail: the items of the menu that concern messages. Each asks for what it needs, does it, and
 * shows how it ended. For one thread.
 */
#ifndef CLIENT_MENU_MAIL_H
#define CLIENT_MENU_MAIL_H

#include "client/menu_session.h"

enum menu_next menu_mail_unread(struct menu *m);
enum menu_next menu_mail_all(struct menu *m);
enum menu_next menu_mail_exact(struct menu *m);
enum menu_next menu_mail_delete(struct menu *m);

#endif
