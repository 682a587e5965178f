/* SPDX-License-Identifier: ISC */
/*
 * lifecycle: how a session begins, whether it goes on, and how it ends, whatever is said in it. For
 * the session's thread.
 */
#ifndef SESSION_LIFECYCLE_H
#define SESSION_LIFECYCLE_H

#include "session/state.h"

/* A session that has just begun: nothing has been read or written. */
void lifecycle_begin(struct session *s, const struct conversation *talk,
                     const struct service *service, struct io *io, struct session_host *host);

/*
 * Whether the session goes on; if not, puts the last words into s->out. To be called before each
 * request, even one that has arrived already, and before announcements: a deleted user must no
 * longer be served.
 */
bool lifecycle_may_go_on(struct session *s);

/* Writes s->out, logs the end, and frees what the session has. */
void lifecycle_end(struct session *s);

#endif
