/* SPDX-License-Identifier: ISC */
/*
 * redo_account: an account as the recovery of a delivery log sees it, and what becomes of a message
 * in it. Not safe for threads.
 */
#ifndef STORE_REDO_ACCOUNT_H
#define STORE_REDO_ACCOUNT_H

#include "store/index.h"
#include "store/redo_record.h"

struct redo_account {
    struct store *store;
    int dir;             /* -1: it is not open */
    bool removed;        /* it was deleted: dir is in removed/ */
    bool drop_copies;    /* nobody else uses the store: listing removes what a crash has left */
    struct index *index; /* of what is in it now; NULL: it was not listed */
    uint32_t free_id;    /* above all ids in it; the caller may raise it */
    bool failed;         /* out of memory while it is listed */
};

/*
 * Opens the directory of the account with this name and generation, in users/ or removed/: an
 * account that was deleted can be restored, and must have its messages then. False: errno, which is
 * ENOENT if no such account exists. The caller closes it, also after a failure.
 */
bool redo_account_open(struct redo_account *a, struct store *s, const struct who *who);
void redo_account_close(struct redo_account *a);

/* Reads which messages it has. False: errno. */
bool redo_account_list(struct redo_account *a);

/* Whether a message has its file with all its blocks, or was purged. Needs no list. */
bool redo_account_has(const struct redo_account *a, const struct redo_message *m);

enum redo_fate {
    REDO_NOTHING, /* it is not needed */
    REDO_SAME,    /* its file is written over */
    REDO_NEW,     /* it gets a file */
    REDO_UNKNOWN  /* the disk does not say what there is (errno) */
};

/* Decides what becomes of a message, after the list. *as is the message as it will be called. */
enum redo_fate redo_account_decide(const struct redo_account *a, const struct redo_message *rm,
                                   struct mail *as);

/* REDO_NOTHING if it has the message under another id, as an earlier recovery has given it. */
enum redo_fate redo_account_decide_moved(const struct redo_account *a,
                                         const struct redo_message *m);

#endif
