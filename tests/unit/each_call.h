/* SPDX-License-Identifier: ISC */
/* each_call: runs something again and again, while each call that store_faults.h knows fails. */
#ifndef EACH_CALL_H
#define EACH_CALL_H

#include "store_faults.h"

#include "descriptors.h"
#include "tap.h"

/* What is in use before a run. */
struct each_held {
    int blocks, descriptors;
};

static inline struct each_held each_hold(void)
{
    return (struct each_held){atomic_load(&faults.blocks), open_descriptors()};
}

/* After the run: what is in use besides was not given back. */
static inline void each_check_held(const struct each_held *before)
{
    struct each_held now = each_hold();

    if (now.blocks != before->blocks)
        is_wrong("%d blocks of memory are not freed", now.blocks - before->blocks);
    if (now.descriptors != before->descriptors)
        is_wrong("%d descriptors are not closed", now.descriptors - before->descriptors);
}

struct each_call {
    const char *what;

    /*
     * Lets the nth call fail with an error, and if ever is true all later ones, and tells what is
     * wrong (is_wrong). Returns whether that call was made.
     */
    /* cppcheck-suppress unusedStructMember ; each_call_fails calls it */
    bool (*run)(const void *ctx, int nth, int error, bool ever);
    const void *ctx;

    int least;  /* there are more calls than that */
    int stride; /* 1: each call fails, from the first on; else every stride-th one */
};

static inline void each_call_fails(const struct each_call *e, int first, int error, bool ever)
{
    const char *for_ever = ever ? " for ever" : "";
    int nth = first, bad = 0;

    for (; nth < 5000 && e->run(e->ctx, nth, error, ever); nth += e->stride) {
        if (wrong > 0 && bad == 0)
            diag("%s: call %d fails with %d%s: %s", e->what, nth, error, for_ever, first_wrong);
        bad += wrong > 0;
        wrong = 0;
    }
    ok(nth > e->least && nth < 5000, "%s: there are fewer than %d calls", e->what, nth);
    is_int(bad, 0, "%s: one call in %d fails%s with %d", e->what, e->stride, for_ever, error);
}

#endif
