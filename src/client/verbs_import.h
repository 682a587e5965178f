/* SPDX-License-Identifier: ISC */
/*
 * verbs_import: the verb that copies the messages of a Maildir or an mbox to the mailbox. What is
 * there already is not copied again, so that an import that was interrupted goes on where it was.
 */
#ifndef CLIENT_VERBS_IMPORT_H
#define CLIENT_VERBS_IMPORT_H

#include "client/verbs_run.h"

enum error_code verbs_import_import(struct verbs_run *run);

#endif
