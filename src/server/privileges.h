/*
 * secure: as whom the server serves, and what it can still do by then. In this order, before there
 * are other threads.
 */
#ifndef SERVER_PRIVILEGES_H
#define SERVER_PRIVILEGES_H

#include "config/config.h"

struct privileges {
    struct os_process_user user; /* without the key only the name, for the log */
    bool drops;                  /* we are root, and become that user */
    unsigned landlock;           /* its ABI; 0: it is not in force, and why */
    const char *why;
    bool no_new_privs;
};

/* These two return EX_OK, or an exit code and why. */

/* Finds out whether we can become whom the key user names; "": we stay who we are. */
int privileges_choose(struct privileges *s, const char *user, char why[CONFIG_WHY_BYTES]);

/* Makes the store where root has to, becomes the user, and looks whether the store is theirs. */
int privileges_become(const struct privileges *s, const char *store, char why[CONFIG_WHY_BYTES]);

/*
 * Gives up all that serving does not need: other files, other programs, the network but for the
 * sockets that listen. What the system does not have is no error. The store is open.
 */
void privileges_confine(struct privileges *s, const struct config *c);

/* Tells the log what is in force. */
void privileges_tell(const struct privileges *s);

#endif
