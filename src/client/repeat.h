/* SPDX-License-Identifier: ISC */
/*
 * repeat: sends a request that carries a token, and if no answer comes, sends it again over a new
 * connection. The server carries it out once, however often it arrives. For one thread.
 *
 * Version 1 of the protocol has no tokens: there a request that may have arrived is not repeated.
 */
#ifndef CLIENT_REPEAT_H
#define CLIENT_REPEAT_H

#include "client/call.h"

struct repeat {
    struct call *call;
    enum reply_result (*dial)(
        void *ctx); /* connects and logs in again; call_words() says why not */
    enum reply_result (*send)(void *ctx); /* sends the request, with the same token each time */
    void *ctx;                            /* for both */
    bool in_doubt; /* an attempt may have been carried out; set by the caller for earlier ones */
    enum reply_result result; /* of the last attempt, or of dialling; OK: none failed */
};

enum repeat_end {
    REPEAT_DONE,    /* the answer is Yes */
    REPEAT_REFUSED, /* the answer is Noop */
    REPEAT_FAILED,  /* no answer; r->in_doubt: the request may have been carried out */
    REPEAT_UNSURE   /* not repeated: nobody can tell whether it was carried out */
};

/* call_words() says why it was not done. */
enum repeat_end repeat_send(struct repeat *r);

#endif
