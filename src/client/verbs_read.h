/* SPDX-License-Identifier: ISC */
/*
 * verbs_read: the verbs that list mail and change nothing.
 */
#ifndef CLIENT_VERBS_READ_H
#define CLIENT_VERBS_READ_H

#include "client/verbs_run.h"

enum error_code verbs_read_list(struct verbs_run *run);
enum error_code verbs_read_trash(struct verbs_run *run);
enum error_code verbs_read_status(struct verbs_run *run);

/*
 * Sends a request without arguments, and prints each message of its answer as it arrives. If that
 * fails, says why, after the verb's name. ERROR_NOTHING: there are no messages.
 */
enum error_code verbs_read_each(struct verbs_run *run, const char *verb, enum opcode op,
                                void (*view)(struct buf *, const struct message *));

/* The result of a verb that shows all there is: an empty mailbox is no failure. */
enum error_code verbs_read_maybe(enum error_code code);

#endif
