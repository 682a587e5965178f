/* SPDX-License-Identifier: ISC */
/*
 * host: what a session asks of its host, the code that runs it: the server's connections, or a
 * test.
 */
#ifndef SESSION_HOST_H
#define SESSION_HOST_H

#include "log/event.h"
#include "store/store.h"

/* All functions are called by the session's thread, unless they say otherwise. */
struct session_host {
    /* Why the session must end, in words that stay valid until it has ended. NULL: go on. */
    const char *(*end_reason)(struct session_host *host);

    /* The client's address as text, valid until the session has ended. */
    const char *(*address)(struct session_host *host);

    /*
     * The client has sent something, at this time (os_clock_ms); INT64_MAX: it is the server's
     * turn, so its silence does not count.
     */
    void (*heard)(struct session_host *host, int64_t ms);

    /* Waits for this time, or less once there is a reason to end. */
    void (*pause)(struct session_host *host, int64_t ms);

    /*
     * Ends the session's current wait for its client, or else the next one, with IO_INTERRUPT: at
     * once after set_watching, otherwise perhaps some milliseconds later. Any thread may call it
     * while the session runs. Takes no lock. Does not interrupt a write.
     */
    void (*wake)(struct session_host *host);

    /* The session expects wakes from now on, or no longer. */
    void (*set_watching)(struct session_host *host, bool watching);

    /* This user has logged in; NULL: the user has logged out. */
    void (*set_user)(struct session_host *host, const struct who *who);

    /* Gives all other sessions of this account a reason to end. */
    void (*end_others)(struct session_host *host, const struct who *who, const char *reason);

    /* Logs an event. The host adds the client's address and the session's number. */
    void (*tell)(struct session_host *host, struct event *e);

    bool version_1; /* the transport allows version 1 of the protocol only */
    bool forgeable; /* the client's address is not proven */
};

#endif
