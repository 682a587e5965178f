/* SPDX-License-Identifier: ISC */
/*
 * menu_more: the items of the menu that the report's listing does not have. For one thread.
 */
#ifndef CLIENT_MENU_MORE_H
#define CLIENT_MENU_MORE_H

#include "client/menu_session.h"

enum menu_next menu_more_list(struct menu *m);
enum menu_next menu_more_trash(struct menu *m);
enum menu_next menu_more_restore(struct menu *m);
enum menu_next menu_more_status(struct menu *m);
enum menu_next menu_more_settings(struct menu *m);
enum menu_next menu_more_help(struct menu *m);

#endif
