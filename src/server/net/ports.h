/*
 * ports: what addresses and ports a server listens at, said by its sockets. Pure but for asking
 * them.
 */
#ifndef NET_PORTS_H
#define NET_PORTS_H

#include "base/buf.h"

/* Adds a line "TRANSPORT ADDR PORT" for each of n sockets. False: errno. */
bool ports_add(const int *fds, int n, const char *transport, struct buf *out);

/* Tells the log of each. */
void ports_tell(const int *fds, int n, const char *transport);

#endif
