/* SPDX-License-Identifier: ISC */
/*
 * stage: the client is used once, to write a letter or to send a draft, and something happens to it
 * or to the server meanwhile. For one thread.
 */
#ifndef STAGE_H
#define STAGE_H

#include "../crash/server.h"
#include "person.h"
#include "relay.h"
#include "script.h"

#define STAGE_STRACE "/usr/bin/strace"

/* System calls that change what would be found after the end of the client, or what is shown. */
#define STAGE_CALLS "openat,mkdirat,write,pwrite64,renameat,renameat2,unlinkat,fsync,sendto,sendmsg"

enum stage_way { WRITE_IN_MENU, WRITE_BY_VERB, SEND_IN_MENU, SEND_BY_VERB };

/* When it happens. */
enum stage_when {
    NEVER,
    AT_KEY,  /* once the client has shown this key of the letter */
    AT_ONCE, /* as soon as this key was typed */
    AT_STEP, /* at this step of the frames between client and server, see relay.h */
    AT_CALL  /* at this system call of the client */
};

/* What happens. */
enum stage_what {
    CLIENT_KILLED,
    TERMINAL_CLOSED,
    INTERRUPTED, /* Ctrl-C */
    SERVER_KILLED,
    USER_KICKED,
    CONNECTION_CUT,
    SERVER_AWAY /* until somebody needs it */
};

struct stage_event {
    enum stage_when when;
    unsigned at; /* from 1 */
    enum stage_what what;
};

/* What all stages have in common; set up by the caller. */
struct stage_world {
    struct server server;
    struct relay relay;
    const char *client, *ctl, *calls; /* programs; a file for a list of system calls */
    const char *preload;              /* for the server, or NULL */
};

struct stage {
    enum stage_way way;
    struct stage_event event;
    const struct script *script; /* the letter */
    unsigned number;             /* of the draft to send */
    bool count_calls;            /* the list of its system calls is written */
    /* afterwards: */
    size_t certain;    /* bytes of the letter that must not be lost */
    bool said_sent;    /* the client said that the letter was sent */
    const char *wrong; /* what the client did that it never may, or NULL */
    /* in between: */
    struct stage_world *world;
    struct person person;
    unsigned answers;
    bool signed_in, chosen, happened;
};

bool stage_start_server(struct stage_world *w);

/* Afterwards the client has ended and the server is up. False: the campaign cannot go on. */
bool stage_run(struct stage_world *w, struct stage *s);

/* Says what a stage was, in a line of words. */
void stage_describe(struct buf *out, const struct stage *s);

#endif
