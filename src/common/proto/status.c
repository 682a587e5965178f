/* SPDX-License-Identifier: ISC */
#include "proto/status.h"

#include <errno.h>

const char *status_text(enum status st)
{
#define STATUS_TEXT(name, text) text,
    static const char *const texts[] = {STATUS_LIST(STATUS_TEXT)};
#undef STATUS_TEXT

    return texts[st];
}

enum status status_of_errno(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
        return ST_DISK_FULL;
    case ENOMEM:
        return ST_NO_MEMORY;
    default:
        return ST_IO;
    }
}
