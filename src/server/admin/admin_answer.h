/* SPDX-License-Identifier: ISC */
/*
 * admin_answer: the answer to an administrator's request. A long one is handed on in parts while it
 * is made: the first rows come at once, and memory stays bounded. For one thread.
 */
#ifndef ADMIN_ADMIN_ANSWER_H
#define ADMIN_ADMIN_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "proto/status.h"

struct admin_answer {
    int code;        /* EX_OK, or an exit code of sysexits.h */
    struct buf text; /* EX_OK: rows, each ended by LF, columns separated by tabs; else an error */

    /*
     * Takes whole rows, before the last ones; may wait until they are read. False: nobody reads
     * them. NULL: the answer has one part.
     */
    bool (*take)(void *ctx, const struct buf *rows);
    void *ctx;
    int64_t taken_ms; /* when rows were taken last; 0: never */
    bool cut;         /* take has failed: nobody reads the rest */
};

/* Makes the text an error with this exit code. */
void admin_answer_fail(struct admin_answer *a, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Hands on the rows in text, and empties it. May wait: the caller holds no lock. False: the rest of
 * the answer is not wanted; or the text has failed, and stays like this.
 */
bool admin_answer_pass_on(struct admin_answer *a);

/* To be called after each row. The same once there are enough rows, or a row has waited a while. */
bool admin_answer_row_done(struct admin_answer *a);

/*
 * The state, in a row, of an account or a group that cannot be looked at: "broken", or "busy" if
 * that may pass.
 */
const char *admin_answer_state(enum status st);

#endif
