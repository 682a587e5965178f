/* SPDX-License-Identifier: ISC */
/*
 * admin: runs the verbs that work on the accounts, messages, invites and groups of a store
 * (verbs.h), for pochtactl or for a server. Safe for threads.
 */
#ifndef ADMIN_ADMIN_H
#define ADMIN_ADMIN_H

#include "admin/admin_answer.h"
#include "admin/verbs.h"
#include "os/crypt.h"
#include "proto/status.h"
#include "store/store.h"

/* The store that verbs work on, and what a running server adds. */
struct admin {
    struct store *store;

    /* Hashes a password as os_crypt_hash does, but limits how many run at once. NULL: no limit. */
    bool (*hash)(void *ctx, const char *password, char hash[OS_CRYPT_HASH_BYTES]);

    /* Ends the sessions of an account, giving this reason. NULL: there are no sessions. */
    void (*end_sessions)(void *ctx, const struct who *who, const char *reason);
    void *ctx;

    /* Called after an account was deleted: it may be one too many to keep. May be NULL. */
    void (*deleted)(void *ctx);
};

/*
 * Runs a VERB_ANYWHERE verb; the number of arguments fits it. The text of *answer is empty. What is
 * in *answer at the end is the answer's last part.
 */
void admin_run(const struct admin *a, const struct verb *verb, const struct span *args,
               size_t nargs, struct admin_answer *answer);

/* The exit code, of sysexits.h, that stands for a status. */
int admin_exit_code(enum status st);

#endif
