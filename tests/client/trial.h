/* SPDX-License-Identifier: ISC */
/*
 * trial: writes one letter while something happens to it; if it becomes a draft, sends that.
 * Violations are counted and printed. For one thread.
 */
#ifndef TRIAL_H
#define TRIAL_H

#include <stdint.h>

#include "evidence.h"
#include "stage.h"

struct trial {
    struct stage_world world; /* set up by the caller, and what follows */
    struct evidence evidence;
    struct buf quotation; /* what a reply begins with */
    uint64_t chance;
    bool count_calls; /* the system calls of the next letter are listed */
    /* in between: */
    struct script script;
    struct stage stage; /* the last one */
    struct buf story;   /* what happened to this letter */
    /* afterwards: */
    unsigned letters, violations, sent, resumed; /* in all */
    unsigned steps;                              /* until the first stage of the letter ended */
};

/* Tries one letter. False: the campaign cannot go on. */
bool trial_run(struct trial *t, enum way way, struct event event);

void trial_free(struct trial *t);

#endif
