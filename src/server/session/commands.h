/* SPDX-License-Identifier: ISC */
/*
 * commands: the functions that carry out the commands, one for each row of OPCODE_COMMANDS, and
 * Watch's announcements.
 */
#ifndef SESSION_COMMANDS_H
#define SESSION_COMMANDS_H

#include "proto/opcode.h"
#include "session/state.h"

/*
 * Carries out one request and puts one answer into s->out. The caller has checked the number of
 * arguments, and that the user is logged in if the command requires it. The arguments are
 * unescaped, except the second of Send mes.
 */
typedef void session_command(struct session *s, const struct span *arg, size_t nargs);

#define SESSION_COMMAND(id, function, ...) session_command cmd_##function;
OPCODE_COMMANDS(SESSION_COMMAND)
#undef SESSION_COMMAND

/*
 * Between answers: puts into s->out Mail frames for messages that have arrived, at most 100; if
 * there are more, wakes the session.
 */
void cmd_watch_push(struct session *s);

/* Ends Watch, if it is on. */
void cmd_watch_end(struct session *s);

/* Appends the names of a command's arguments, without the token: "name, [invite]". */
void cmd_help_arguments(struct buf *out, const struct opcode_info *info);

#endif
