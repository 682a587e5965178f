/*
 * control: the administrator's way into a running server, by the socket control.sock in its store
 * (control_door.h). Requests run one after the other: the verbs of admin.h, and those that only a
 * server has. For one thread.
 */
#ifndef SERVER_CONTROL_H
#define SERVER_CONTROL_H

#include "net/registry.h"
#include "server/reload.h"

struct control;

/*
 * Begins to serve. end() is called to end the server, and returns at once. NULL: errno. What it
 * is given outlives it.
 */
struct control *control_start(const struct service *service, struct registry *registry,
                              struct reload *reload, void (*end)(void));

/* Ends it, and removes the socket. NULL is fine. */
void control_stop(struct control *c);

#endif
