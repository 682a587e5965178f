/* SPDX-License-Identifier: ISC */
/*
 * lifecycle: how a session of any protocol begins, whether it goes on, and how it ends. For the
 * session's thread.
 */
#ifndef SESSION_LIFECYCLE_H
#define SESSION_LIFECYCLE_H

#include "session/state.h"

/* Sets up a session that has just begun. Reads and writes nothing; takes no memory. */
void lifecycle_begin(struct session *s, const struct conversation *talk,
                     const struct service *service, struct io *io, struct session_host *host);

/*
 * Whether the session goes on. If not, puts the last answer into s->out. To be called before each
 * request, even one that has arrived already, and before announcements: a user who was deleted must
 * no longer be served.
 */
bool lifecycle_may_go_on(struct session *s);

/* Writes s->out, logs the end of the session, and frees what it owns. */
void lifecycle_end(struct session *s);

#endif
