/* SPDX-License-Identifier: ISC */
/*
 * verbs: the commands of pochta for scripts. Each makes a connection of its own. For one thread.
 */
#ifndef CLIENT_VERBS_H
#define CLIENT_VERBS_H

#include "client/call.h"
#include "client/error.h"
#include "client/options.h"

/*
 * Runs the command o->words[0]. way as for call_init(). If the result is not ERROR_NONE, it
 * has written an error message to standard error.
 */
enum error_code verbs_execute(const struct options *o, const struct call_way *way);

/* Prints the help: commands, options, exit codes. On failure as above. */
enum error_code verbs_help(void);

#endif
