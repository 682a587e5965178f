/* SPDX-License-Identifier: ISC */
/*
 * talk: one conversation of a person with a server; what is asked (ask.c), and what the answers
 * mean (answer.c).
 */
#ifndef TALK_H
#define TALK_H

#include "base/buf.h"
#include "ledger.h"
#include "person.h"
#include "proto/dialect.h"
#include "proto/io.h"
#include "session/host.h"

#define TALKS 16 /* at once */

enum asked {
    ASK_START,
    ASK_REGISTER,
    ASK_LOGIN,
    ASK_SEND,   /* also Resend and Import */
    ASK_LIST,   /* all of those that show many */
    ASK_ONE,    /* Show exact, Peek mes */
    ASK_DELETE, /* a message */
    ASK_RESTORE,
    ASK_PASSWORD,
    ASK_DELETE_USER,
    ASK_OTHER /* what changes nothing that the ledger knows: answered with Yes or Noop */
};

struct talk {
    struct house *house; /* NULL: the place is free */
    unsigned user;
    struct io io;
    struct session_host host;
    struct who who; /* that the session has logged in */
    struct dialect dialect;
    struct buf out, in; /* requests that are not read yet; answers that are not taken yet */
    int64_t next_us;    /* when the next request is made */
    const char *reason; /* why the server wants it to end */
    bool woken;
    bool started, logged_in;
    bool over;        /* Exit was heard */
    bool done;        /* nothing else is asked */
    bool vanishes;    /* the client goes when the request is sent ... */
    bool gone;        /* ... and is no more */
    unsigned audited; /* how many of an audit's requests were made */
    uint32_t peeked;  /* the next letter that an audit looks at */

    /* The request that waits for its answer. */
    bool waits;
    const char *what;
    enum asked asked;
    unsigned to;
    uint32_t letter;
    bool deleted, unread_only, whole; /* of a list */
    bool with_other;                  /* a login: which password */
    bool has_mail;                    /* a registration: mail was accepted for that name before */
    bool twin;   /* this conversation repeats another one's request, and nothing else */
    bool strict; /* nothing had failed when the request was made */
};

/* Makes the next request, or sets t->done. */
void ask_next(struct talk *t);

/* Makes a conversation that sends once more what another one waits for. */
void ask_again_beside(struct talk *t, const struct talk *other);

/* An answer to the request: its arguments. A message that Watch announces. None has come. */
void answer_take(struct talk *t, struct span arguments, uint64_t n);
void answer_mail(struct talk *t, struct span arguments);
void answer_none(struct talk *t);

/* Starts a conversation beside this one, with ask_again_beside. */
void person_repeat_beside(struct talk *t);

#endif
