/*
 * commands: the functions that carry out the commands of proto/opcode.h, each named in its row
 * there. For the session's thread.
 */
#ifndef SESSION_COMMANDS_H
#define SESSION_COMMANDS_H

#include "proto/opcode.h"
#include "session/session_private.h"

/*
 * Carries out a command and answers it. The number of arguments is within the row's bounds and the
 * login is checked. Escapes are undone, except in the second argument of Send mes.
 */
typedef void session_command(struct session *s, const struct span *arg, size_t nargs);

#define SESSION_COMMAND(id, function, ...) session_command cmd_##function;
OPCODE_COMMANDS(SESSION_COMMAND)

/* Puts a Mail frame into s->out for each new message, at most a hundred. */
void cmd_watch_push(struct session *s);

/* Ends Watch, if it is on. */
void cmd_watch_end(struct session *s);

#endif
