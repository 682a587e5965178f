/* SPDX-License-Identifier: ISC */
/*
 * groups: the verbs about groups (store/group.h). Safe for threads.
 */
#ifndef ADMIN_GROUPS_H
#define ADMIN_GROUPS_H

#include "admin/admin_answer.h"
#include "store/group.h"

/*
 * Adds the names in a list, separated by spaces, to *asked, without generations. False: the answer
 * says which one is not a name, or that they are too many.
 */
bool groups_parse(struct span list, struct group *asked, struct admin_answer *answer);

/*
 * Lists the members of one group, or of all if the name is "". ST_NO_USER: there is no group of
 * this name. Any other status but ST_OK: why the groups cannot be read.
 */
enum status groups_list(struct store *s, const char *name, struct admin_answer *answer);

#endif
