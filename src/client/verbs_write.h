/* SPDX-License-Identifier: ISC */
/*
 * verbs_write: the verbs that change something on the server.
 */
#ifndef CLIENT_VERBS_WRITE_H
#define CLIENT_VERBS_WRITE_H

#include "client/verbs_run.h"

enum error_code verbs_write_reply(struct verbs_run *run);
enum error_code verbs_write_forward(struct verbs_run *run);
enum error_code verbs_write_register(struct verbs_run *run);

#endif
