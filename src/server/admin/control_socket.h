/* SPDX-License-Identifier: ISC */
/*
 * control_socket: the socket control.sock, and a thread for each connection to it. There is room
 * for a few connections at once, so a silent one keeps nobody waiting. For one thread.
 */
#ifndef ADMIN_CONTROL_SOCKET_H
#define ADMIN_CONTROL_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/io.h"

struct control_socket;

/*
 * Listens in the directory dir, which must stay open. Calls serve for each connection in a thread
 * of its own and then closes the connection; trusted says whether the peer may control the server.
 * If the name of the socket is removed, makes it again. While no connection comes, calls
 * each_second about once a second, always in the same thread. Once control_socket_close is called,
 * reads return IO_INTERRUPT, and writes have hurry_ms left. NULL: errno.
 */
struct control_socket *control_socket_open(int dir, int64_t hurry_ms,
                                           void (*serve)(void *ctx, struct io *io, bool trusted),
                                           void (*each_second)(void *ctx), void *ctx);

/* Ends and joins all threads, removes the socket and frees d. d may be NULL. */
void control_socket_close(struct control_socket *d);

#endif
