/*
 * exits: the exit codes of pochta. The numbers are those of sysexits.h, which not every system has.
 */
#ifndef CLIENT_EXITS_H
#define CLIENT_EXITS_H

#include "client/reply.h"

enum exits {
    EXITS_OK = 0,
    EXITS_USAGE = 64,        /* the command line is wrong */
    EXITS_DATA = 65,         /* the server refused what was asked, in words */
    EXITS_NO_INPUT = 66,     /* the password file cannot be read */
    EXITS_NO_USER = 67,      /* the recipient does not exist */
    EXITS_UNAVAILABLE = 69,  /* the server cannot be reached */
    EXITS_SOFTWARE = 70,     /* out of memory */
    EXITS_IO = 74,           /* reading or writing here failed */
    EXITS_TEMPORARY = 75,    /* it failed this time: connection lost, mailbox or disk full */
    EXITS_PROTOCOL = 76,     /* what answers does not speak the protocol */
    EXITS_NO_PERMISSION = 77 /* name or password are wrong */
};

/* The code for a failure, and, when it is REPLY_NOOP, the server's words. */
enum exits exits_of_reply(enum reply_result result, struct span words);

#endif
