/* SPDX-License-Identifier: ISC */
/*
 * status: the result of an operation of the store. Pure.
 */
#ifndef PROTO_STATUS_H
#define PROTO_STATUS_H

#include <stdbool.h>

/*
 * Each status, and what the user is told. ST_NO_USER also means that another account has the name
 * by now; ST_NO_MEMBERS that the accounts of all members were deleted; ST_WRONG_PASSWORD that there
 * is no such name, which the client must not learn; ST_CLOSED that only an invite, which is not
 * mentioned, would help; ST_READ_ONLY that a sync failed and has not been repaired; ST_UNKNOWN that
 * the change may already be stored.
 */
#define STATUS_LIST(X)                                                    \
    X(ST_OK, "done")                                                      \
    X(ST_NO_USER, "no such user")                                         \
    X(ST_NO_MEMBERS, "the group has no members")                          \
    X(ST_WRONG_PASSWORD, "wrong name or password")                        \
    X(ST_USER_EXISTS, "this name is taken")                               \
    X(ST_RESERVED, "reserved for the server; nobody reads its mail")      \
    X(ST_CLOSED, "registration is closed here")                           \
    X(ST_INVITE_ONLY, "registration here takes an invite")                \
    X(ST_NO_INVITE, "this invite is unknown, was used or has expired")    \
    X(ST_TOO_OFTEN, "too often")                                          \
    X(ST_NO_MESSAGE, "no such message")                                   \
    X(ST_FULL, "the mailbox is full")                                     \
    X(ST_DISK_FULL, "the server's disk is full")                          \
    X(ST_READ_ONLY, "the mailbox can only be read after a storage error") \
    X(ST_DAMAGED, "the message is damaged and has been set aside")        \
    X(ST_UNREADABLE, "the message cannot be read at present")             \
    X(ST_NO_MEMORY, "the server is short of memory, try again later")     \
    X(ST_NO_FILES, "the server has too many files open, try again later") \
    X(ST_BUSY, "the mailbox is busy, try again later")                    \
    X(ST_CROWDED, "too many passwords to check, try again later")         \
    X(ST_IO, "storage error, nothing was changed")                        \
    X(ST_UNKNOWN, "storage error, outcome unknown")

#define STATUS_NAME(name, text) name,
enum status { STATUS_LIST(STATUS_NAME) };
#undef STATUS_NAME

/* The result in words for the user. A constant, never NULL. */
const char *status_text(enum status st);

/* Whether it says that memory or descriptors are short, and so nothing about what is stored. */
bool status_is_shortage(enum status st);

#endif
