/* SPDX-License-Identifier: ISC */
/*
 * event: what happens to the client or to the server while the client is used, and when. For one
 * thread.
 */
#ifndef EVENT_H
#define EVENT_H

#include <stdbool.h>

/* When it happens. */
enum event_when {
    NEVER,
    AT_KEY,  /* once the client has shown this key of the letter */
    AT_ONCE, /* as soon as this key was typed */
    AT_STEP, /* at this step of the frames between client and server, see relay.h */
    AT_CALL, /* at this system call of the client */
    AT_WAIT  /* when the editor waits for the at-th time */
};

/* What happens. */
enum event_what {
    CLIENT_KILLED,
    TERMINAL_CLOSED,
    INTERRUPTED, /* Ctrl-C */
    SERVER_KILLED,
    SERVER_RESTARTED, /* as by its administrator */
    USER_KICKED,
    CONNECTION_CUT,
    SERVER_AWAY,  /* until somebody needs it */
    DISK_FULL,    /* the draft cannot grow any more */
    DRAFT_WANTED, /* by a second client, which sends or discards it */
    EDITOR_KILLED
};

struct event {
    enum event_when when;
    unsigned at; /* from 1 */
    enum event_what what;
};

struct buf;
struct stage;

/* Lets the event of a stage happen. Returns false if the caller must cut the connections. */
bool event_happen(struct stage *s);

/* If it is time for the event, lets it happen, and then cuts the connections if that is due. */
void event_at(struct stage *s, enum event_when when, unsigned at);

/* In words, such as "client killed at key 4". */
void event_describe(struct buf *out, struct event event);

#endif
