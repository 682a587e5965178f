/* SPDX-License-Identifier: ISC */
/*
 * verbs_mark: the verbs that change where messages are and how they are marked.
 */
#ifndef CLIENT_VERBS_MARK_H
#define CLIENT_VERBS_MARK_H

#include "client/verbs_run.h"

enum error_code verbs_mark_delete(struct verbs_run *run);
enum error_code verbs_mark_undelete(struct verbs_run *run);
enum error_code verbs_mark_unread(struct verbs_run *run);

#endif
