/* SPDX-License-Identifier: ISC */
/*
 * verbs_letter: the verbs that send a letter: from standard input, or one that is kept as a draft.
 */
#ifndef CLIENT_VERBS_LETTER_H
#define CLIENT_VERBS_LETTER_H

#include "client/draft.h"
#include "client/verbs_run.h"

/*
 * Sends a letter that has its recipients and, if it is not complete, only its beginning: standard
 * input and attached files are added. Connects if the run is not connected. What was not sent
 * becomes a draft if it would be lost; a complete letter can be made again. dir is the draft's; its
 * fd may be -1. Ends work on both. If the result is not ERROR_NONE, it has said why.
 */
enum error_code verbs_letter_finish(struct verbs_run *run, struct state_dir *dir, struct draft *d,
                                    bool complete);

enum error_code verbs_letter_send(struct verbs_run *run);
enum error_code verbs_letter_drafts(struct verbs_run *run);

#endif
