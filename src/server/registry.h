/*
 * registry: who is connected. One thread a connection; this starts them, tells them to end, and
 * joins them. Safe for threads.
 */
#ifndef REGISTRY_H
#define REGISTRY_H

#include "session.h"

struct registry;

/* NULL: out of memory. The service outlives the registry. */
struct registry *registry_new(const struct service *service);

/* All connections have ended and are joined. */
void registry_free(struct registry *r);

/*
 * Takes over an accepted connection and runs a session on it in a thread of its own. Where no
 * thread can be had, the client gets an Exit and the connection is closed.
 */
void registry_start(struct registry *r, int fd);

/* Joins the threads whose sessions have ended. For one thread at a time. */
void registry_reap(struct registry *r);

/* Ends all sessions with this reason (a constant), and joins them. For one thread, at the end. */
void registry_end_all(struct registry *r, const char *reason);

#endif
