/*
 * control_door: the socket control.sock, and a thread for each tool that connects to it, a few at a
 * time: one that says nothing keeps no other waiting. For one thread.
 */
#ifndef ADMIN_CONTROL_SOCKET_H
#define ADMIN_CONTROL_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/io.h"

struct control_socket;

/*
 * Listens in the directory dir, which stays open. Each connection is given to serve, in a thread of
 * its own, and closed after; trusted: it may rule the server. Once the door is closed reads end
 * with IO_INTERRUPT, and writes have hurry_ms left. NULL: errno.
 */
struct control_socket *control_socket_open(int dir, int64_t hurry_ms,
                                           void (*serve)(void *ctx, struct io *io, bool trusted),
                                           void *ctx);

/* Ends and joins all threads, and removes the socket. NULL is fine. */
void control_socket_close(struct control_socket *d);

#endif
