/* SPDX-License-Identifier: ISC */
/*
 * door_listeners: take the clients of the doors: mail programs and mail servers that speak POP3,
 * SMTP (submission) or LMTP.
 */
#ifndef NET_DOOR_LISTENERS_H
#define NET_DOOR_LISTENERS_H

#include "net/listener.h"

extern const struct listener_kind pop3_listener_kind, submission_listener_kind;

/* Its clients have no login, so its sockets have loopback addresses, or are Unix sockets. */
extern const struct listener_kind lmtp_listener_kind;

#endif
