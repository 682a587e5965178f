/*
 * status: how an operation of the store ended. Pure.
 */
#ifndef PROTO_STATUS_H
#define PROTO_STATUS_H

enum status {
    ST_OK,
    ST_NO_USER,        /* no such account, or no longer the one that was meant */
    ST_WRONG_PASSWORD, /* or a name that does not exist: nobody is to know which */
    ST_USER_EXISTS,    /* the name is taken */
    ST_CLOSED,         /* nobody can register; with an invite one can, but that is not told */
    ST_INVITE_ONLY,    /* nobody can register without an invite */
    ST_NO_INVITE,      /* no invite, or one that was used or has expired */
    ST_TOO_OFTEN,      /* not now: it was done too often lately */
    ST_NO_MESSAGE,     /* no such message in this mailbox */
    ST_FULL,           /* the mailbox takes no more */
    ST_DISK_FULL,      /* the file system takes no more */
    ST_READ_ONLY, /* a sync of this mailbox failed once: reading only, until the cause is mended */
    ST_DAMAGED,   /* the message's file is damaged; it has been set aside */
    ST_NO_MEMORY,
    ST_IO,     /* a system call failed; nothing was changed */
    ST_UNKNOWN /* a system call failed where the change may already be stored */
};

/* What happened, in words for the user. Never NULL. */
const char *status_text(enum status st);

/* The status of a system call that failed with this errno, nothing having been changed. */
enum status status_of_errno(int error);

#endif
