/* SPDX-License-Identifier: ISC */
/*
 * verbs_letter: the verbs that send a letter: from standard input, or one that is kept as a draft.
 */
#ifndef CLIENT_VERBS_LETTER_H
#define CLIENT_VERBS_LETTER_H

#include "client/verbs_run.h"

enum error_code verbs_letter_send(struct verbs_run *run);
enum error_code verbs_letter_drafts(struct verbs_run *run);

#endif
