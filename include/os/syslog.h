/*
 * os_syslog: the system's log. Where no daemon takes its lines they are lost, and nobody waits or
 * is told. Safe for threads.
 */
#ifndef OS_SYSLOG_H
#define OS_SYSLOG_H

/* From here on lines are of the facility mail, from a program of this name, a constant. */
void os_syslog_open(const char *name);

/* One line, without an end of line. Severity as in RFC 5424: 3 error to 7 debug. */
void os_syslog_write(int severity, const char *line);

#endif
