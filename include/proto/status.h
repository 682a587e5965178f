/*
 * status: the result of an operation of the store. Pure.
 */
#ifndef PROTO_STATUS_H
#define PROTO_STATUS_H

enum status {
    ST_OK,
    ST_NO_USER,        /* no such account, or another one has the name by now */
    ST_WRONG_PASSWORD, /* or the name does not exist: the client must not learn which */
    ST_USER_EXISTS,    /* the name is taken */
    ST_CLOSED,         /* registration is closed, except with an invite, which is not told */
    ST_INVITE_ONLY,    /* registration needs an invite */
    ST_NO_INVITE,      /* the invite is unknown, used or expired */
    ST_TOO_OFTEN,      /* refused for now: done too often recently */
    ST_NO_MESSAGE,     /* no such message in this mailbox */
    ST_FULL,           /* the mailbox's quota is used up */
    ST_DISK_FULL,      /* the file system is full */
    ST_READ_ONLY, /* a sync of this mailbox failed: it can only be read until that is repaired */
    ST_DAMAGED,   /* the message's file is damaged and has been set aside */
    ST_NO_MEMORY,
    ST_IO,     /* a system call failed; nothing was changed */
    ST_UNKNOWN /* a system call failed; the change may already be stored */
};

/* The result in words for the user. A constant, never NULL. */
const char *status_text(enum status st);

/* The status after a system call failed with this errno and nothing was changed. */
enum status status_of_errno(int error);

#endif
