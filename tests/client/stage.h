/* SPDX-License-Identifier: ISC */
/*
 * stage: the client is used once, to write a letter or to send a draft, and something happens to it
 * or to the server meanwhile. For one thread.
 */
#ifndef STAGE_H
#define STAGE_H

#include "../crash/server.h"
#include "event.h"
#include "person.h"
#include "relay.h"
#include "script.h"
#include "way.h"

#define STAGE_STRACE     "/usr/bin/strace"
#define STAGE_CROSSED_MS 10000 /* within this time the client says what it has to say */

/* System calls that change what would be found after the end of the client, or what is shown. */
#define STAGE_CALLS "openat,mkdirat,write,pwrite64,renameat,renameat2,unlinkat,fsync,sendto,sendmsg"

/* What the client says when a disk is full, and what is wrong if it does not. */
#define STAGE_TOLD     "It can still be sent.)\n"
#define STAGE_NOT_TOLD "the disk is full, and the client does not say so"

/* What all stages have in common; set up by the caller. */
struct stage_world {
    struct server server;
    struct relay relay;
    const char *client, *ctl; /* programs */
    const char *calls;        /* a file for a list of system calls */
    const char *editor;       /* the file with the editor's process id */
    const char *preload;      /* for the server, or NULL */
};

struct stage {
    enum way way;
    struct event event;
    const struct script *script; /* the letter */
    unsigned number;             /* of the draft to send */
    bool count_calls;            /* the list of its system calls is written */
    /* afterwards: */
    size_t certain;    /* bytes of the letter that must not be lost */
    size_t saved;      /* ... and those that the editor has saved, for when it is sent */
    bool said_sent;    /* the client said that the letter was sent */
    const char *wrong; /* what the client did that it never may, or NULL */
    /* in between: */
    struct stage_world *world;
    struct person person;
    unsigned answers, waits; /* how often it has asked, and the editor has waited */
    unsigned refused;        /* how often it has asked after a refusal */
    size_t full_since;       /* what the client had written when the disk became full */
    bool signed_in, chosen, happened;
};

bool stage_start_server(struct stage_world *w);

/* Afterwards the client has ended and the server is up. False: the campaign cannot go on. */
bool stage_run(struct stage_world *w, struct stage *s);

/* Says what a stage was, in a line of words. */
void stage_describe(struct buf *out, const struct stage *s);

#endif
