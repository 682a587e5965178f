/* SPDX-License-Identifier: ISC */
/*
 * pop3: the door by which mail programs read mail: POP3 (RFC 1939) with the commands of
 * pop3_command.h. docs/pochta-doors.7 describes what each of them does.
 */
#ifndef DOORS_POP3_H
#define DOORS_POP3_H

#include "session/conversation.h"

extern const struct conversation door_pop3;

#endif
