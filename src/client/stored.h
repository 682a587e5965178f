/* SPDX-License-Identifier: ISC */
/*
 * stored: finds out whether a mailbox has a message already. For one thread.
 */
#ifndef CLIENT_STORED_H
#define CLIENT_STORED_H

#include "client/link.h"

struct stored {
    struct stored_message {
        int64_t date; /* in seconds since 1970 */
        uint64_t bytes, id;
        bool found; /* stored_find has found it */
    } * messages;   /* in the order of date and bytes */
    size_t n, cap;
};

/* Lists the mailbox. Fails as link_ask does. In every case the caller frees it. */
enum reply_result stored_list(struct stored *s, struct link *l);
void stored_free(struct stored *s);

/*
 * Finds a message with this date and body that was not found before, and sets *found. It looks at
 * messages of this size and date only, and no message changes its state. Fails as link_ask does.
 */
enum reply_result stored_find(struct stored *s, struct link *l, int64_t date, struct span body,
                              bool *found);

#endif
