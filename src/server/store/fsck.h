/* SPDX-License-Identifier: ISC */
/*
 * fsck: checks whether the store's files are what they should be. It works beside a running server,
 * under the same locks, and holds one only while it reads a directory.
 */
#ifndef STORE_FSCK_H
#define STORE_FSCK_H

#include "proto/status.h"
#include "store/store.h"

struct fsck {
    struct store *store;
    bool repair; /* sets damaged messages aside, brings whole ones back; deletes nothing */

    /* Called for each finding. file is NULL if it is about the mailbox as a whole. */
    void (*finding)(void *ctx, const char *mailbox, const char *file, const char *what,
                    bool set_aside);
    void *ctx;

    /* Called after each mailbox and each message, without a lock. May be NULL. */
    void (*progress)(const struct fsck *f);
    uint64_t expected; /* how many mailboxes there are; for progress alone */

    uint64_t mailboxes, messages, findings; /* counted by the functions below */
    bool waited;                            /* for a second look (reader.h) */
};

/*
 * Checks one mailbox: the account's file; the name, header, length and checksum of each message's
 * file; that messages which were set aside are damaged; that no two messages have the same id, or
 * the same token of one sender; and that this process's index in memory equals the files.
 * ST_NO_USER: there is no such account. Any other status but ST_OK: why the mailbox cannot be
 * checked. What is wrong with it is a finding.
 */
enum status fsck_mailbox(struct fsck *f, const char *name);

/*
 * Checks that each message which the delivery log still needs is in its mailbox, if that is one of
 * n names; 0: of all. And that no recovery has left anything in the log. Waits for some seconds
 * before it calls something missing.
 */
void fsck_log(struct fsck *f, char **names, int n);

/*
 * Checks the delivery log, the file "doors" and all mailboxes, where failures count as findings,
 * the invites and the groups. The next list looks at all accounts (account_list.h). False: the
 * mailboxes, the invites or the groups cannot be listed (errno).
 */
bool fsck_all(struct fsck *f);

#endif
