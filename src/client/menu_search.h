/* SPDX-License-Identifier: ISC */
/*
 * menu_search: the item that lists the messages which contain a text. It changes no state.
 */
#ifndef CLIENT_MENU_SEARCH_H
#define CLIENT_MENU_SEARCH_H

#include "client/menu_session.h"

enum menu_next menu_search(struct menu *m);

#endif
