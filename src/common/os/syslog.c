/* SPDX-License-Identifier: ISC */
#include "os/syslog.h"

#include <syslog.h>

void os_syslog_open(const char *name)
{
    openlog(name, LOG_PID, LOG_MAIL);
}

void os_syslog_write(int severity, const char *line)
{
    syslog(severity, "%s", line);
}
