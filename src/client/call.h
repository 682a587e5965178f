/* SPDX-License-Identifier: ISC */
/*
 * call: a connection to a server, over TCP, over UDP, or through the user's proxy command
 * (proxy.h). For one thread.
 */
#ifndef CLIENT_CALL_H
#define CLIENT_CALL_H

#include "client/ended.h"
#include "client/link.h"
#include "client/secret.h"
#include "os/command.h"
#include "os/net.h"
#include "os/tty.h"
#include "proto/status.h"
#include "transport/socket_io.h"
#include "transport/udp_io.h"

#define CALL_PATIENCE_MS 10000

/* How to reach the server; over TCP, unless a member says otherwise. */
struct call_way {
    const char *proxy;   /* the text of --proxy-command, or NULL */
    size_t udp_datagram; /* over UDP, with datagrams of at most this many bytes; 0: not over UDP */
    int64_t idle_ms;     /* how long the server may be silent */
};

struct call {
    struct call_way way;
    struct os_command command;
    union {
        struct socket_io net;
        struct udp_io udp; /* begins with a socket_io, too */
    };
    struct os_tty_aside aside;
    struct address_place place; /* of the last call_open */
    struct reply_patience patience;
    struct link link; /* in use while open */
    bool open;
    bool quiet;              /* set by the caller: says nothing of a silent server */
    const char *why;         /* why it could not be opened; NULL: not known here */
    struct os_end end;       /* how the command ended */
    char ended[ENDED_BYTES]; /* in words */
};

/* Does not connect. way->proxy must be proxy_text_ok() and outlive the call. */
void call_init(struct call *c, const struct call_way *way);

/* Parses the name of a server. Returns NULL, or a constant that says what is allowed. */
const char *call_place(const struct call *c, struct span text, struct address_place *place);

/*
 * Connects to a server that call_place() has parsed, and begins a session. Closes the previous
 * connection first. On failure call_words() says why. If the server is silent for CALL_PATIENCE_MS,
 * while it is called or later while an answer is due, a line on standard error says so, and what is
 * being waited for.
 */
enum reply_result call_open(struct call *c, const struct address_place *place);

/* Logs in. On failure call_words() says why. */
enum reply_result call_login(struct call *c, struct span user, const struct secret *password);

/*
 * Why the last call_ or link_ function failed; see reply_words(). If a proxy command closed the
 * connection: waits for the command, and says how it ended.
 */
struct span call_words(struct call *c);

/*
 * Asks the server about a recipient before a letter is written. ST_NO_USER, ST_NO_MEMBERS or
 * ST_FULL, and call_words() has the server's words. ST_OK: none of these, as far as the server
 * tells; it may not know the question.
 */
enum status call_check_user(struct call *c, const char *name);

/*
 * Asks the server whether this name may be registered, before anyone chooses a password. An empty
 * invite: the user has none. NULL: the user is asked for one later. Returns REPLY_OK if it may be,
 * as far as the server tells; otherwise call_words() says why not. Nobody may be logged in.
 */
enum reply_result call_may_register(struct call *c, struct span name, const struct span *invite);

/* Hangs up. Waits for a proxy command, and ends it if it does not end by itself. */
void call_close(struct call *c);

#endif
