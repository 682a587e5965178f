/* SPDX-License-Identifier: ISC */
/*
 * control: serves pochtactl over the socket control.sock in the store (control_wire.h): the verbs
 * of admin.h, and here those that need a running server. Requests run side by side, each in the
 * thread of its connection: what a verb uses is safe for threads. For one thread.
 */
#ifndef SERVER_CONTROL_H
#define SERVER_CONTROL_H

#include "net/registry.h"
#include "server/reload.h"

struct control;

/*
 * Starts serving. The arguments must outlive the result. The verb stop calls end(), which must make
 * the server stop soon and return at once. NULL: errno.
 */
struct control *control_start(const struct service *service, struct registry *registry,
                              struct reload *reload, void (*end)(void));

/* Stops serving, removes the socket and frees c. c may be NULL. */
void control_stop(struct control *c);

#endif
