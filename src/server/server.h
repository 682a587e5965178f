/* SPDX-License-Identifier: ISC */
/*
 * server: starts everything that serves, waits for signals, and stops it again in the reverse
 * order.
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "config/config.h"

/* The exit code of a server that has lost its store (store/fence.h). All others are of
 * sysexits.h. */
#define SERVER_LOST_STORE 79

/*
 * Serves as the configuration says until SIGTERM or SIGINT; SIGHUP reloads the configuration, for
 * which the command line is read again. Changes the LIVE keys of *config then. The log is open.
 * Returns an exit code of sysexits.h, or ends the process with SERVER_LOST_STORE; a failure has
 * been logged. Call it once in a process, before any other thread is started.
 */
int server_run(struct config *config, int argc, char **argv);

/* Logs why the server does not start, and returns code. */
int server_fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
