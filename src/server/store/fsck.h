/*
 * fsck: whether the store's files are what they should be. Works beside a running server: under the
 * same locks, holding one only while a directory is read.
 */
#ifndef STORE_FSCK_H
#define STORE_FSCK_H

#include "proto/status.h"
#include "store/store.h"

struct fsck {
    struct store *store;
    bool repair; /* sets aside what is damaged, by a rename; nothing is ever deleted */

    /* Told of each finding. file is NULL where it is about the mailbox as a whole. */
    void (*finding)(void *ctx, const char *mailbox, const char *file, const char *what,
                    bool set_aside);
    void *ctx;

    uint64_t mailboxes, messages, findings; /* counted as it goes */
};

/*
 * Checks one mailbox: the account's file; of each message's file the name, header, length and
 * checksum; that no two have one id, or one token of one sender; and that the index in memory, this
 * process's, equals the files. ST_NO_USER: there is none. Other failures are findings.
 */
enum status fsck_mailbox(struct fsck *f, const char *name);

/* Checks all of them, and the invites. False: one of the lists cannot be read (errno). */
bool fsck_all(struct fsck *f);

#endif
