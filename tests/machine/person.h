/* SPDX-License-Identifier: ISC */
/*
 * person: the owner of a mailbox, and this person's conversations with a server. They are whole
 * sessions of src/server/session over a connection in memory. Random numbers decide which request
 * comes next, what the network does to it, and whether the person waits for the answer. All answers
 * go into the ledger.
 */
#ifndef PERSON_H
#define PERSON_H

#include "disk.h"
#include "machine.h"
#include "session/service.h"

/* What all conversations with one server share. The server sets it when it starts. */
struct house {
    struct service *service;
    bool closing;      /* the server takes no new sessions, and ends those that run */
    unsigned sessions; /* number of sessions that run */
    uint64_t faults;   /* of disk_counts, when this life began */
    bool sound;        /* no call had failed between the last audit and that moment */
    bool audit;        /* each person looks at everything once, and changes nothing */
};

/* Whether no call has failed since the last audit: then no failure excuses a wrong answer. */
static inline bool house_is_strict(const struct house *h)
{
    return h->sound && disk_counts.faults == h->faults && machine.thread_fails == 0;
}

/*
 * Runs a person's conversations, one after the other, until the server closes; in an audit, until
 * one of them has shown everything.
 */
void person_live(struct house *h, unsigned user);

/* Ends all sessions, since the server closes. */
void person_end_all(const struct house *h);

/* The server has ended in some way: requests under way get no answer. */
void person_forget_sessions(void);

/* How many requests were made so far, and how many of them were answered. */
struct person_counts {
    uint64_t asked, answered, repeated;
};
extern struct person_counts person_counts;

#endif
