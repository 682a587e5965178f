/* SPDX-License-Identifier: ISC */
/*
 * connect: how pochtactl reaches a store, through the server that runs on it or by opening it.
 * Prints an error on standard error where it says so. For one thread.
 */
#ifndef CTL_CONNECT_H
#define CTL_CONNECT_H

#include "admin/admin.h"

#define CTL_CONNECT_SILENT "the server does not answer"
#define CTL_CONNECT_CUT    "the answer is incomplete: the server did not send the rest"

/* Prints "pochtactl: WHAT: WHY", or without WHY if that is "". Returns code. */
int ctl_connect_say(int code, const char *what, const char *why);

/*
 * Opens a store that other processes may have open, too. As root, the process becomes the owner of
 * the store for good. What the store reports is kept, and printed by the two functions below. NULL:
 * an error was printed.
 */
struct store *ctl_connect_store(const char *path);

/*
 * Prints what the store has reported since the last time. To be called while no mailbox is locked:
 * whoever reads standard error may be slow, or stopped.
 */
void ctl_connect_print_troubles(void);

/* Closes the store and prints what it has reported. */
void ctl_connect_close_store(struct store *s);

/*
 * Connects to the server of a store; os_net_close closes the descriptor. -1: errno, where EACCES
 * and EPERM mean that there may be a server, and EAGAIN that there is one.
 */
int ctl_connect_server(const char *path);

/* Whether a server has the store open, as its lock file tells; prints nothing. */
bool ctl_connect_is_served(const char *path);

/*
 * Sends one request on a new connection and reads the answer into *answer, whose text is
 * initialised; all parts but the last go to its function take. Returns EX_OK, EX_PROTOCOL if the
 * server has another version, EX_IOERR if a part was not taken, or EX_UNAVAILABLE.
 */
int ctl_connect_try(int fd, const struct verb *verb, const struct span *args, size_t n,
                    struct admin_answer *a);

/* Like ctl_connect_try, but prints an error unless it returns EX_OK or EX_IOERR. */
int ctl_connect_ask(int fd, const struct verb *verb, const struct span *args, size_t n,
                    struct admin_answer *a);

#endif
