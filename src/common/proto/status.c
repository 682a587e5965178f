/* SPDX-License-Identifier: ISC */
#include "proto/status.h"

const char *status_text(enum status st)
{
#define STATUS_TEXT(name, text) text,
    static const char *const texts[] = {STATUS_LIST(STATUS_TEXT)};
#undef STATUS_TEXT

    return texts[st];
}

bool status_is_shortage(enum status st)
{
    return st == ST_NO_MEMORY || st == ST_NO_FILES;
}
