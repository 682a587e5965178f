/* SPDX-License-Identifier: ISC */
/*
 * pop3_maildrop: the messages of a session (RFC 1939, section 4): those that were in the mailbox at
 * login, numbered from 1. For the session's thread.
 *
 * A client may stay for hours, so a maildrop holds neither a lock nor a snapshot: other sessions
 * may change the mailbox, and a message may be gone when the client asks for it.
 */
#ifndef DOORS_POP3_MAILDROP_H
#define DOORS_POP3_MAILDROP_H

#include "session/state.h"
#include "store/mailbox.h"

enum pop3_mark {
    POP3_KEPT,
    POP3_DELETED, /* QUIT moves it to the trash */
    POP3_GONE     /* it was found to be gone or damaged; lists leave it out */
};

struct pop3_maildrop {
    size_t n;             /* messages; the arrays have n elements, number 1 first */
    uint32_t *ids;        /* in the mailbox */
    unsigned char *marks; /* enum pop3_mark */
    uint64_t *bytes;      /* exact size as RETR sends it, without added dots; NULL: not asked yet */
    size_t measured;      /* how many, from the first on, have their size in bytes */
    struct budget_share share; /* for all of this */
};

struct pop3_totals {
    size_t messages;
    uint64_t bytes; /* of those that are measured */
};

/*
 * Opens the maildrop of the session's user. The caller closes it, even after a failure. The
 * statuses are those of mailbox_open and snapshot_take, and ST_NO_MEMORY.
 */
enum status pop3_maildrop_open(struct session *s, struct pop3_maildrop *d);

/* Gives its memory back. d may be all zeros: never opened. It can be opened again afterwards. */
void pop3_maildrop_close(struct session *s, struct pop3_maildrop *d);

/*
 * Measures the next messages, at least one and at most a fixed number of those that must be read
 * for it, and raises d->measured. To be called until d->measured is d->n. A message that is gone or
 * damaged gets POP3_GONE. Any status but ST_OK: memory is short, or the mailbox or a message cannot
 * be read now; the next call goes on there.
 */
enum status pop3_maildrop_measure(struct session *s, struct pop3_maildrop *d);

/* Counts the messages that are POP3_KEPT. */
struct pop3_totals pop3_maildrop_totals(const struct pop3_maildrop *d);

struct pop3_update {
    size_t deleted;  /* messages that were moved to the trash */
    size_t left;     /* messages that were not, or may not have been */
    enum status why; /* the reason for the last of these; ST_OK: none is left */
};

/*
 * Moves the messages that are POP3_DELETED to the trash, with one sync. Those that are gone already
 * are neither deleted nor left. Afterwards the maildrop can only be closed.
 */
struct pop3_update pop3_maildrop_update(struct session *s, struct pop3_maildrop *d);

#endif
