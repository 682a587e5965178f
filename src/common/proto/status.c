#include "proto/status.h"

#include <errno.h>

const char *status_text(enum status st)
{
    switch (st) {
    case ST_OK:
        return "done";
    case ST_NO_USER:
        return "no such user";
    case ST_WRONG_PASSWORD:
        return "wrong name or password";
    case ST_USER_EXISTS:
        return "this name is taken";
    case ST_CLOSED:
        return "registration is closed here";
    case ST_INVITE_ONLY:
        return "registration here takes an invite";
    case ST_NO_INVITE:
        return "this invite is unknown, was used or has expired";
    case ST_TOO_OFTEN:
        return "too often";
    case ST_NO_MESSAGE:
        return "no such message";
    case ST_FULL:
        return "the mailbox is full";
    case ST_DISK_FULL:
        return "the server's disk is full";
    case ST_READ_ONLY:
        return "the mailbox can only be read after a storage error";
    case ST_DAMAGED:
        return "the message is damaged and has been set aside";
    case ST_NO_MEMORY:
        return "the server is short of memory, try again later";
    case ST_IO:
        return "storage error, nothing was changed";
    case ST_UNKNOWN:
        return "storage error, outcome unknown";
    }
    return "unknown status";
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
