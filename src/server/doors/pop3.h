/* SPDX-License-Identifier: ISC */
/*
 * pop3: mail programs read their mail (RFC 1939): the commands of pop3_command.h, and what
 * docs/pochta-doors.7 says of them.
 */
#ifndef DOORS_POP3_H
#define DOORS_POP3_H

#include "session/conversation.h"

extern const struct conversation door_pop3;

#endif
