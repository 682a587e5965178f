/* SPDX-License-Identifier: ISC */
/*
 * menu: the interactive client, as the report's listing shows it. For one thread.
 */
#ifndef CLIENT_MENU_H
#define CLIENT_MENU_H

#include "client/call.h"
#include "client/error.h"
#include "client/options.h"

/*
 * Runs until the user leaves or the input ends. way as for call_init(). The only error is one in
 * the options; then it has written a message to standard error.
 */
enum error_code menu_run(const struct options *o, const struct call_way *way);

#endif
