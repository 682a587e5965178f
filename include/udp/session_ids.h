/* SPDX-License-Identifier: ISC */
/*
 * session_ids: the ids of sessions in version 2 over UDP that are running, or that have ended so
 * recently that their cookies are still valid (docs/udp.md). A late datagram must not start such a
 * session again. The table has a fixed size (base/recent.h); when it has no free place, a new
 * session is refused rather than an old id forgotten. Also: what a server with this table does with
 * a datagram. Pure. Not safe for threads.
 */
#ifndef UDP_SESSION_IDS_H
#define UDP_SESSION_IDS_H

#include "base/recent.h"
#include "udp/cookie.h"

#define SESSION_IDS_PLACES 8192 /* running and recently ended sessions together */

struct session_ids_entry {
    struct recent_entry recent; /* by id; RECENT_KEPT while it runs; in microseconds */
    uint64_t came;              /* for udp2_farewell, once the session has ended */
    bool in_order;
};

struct session_ids {
    struct session_ids_entry entry[SESSION_IDS_PLACES]; /* all zero: empty */
};

/* The entry of an id, or NULL. It stays at its address until it is forgotten. */
struct session_ids_entry *session_ids_find(struct session_ids *r, uint64_t id, int64_t now_us);

/* Adds the id of a session that starts. NULL: it is there already, or no place is free. */
struct session_ids_entry *session_ids_begin(struct session_ids *r, uint64_t id, int64_t now_us);

/* Forgets the id of a session that could not start after all. */
void session_ids_forget(struct session_ids_entry *e);

/* What to do with a datagram that arrived on no session's socket. */
struct session_ids_verdict {
    struct session_ids_entry *begins; /* the session that it starts, just added; NULL: none */
    bool known;                       /* its id was in the table before */
    size_t answer_bytes;              /* 0: no answer */
    char answer[DATAGRAM_SIZE_2_MIN];
};

/*
 * cookie_known: the datagram's id is one with which its sender may start a session now. A farewell
 * is never answered, and no answer is more than one byte longer than the datagram.
 */
void session_ids_judge(struct session_ids *r, const struct datagram *d, bool cookie_known,
                       int64_t now_us, struct session_ids_verdict *v);

/*
 * Notes that the session has ended. came: the number of the peer's last datagram that arrived in
 * order; in_order: the peer acknowledged everything.
 */
void session_ids_end(struct session_ids_entry *e, uint64_t came, bool in_order, int64_t now_us);

#endif
