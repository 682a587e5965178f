/* SPDX-License-Identifier: ISC */
/*
 * verbs_search: the verb search. No message changes its state.
 */
#ifndef CLIENT_VERBS_SEARCH_H
#define CLIENT_VERBS_SEARCH_H

#include "client/verbs_run.h"

enum error_code verbs_search_search(struct verbs_run *run);

#endif
