/* SPDX-License-Identifier: ISC */
/*
 * verbs_read: the verbs that show mail; take also deletes it.
 */
#ifndef CLIENT_VERBS_READ_H
#define CLIENT_VERBS_READ_H

#include "client/verbs_run.h"

enum error_code verbs_read_list(struct verbs_run *run);
enum error_code verbs_read_watch(struct verbs_run *run);
enum error_code verbs_read_show(struct verbs_run *run);
enum error_code verbs_read_unread(struct verbs_run *run);
enum error_code verbs_read_read(struct verbs_run *run);
enum error_code verbs_read_take(struct verbs_run *run);
enum error_code verbs_read_status(struct verbs_run *run);

#endif
