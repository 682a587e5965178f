/* SPDX-License-Identifier: ISC */
/*
 * verbs_save: the verb that writes the files of a message.
 */
#ifndef CLIENT_VERBS_SAVE_H
#define CLIENT_VERBS_SAVE_H

#include "client/verbs_run.h"

enum error_code verbs_save_save(struct verbs_run *run);

#endif
