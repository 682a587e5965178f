/*
 * ctl_reach: how pochtactl reaches a store: by the server that runs on it, or by opening it. What
 * fails is said on standard error, and the exit code given. For one thread.
 */
#ifndef CTL_CONNECT_H
#define CTL_CONNECT_H

#include "admin/admin.h"

#define CTL_CONNECT_SILENT "the server does not answer"

/* "pochtactl: what: why", or without why where it is "". Returns code. */
int ctl_connect_say(int code, const char *what, const char *why);

/*
 * Opens a store beside other processes. Root becomes the store's owner for good. NULL: it was said
 * why.
 */
struct store *ctl_connect_store(const char *path);

/* A connection to the server of a store. -1: errno; EACCES, EPERM: there may be one; EAGAIN: there
 * is. */
int ctl_connect_server(const char *path);

/* Has the server do a verb. EX_OK: *answer, whose text is initialised, is its answer. */
int ctl_connect_ask(int fd, const struct admin_verb *verb, const struct span *args, size_t n,
                    struct admin_answer *answer);

/* Likewise, and says nothing of what fails. */
int ctl_connect_try(int fd, const struct admin_verb *verb, const struct span *args, size_t n,
                    struct admin_answer *answer);

#endif
