/* SPDX-License-Identifier: ISC */
/*
 * talk: one conversation of a person with a server: its requests (ask.c), and the meaning of the
 * answers (answer.c).
 */
#ifndef TALK_H
#define TALK_H

#include "base/buf.h"
#include "ledger.h"
#include "person.h"
#include "proto/dialect.h"
#include "proto/io.h"
#include "session/host.h"

#define TALKS 16 /* at most, at the same time */

enum asked {
    ASK_START,
    ASK_REGISTER,
    ASK_LOGIN,
    ASK_SEND,   /* also Resend and Import */
    ASK_LIST,   /* all requests that show several messages */
    ASK_ONE,    /* Show exact, Peek mes */
    ASK_DELETE, /* a message */
    ASK_RESTORE,
    ASK_PASSWORD,
    ASK_DELETE_USER,
    ASK_OTHER /* changes nothing in the ledger; answered with Yes or Noop */
};

struct talk {
    struct house *house; /* NULL: the place is free */
    unsigned user;
    struct io io;
    struct session_host host;
    struct who who; /* the user that the session has logged in */
    struct dialect dialect;
    struct buf out, in; /* requests not read yet; answers not taken yet */
    int64_t next_us;    /* when the next request is made */
    const char *reason; /* why the server ends the session; NULL: it does not */
    bool woken;
    bool started, logged_in;
    bool over;        /* Exit has arrived */
    bool done;        /* there are no more requests */
    bool vanishes;    /* the client goes when the request is sent ... */
    bool gone;        /* ... and has gone */
    unsigned audited; /* number of lists that were shown; of a twin: whether it has sent */
    uint32_t peeked;  /* the next letter that an audit shows */

    /* The request that waits for its answer. */
    bool waits;
    const char *what;
    enum asked asked;
    unsigned to;
    uint32_t letter;
    bool deleted, unread_only, whole; /* of a list */
    bool with_other;                  /* a login: with owner.other, not owner.password */
    bool has_mail;                    /* a registration: mail was accepted for that name before */
    bool twin;                        /* this conversation only repeats a request of another one */
    bool strict;                      /* no call had failed when the request was made */
};

/* Makes the next request, or sets t->done. */
void ask_next(struct talk *t);

/* Makes t a conversation that repeats the request for which another one waits. */
void ask_again_beside(struct talk *t, const struct talk *other);

/* An answer has come; Watch announces a message; no answer will come. */
void answer_take(struct talk *t, struct span arguments, uint64_t n);
void answer_mail(struct talk *t, struct span arguments);
void answer_none(struct talk *t);

/* Starts a conversation beside this one, with ask_again_beside. */
void person_repeat_beside(struct talk *t);

#endif
