/* SPDX-License-Identifier: ISC */
/*
 * verbs_export: the verb that copies messages to a Maildir or an mbox. What is there already is not
 * copied again, so that an export that was interrupted goes on where it was. No message changes its
 * state.
 */
#ifndef CLIENT_VERBS_EXPORT_H
#define CLIENT_VERBS_EXPORT_H

#include "client/verbs_run.h"

enum error_code verbs_export_export(struct verbs_run *run);

#endif
