/* SPDX-License-Identifier: ISC */
/*
 * menu_account: the items of the menu that concern the account and the connection. Each asks for
 * what it needs, does it, and shows how it ended. For one thread.
 */
#ifndef CLIENT_MENU_ACCOUNT_H
#define CLIENT_MENU_ACCOUNT_H

#include "client/menu_session.h"

enum menu_next menu_account_exit(struct menu *m);
enum menu_next menu_account_register(struct menu *m);
enum menu_next menu_account_login(struct menu *m);
enum menu_next menu_account_logout(struct menu *m);
enum menu_next menu_account_password(struct menu *m);
enum menu_next menu_account_delete(struct menu *m);

#endif
