/* SPDX-License-Identifier: ISC */
#include "os/error.h"

#include <errno.h>
#include <string.h>

/* This GNU function is the one that returns constants; other systems' strerror does too. */
const char *os_error_text(int error)
{
    const char *text = strerrordesc_np(error);
    return text ? text : "unknown error";
}

int os_error_of_stdio(void)
{
    return errno;
}
