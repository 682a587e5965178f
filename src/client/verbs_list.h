/* SPDX-License-Identifier: ISC */
/*
 * verbs_list: how the verbs that list messages show them: see rows.h. For one thread.
 */
#ifndef CLIENT_VERBS_LIST_H
#define CLIENT_VERBS_LIST_H

#include "client/verbs_run.h"

/* Begins a list, in the form that the options and standard output want. */
void verbs_list_begin(const struct verbs_run *run);

/* Appends a row of the list that was begun last. */
void verbs_list_row(struct buf *out, const struct message *m);

#endif
