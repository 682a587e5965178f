/* SPDX-License-Identifier: ISC */
/*
 * evidence: what became of a letter: how often each recipient has it, and whether it is a draft. It
 * is found with this build's own code, whatever bugs the client under test has. For one thread.
 */
#ifndef EVIDENCE_H
#define EVIDENCE_H

#include <stdbool.h>

#include "../crash/server.h"
#include "client/state.h"
#include "script.h"

#define EVIDENCE_TO_MAX 3

/* A user to whom letters are written. */
struct evidence_to {
    const char *name;
    uint64_t last_id; /* the messages up to here have been counted */
    unsigned copies;  /* of the letter, or of its beginning */
    bool waits;       /* a draft is still to be sent to this one */
};

struct evidence {
    struct server *server;
    struct evidence_to to[EVIDENCE_TO_MAX];
    size_t nto;                  /* how many of them are recipients of this letter */
    unsigned copies;             /* of all recipients */
    unsigned most;               /* of one recipient */
    unsigned lost;               /* recipients who have none, and for whom there is no draft */
    unsigned strange;            /* messages that are not this letter */
    unsigned drafts;             /* how many there are */
    unsigned number;             /* of one of them */
    unsigned damaged;            /* those that cannot be read */
    struct buf text;             /* of the draft, or of the message, whichever was seen last */
    const struct script *letter; /* of which a part, from its beginning, may be there */
};

/* All messages that are there now count as old. False: as evidence_look(). */
bool evidence_init(struct evidence *e, struct server *server);
void evidence_free(struct evidence *e);

/*
 * From now on looks for this letter, to the first recipient or to all, which must not have been
 * begun yet. It stays the caller's.
 */
void evidence_of(struct evidence *e, const struct script *letter, bool to_all);

/*
 * Looks at the recipients' mailboxes, and at the drafts. False: the server does not tell, which has
 * been said.
 */
bool evidence_look(struct evidence *e);

/* Whether each recipient has the letter once, and no draft is left. */
bool evidence_sent_once(const struct evidence *e);

#endif
