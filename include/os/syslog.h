/* SPDX-License-Identifier: ISC */
/*
 * os_syslog: the system log, with the facility mail. Never waits. Thread-safe.
 */
#ifndef OS_SYSLOG_H
#define OS_SYSLOG_H

#include <stdbool.h>

/*
 * Logs one line without its end, of at most 1 KiB, as from this program (a constant). severity as
 * in RFC 5424: 3 error to 7 debug. False: it is lost, because no daemon listens at /dev/log or it
 * does not read.
 */
bool os_syslog_write(const char *program, int severity, const char *line);

#endif
