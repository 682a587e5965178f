/* SPDX-License-Identifier: ISC */
/*
 * verbs_watch: the verb that tells of each message that arrives, across lost connections.
 */
#ifndef CLIENT_VERBS_WATCH_H
#define CLIENT_VERBS_WATCH_H

#include "client/verbs_run.h"

/*
 * Ends only if standard output cannot be written, or if the server refuses something for good, such
 * as the password. If a connection that has been watched is lost, connects again for as long as it
 * takes, and first tells of the messages that came meanwhile.
 */
enum error_code verbs_watch_watch(struct verbs_run *run);

#endif
