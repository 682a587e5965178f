/* SPDX-License-Identifier: ISC */
/*
 * verbs_show: the verbs that write messages in full. A message is marked as read, or deleted, when
 * it has been written out, one after the other: if a pipe is closed or a disk is full, the rest
 * stays as it was.
 */
#ifndef CLIENT_VERBS_SHOW_H
#define CLIENT_VERBS_SHOW_H

#include "client/verbs_run.h"

enum error_code verbs_show_show(struct verbs_run *run);
enum error_code verbs_show_unread(struct verbs_run *run);
enum error_code verbs_show_read(struct verbs_run *run);
enum error_code verbs_show_take(struct verbs_run *run);

#endif
