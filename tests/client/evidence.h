/* SPDX-License-Identifier: ISC */
/*
 * evidence: what became of a letter: how often the recipient has it, and whether it is a draft. It
 * is found with this build's own code, whatever bugs the client under test has. For one thread.
 */
#ifndef EVIDENCE_H
#define EVIDENCE_H

#include <stdbool.h>

#include "../crash/server.h"
#include "client/state.h"
#include "script.h"

struct evidence {
    struct server *server;
    uint64_t last_id;            /* the recipient's messages up to here have been counted */
    unsigned copies;             /* of the letter, or of its beginning */
    unsigned strange;            /* messages that are no such letter */
    unsigned drafts;             /* how many there are */
    unsigned number;             /* of one of them */
    unsigned damaged;            /* those that cannot be read */
    struct buf text;             /* of the draft, or of the message, whichever was seen last */
    const struct script *letter; /* of which a part, from its beginning, may be there */
};

void evidence_init(struct evidence *e, struct server *server);
void evidence_free(struct evidence *e);

/* Begins with a new letter, of which there is nothing. It stays the caller's. */
void evidence_of(struct evidence *e, const struct script *letter);

/*
 * Looks at the recipient's mailbox, and at the drafts. False: the server does not tell, which has
 * been said.
 */
bool evidence_look(struct evidence *e);

#endif
