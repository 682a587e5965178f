/* SPDX-License-Identifier: ISC */
/*
 * privileges: the user as whom the server runs, and giving up the rights it does not need. Call
 * these functions in this order, before any other thread is started.
 */
#ifndef SERVER_PRIVILEGES_H
#define SERVER_PRIVILEGES_H

#include "config/config.h"

struct privileges {
    struct os_process_user user; /* if the key user is not set, only the name, for the log */
    bool drops;                  /* we are root and will become that user */
    unsigned landlock;           /* its ABI; 0: not in force */
    const char *why;             /* why it is not in force */
    bool no_new_privs;
};

/* These two return EX_OK, or another exit code and why. */

/* Finds the user that the key user names ("": the present one). Fails if we cannot become it. */
int privileges_choose(struct privileges *s, const char *user, char why[CONFIG_WHY_BYTES]);

/*
 * If we are root, creates the store and becomes the user. Checks that the user owns the store. If
 * make is false, does not look at the store: it may not answer, or not be mounted yet.
 */
int privileges_become(const struct privileges *s, const char *store, bool make,
                      char why[CONFIG_WHY_BYTES]);

/*
 * Gives up access to other files, to other programs, and to the network except for the listening
 * sockets. Protection that the system does not offer is left out without an error. Call it with the
 * store open.
 */
void privileges_confine(struct privileges *s, const struct config *c);

/* Logs the user and the protection in force. */
void privileges_tell(const struct privileges *s);

#endif
