/*
 * roll: the ids of sessions in version 2 over UDP that are on, or that ended while their cookies
 * may still be known (docs/udp.md): a datagram that comes late must not begin a session again. A
 * table of fixed size; when it has no place, a new session is refused rather than an old id
 * forgotten. And what a server that has it does with a datagram. Pure. Not for two threads at a
 * time.
 */
#ifndef UDP_SESSION_IDS_H
#define UDP_SESSION_IDS_H

#include "udp/cookie.h"

#define SESSION_IDS_PLACES 8192 /* sessions on and lately ended together */
#define SESSION_IDS_BUCKET 16   /* places an id may stand in; it chooses them */

struct session_ids_entry {
    uint64_t id;
    int64_t until_us; /* the place is free from then on; INT64_MAX: the session is on */
    uint64_t came;    /* for udp2_farewell, once it has ended */
    bool in_order;
};

struct session_ids {
    struct session_ids_entry entry[SESSION_IDS_PLACES]; /* all zero: empty */
};

/* The entry of an id, or NULL. It stays where it is until its time is over. */
struct session_ids_entry *session_ids_find(struct session_ids *r, uint64_t id, int64_t now_us);

/* Enters the id of a session that begins. NULL: it is there already, or there is no place. */
struct session_ids_entry *session_ids_begin(struct session_ids *r, uint64_t id, int64_t now_us);

/* What becomes of a datagram that came to no session's socket. */
struct session_ids_verdict {
    struct session_ids_entry
        *begins;         /* the session that begins with it, entered now; NULL: none does */
    bool known;          /* its id was in the roll */
    size_t answer_bytes; /* 0: it has no answer */
    char answer[DATAGRAM_SIZE_2_MIN];
};

/*
 * cookie_known: its id is one with which its sender may begin a session now. A farewell is never
 * answered, and nothing gets an answer that is more than a byte longer.
 */
void session_ids_judge(struct session_ids *r, const struct datagram *d, bool cookie_known,
                       int64_t now_us, struct session_ids_verdict *v);

/* The session has ended: all that came of the peer's, and whether all of ours was acknowledged. */
void session_ids_end(struct session_ids_entry *e, uint64_t came, bool in_order, int64_t now_us);

#endif
