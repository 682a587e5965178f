/*
 * mailbox: one account's mail, shared by all sessions that use it. Safe for threads.
 */
#ifndef STORE_MAILBOX_H
#define STORE_MAILBOX_H

#include "proto/status.h"
#include "store/index.h"
#include "store/store.h"

struct mailbox;

/*
 * Opens the mailbox of a user. ST_NO_USER when there is no account of this name, or none of this
 * generation. On ST_OK *out is to be closed again; who may then be logged in under mailbox_who().
 */
enum status mailbox_open(struct store *s, const struct who *who, struct mailbox **out);
void mailbox_close(struct mailbox *mb);

/* The name and the generation of the account. Valid until mailbox_close. */
const struct who *mailbox_who(const struct mailbox *mb);

/* How much a mailbox may hold, its trash counted in. 0: no such limit. */
struct mailbox_quota {
    uint64_t bytes, messages;
};

/* What the mailbox holds now, and what it may. */
enum status mailbox_totals(struct mailbox *mb, struct index_totals *totals,
                           struct mailbox_quota *quota);

#endif
