/*
 * call: a connection to a server, from dialing to hanging up.
 */
#ifndef CALL_H
#define CALL_H

#include "link.h"
#include "os_net.h"
#include "secret.h"

struct call {
    struct os_net_io net;
    struct link link; /* in use while open */
    bool open;
    const char *why; /* why it could not be opened; NULL: the link knows */
};

/* A call that is not open. */
void call_init(struct call *c);

/* Connects and begins a session. On failure call_words() says why. Closes what was open before. */
enum reply_result call_open(struct call *c, const struct os_net_place *place);

enum reply_result call_login(struct call *c, struct span user, const struct secret *password);

/* Why the last call_ or link_ function failed. Not safe to print as is. */
struct span call_words(const struct call *c);

void call_close(struct call *c);

#endif
