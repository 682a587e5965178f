/*
 * session: one client's conversation, from the first byte to the last, over any io (PROTOCOL 1 to 5
 * and 7). One thread runs it; it knows nothing of sockets, so that tests and fuzzers can run whole
 * sessions from memory.
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include <stdatomic.h>

#include "log/counters.h"
#include "log/event.h"
#include "proto/io.h"
#include "session/budget.h"
#include "session/gate.h"
#include "session/login_throttle.h"
#include "session/send_rate.h"
#include "session/watch.h"
#include "store/housekeeper.h"
#include "store/store.h"

enum registration { REGISTRATION_OPEN, REGISTRATION_CLOSED, REGISTRATION_INVITE };

/* May change while sessions run. */
struct session_limits {
    _Atomic int64_t idle_ms;        /* nothing heard for so long: Exit */
    _Atomic int64_t frame_ms;       /* a frame begun must be there after so long and ... */
    _Atomic int64_t write_ms;       /* an answer must have been taken after so long and ... */
    _Atomic uint64_t minimum_rate;  /* ... what its bytes take at so many a second, at least 1 */
    _Atomic uint64_t message_bytes; /* the largest body */
    _Atomic int64_t login_delay_ms, login_delay_max_ms; /* see guesses.h */
    _Atomic uint64_t per_minute; /* messages that a user may send; 0: any number */
    atomic_uint registration;    /* enum registration: whether all may register without an invite */
};

/* How long a client may take for so many bytes, at the lowest rate that is allowed. */
static inline int64_t session_slowest_ms(const struct session_limits *limits, uint64_t bytes)
{
    return (int64_t)(bytes * 1000 / limits->minimum_rate);
}

/* What all sessions share. Constant while they run, but for what is safe for threads itself. */
struct service {
    struct store *store;
    struct session_limits limits;
    struct gate *hashing;  /* at most as many password hashings at once as there are cores */
    struct budget *memory; /* for long frames */
    struct login_throttle *login_throttle;
    struct send_rate *send_rate;
    struct housekeeper *housekeeper; /* NULL: none */
    struct counters *counters;
    struct watch *watch; /* who waits for mail */
};

/* What a session asks of whoever runs it. */
struct session_host {
    /* Why the session is to end: a reason in words, valid until it has ended. NULL: go on. */
    const char *(*end_reason)(struct session_host *host);

    /* Where the client is, as text, valid until the session has ended. */
    const char *(*address)(struct session_host *host);

    /* Waits, or less once there is a reason to end. */
    void (*pause)(struct session_host *host, int64_t ms);

    /*
     * Ends the session's wait for its client, the one that is on or else the next, with
     * IO_INTERRUPT. By any thread, while the session runs; takes no lock. A write is not hurried.
     */
    void (*wake)(struct session_host *host);

    /* Someone has logged in, or (NULL) out. */
    void (*set_user)(struct session_host *host, const struct who *who);

    /* Gives all other sessions of this account a reason to end. */
    void (*end_others)(struct session_host *host, const struct who *who, const char *reason);

    /* Something has happened that may be for the log. The host adds which session it was. */
    void (*tell)(struct session_host *host, struct event *e);

    bool version_1; /* of the protocol: no newer one is agreed on */
};

/*
 * Runs a session to its end: Exit, the connection closed or broken, a deadline, or end_reason. All
 * that could be answered has been written then; the caller closes the connection.
 */
void session_run(const struct service *service, struct io *io, struct session_host *host);

#endif
