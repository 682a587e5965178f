/* SPDX-License-Identifier: ISC */
#include "os/end.h"

#include <string.h>
#include <sys/wait.h>

struct os_end os_end_of(int status)
{
    if (WIFEXITED(status))
        return (struct os_end){OS_END_EXIT, WEXITSTATUS(status)};
    return (struct os_end){OS_END_SIGNAL, WTERMSIG(status)};
}

/* This GNU function, too, returns constants; it knows no words for real-time signals. */
const char *os_end_signal_text(int signal)
{
    const char *text = sigdescr_np(signal);
    return text ? text : "real-time signal";
}
