/* SPDX-License-Identifier: ISC */
/*
 * users: the accounts of a campaign, and its group. For the main thread.
 */
#ifndef USERS_H
#define USERS_H

#include "server.h"

/* Makes them in a new store. ctl: pochtactl. False, said why: it did not work. */
bool users_make(struct server *server, const char *ctl);

#endif
