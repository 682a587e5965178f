/* SPDX-License-Identifier: ISC */
/*
 * verbs_account: the verbs that change or delete the user's account.
 */
#ifndef CLIENT_VERBS_ACCOUNT_H
#define CLIENT_VERBS_ACCOUNT_H

#include "client/verbs_run.h"

enum error_code verbs_account_password(struct verbs_run *run);
enum error_code verbs_account_delete(struct verbs_run *run);

#endif
