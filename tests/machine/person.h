/* SPDX-License-Identifier: ISC */
/*
 * person: the owner of a mailbox, and the conversations that the person has with a server: whole
 * sessions of src/server/session, whose connection is memory. What is asked next, what the network
 * does to it, and whether the person waits for the answer, is chance. All that is answered goes
 * into the ledger.
 */
#ifndef PERSON_H
#define PERSON_H

#include "disk.h"
#include "machine.h"
#include "session/service.h"

/* What all conversations of one server share. A server sets it when it starts. */
struct house {
    struct service *service;
    bool closing;      /* no new sessions; those that run are sent away */
    unsigned sessions; /* that run */
    uint64_t faults;   /* of disk_counts, when this life began */
    bool sound;        /* nothing had failed by then since the last audit */
    bool audit;        /* each person looks at everything once, and changes nothing */
};

/* Whether nothing has failed since the last audit: no answer may be excused with that. */
static inline bool house_is_strict(const struct house *h)
{
    return h->sound && disk_counts.faults == h->faults && machine.thread_fails == 0;
}

/* Runs conversations of a person, one after the other, until the house closes; in an audit, one. */
void person_live(struct house *h, unsigned user);

/* The server closes: ends all sessions. */
void person_end_all(struct house *h);

/* The server is gone, whatever it did: requests under way have no answer. */
void person_forget_sessions(void);

/* How many requests were made so far, and how many of them were answered. */
struct person_counts {
    uint64_t asked, answered, repeated;
};
extern struct person_counts person_counts;

#endif
