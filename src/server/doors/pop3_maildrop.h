/* SPDX-License-Identifier: ISC */
/*
 * pop3_maildrop: the messages of a session (RFC 1939, section 4): those that its user saw at login,
 * with numbers from 1 on. For the session's thread.
 *
 * A client may stay for hours, so neither a lock nor a snapshot is held meanwhile: other sessions
 * may change the mailbox, and a message may be gone when it is asked for.
 */
#ifndef DOORS_POP3_MAILDROP_H
#define DOORS_POP3_MAILDROP_H

#include "session/state.h"
#include "store/mailbox.h"

enum pop3_mark {
    POP3_KEPT,
    POP3_DELETED, /* it is moved to the trash at QUIT */
    POP3_GONE     /* it was found to be gone or damaged; lists are without it */
};

struct pop3_maildrop {
    size_t n;             /* messages */
    uint32_t *ids;        /* of each */
    unsigned char *marks; /* enum pop3_mark, of each */
    uint64_t *bytes;      /* of the mail of each; NULL until somebody asks */
    size_t measured;      /* how many of them are known */
    struct budget_share share;
};

struct pop3_totals {
    size_t messages;
    uint64_t bytes; /* of those that are measured */
};

/*
 * Opens that of the session's user. The caller closes it also after a failure; until then it may be
 * closed and opened again. Fails as mailbox_open and snapshot_take do.
 */
enum status pop3_maildrop_open(struct session *s, struct pop3_maildrop *d);

/* Gives its memory back. One that was never opened, and is all zeros, is fine. */
void pop3_maildrop_close(struct session *s, struct pop3_maildrop *d);

/*
 * Finds out how many bytes the next mails have, and counts them in d->measured: at least one, and
 * not so many that it takes long. A message that is gone, or cannot be read, gets POP3_GONE. Any
 * status but ST_OK: memory is short, or the mailbox cannot be opened; the next call goes on there.
 */
enum status pop3_maildrop_measure(struct session *s, struct pop3_maildrop *d);

/* Those that are POP3_KEPT. */
struct pop3_totals pop3_maildrop_totals(const struct pop3_maildrop *d);

struct pop3_update {
    size_t deleted;  /* messages that were moved to the trash */
    size_t left;     /* those that are still there, or may be */
    enum status why; /* they are; ST_OK if none is left */
};

/*
 * Moves those that are POP3_DELETED to the trash, with one sync. Those that are gone already are
 * neither deleted nor left. Afterwards the maildrop can only be closed.
 */
struct pop3_update pop3_maildrop_update(struct session *s, struct pop3_maildrop *d);

#endif
