/*
 * call: a connection to a server, from dialing to hanging up: over TCP, over UDP, or through a
 * command that the user gave (proxy.h).
 */
#ifndef CLIENT_CALL_H
#define CLIENT_CALL_H

#include "client/link.h"
#include "client/secret.h"
#include "os/command.h"
#include "os/net.h"
#include "os/tty.h"
#include "transport/socket_io.h"
#include "transport/udp_io.h"

/* How the server is to be reached; all zero: over TCP. */
struct call_way {
    const char *proxy;   /* the text of --proxy-command, or NULL */
    size_t udp_datagram; /* over UDP, with datagrams of at most so many bytes; 0: not */
};

struct call {
    struct call_way way;
    struct os_command command;
    union {
        struct socket_io net;
        struct udp_io udp; /* begins with the other */
    };
    struct os_tty_aside aside;
    struct link link; /* in use while open */
    bool open;
    const char *why;                    /* why it could not be opened; NULL: the link knows */
    char ended[OS_COMMAND_WORDS_BYTES]; /* how the command ended */
};

/* A call that is not open. way->proxy: a text that is proxy_text_ok() and outlives the call. */
void call_init(struct call *c, const struct call_way *way);

/* Takes the name of a server apart. NULL, or in words what is allowed (a constant). */
const char *call_place(const struct call *c, struct span text, struct address_place *place);

/*
 * Connects and begins a session with a server that call_place() took apart. On failure call_words()
 * says why. Closes what was open before.
 */
enum reply_result call_open(struct call *c, const struct address_place *place);

enum reply_result call_login(struct call *c, struct span user, const struct secret *password);

/*
 * Why the last call_ or link_ function failed. Not safe to print as is. Of a command that closed
 * the connection it is how the command ended, which it waits for.
 */
struct span call_words(struct call *c);

/* Hangs up; a command is waited for, and ended if need be. */
void call_close(struct call *c);

#endif
