/* SPDX-License-Identifier: ISC */
/*
 * os_syslog: the system log. If no daemon takes the lines they are lost; nobody waits and nobody is
 * told. Thread-safe.
 */
#ifndef OS_SYSLOG_H
#define OS_SYSLOG_H

/* Sets the program's name, a constant, for lines from now on; their facility is mail. */
void os_syslog_open(const char *name);

/* Logs one line without its end. severity as in RFC 5424: 3 error to 7 debug. */
void os_syslog_write(int severity, const char *line);

#endif
