/* SPDX-License-Identifier: ISC */
#include "os/end.h"

#include <signal.h>

#include "windows_private.h"

/* If Windows ended a program, the exit code is the cause. */
struct os_end os_end_of(int status)
{
    switch ((DWORD)status) {
    case STATUS_CONTROL_C_EXIT:
        return (struct os_end){OS_END_SIGNAL, SIGINT};
    case STATUS_ACCESS_VIOLATION:
    case STATUS_STACK_OVERFLOW:
        return (struct os_end){OS_END_SIGNAL, SIGSEGV};
    default:
        return (struct os_end){OS_END_EXIT, status};
    }
}

const char *os_end_signal_text(int signal)
{
    return signal == SIGINT ? "Interrupt" : "Segmentation fault";
}
