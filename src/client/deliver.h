/* SPDX-License-Identifier: ISC */
/*
 * deliver: sends a draft to its recipients, each copy once. For one thread.
 */
#ifndef CLIENT_DELIVER_H
#define CLIENT_DELIVER_H

#include "client/draft.h"
#include "client/repeat.h"

struct delivery {
    struct call *call;
    enum reply_result (*dial)(void *ctx); /* as in struct repeat */
    void *ctx;
};

/*
 * Sends the letter to recipient i, with repeats, and marks in the draft what is known of it. The
 * draft is on stable storage first, as far as the disk allows. A copy that was sent already is not
 * sent again: REPEAT_DONE. The user keeps a copy of what was sent (sent.h). *result is the last
 * answer. call_words() says why it was not done.
 */
enum repeat_end deliver(const struct delivery *way, struct draft *d, size_t i,
                        enum reply_result *result);

#endif
