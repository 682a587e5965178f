/* SPDX-License-Identifier: ISC */
/*
 * Whole sessions from memory: each ends, answers in whole frames, and gives back what it had. The
 * first byte says how it goes, the second is the seed of what pieces it comes in; '0' is nothing
 * special.
 */
#include "fuzz.h"
#include "session_fixture.h"

#define MEMORY    8192
#define FORGOT_MS INT64_C(1209600000) /* two weeks: no failed login counts any more */

static struct world w;

static void end(void)
{
    world_end(&w);
}

/* All inputs share one world, made to look new: a new one each time would take too long. */
static void begin(void)
{
    if (!w.service.store || world_ms > FORGOT_MS << 20) {
        if (w.service.store)
            world_end(&w);
        else
            fuzz_at_end(end);
        world_ms = 1;
        world_begin(&w, 3000, MEMORY);
    }
    fixture_clear(w.service.store);
    world_ms += FORGOT_MS;
    w.scatter = false;
    w.end = IO_CLOSED;
    w.room = UINT64_MAX;
    world_run(&w, SPAN("Register|2|ann|pw\n"));
    must(span_starts(buf_span(&w.output), SPAN("Answer|1|Yes|")));
}

void fuzz_one(struct span in)
{
    static const enum io_result ends[] = {IO_CLOSED, IO_TIMEOUT, IO_INTERRUPT};
    unsigned how = fuzz_byte(&in) - '0';

    begin();
    chance.state = fuzz_byte(&in);
    w.scatter = how & 1;
    w.reason = how & 2 ? "the end" : NULL;
    w.end = ends[(how >> 2) % 3];
    if (how & 16)
        w.room = fuzz_below(&in, 2000);
    bool breaks = w.room != UINT64_MAX;
    struct span said = exact(in);
    world_run(&w, said);
    must(breaks || world_well_formed(&w, said));
    must(w.users == 0 && budget_used(&w.budget) == 0 && w.fixture.troubles == 0);
    exact_free(said);
}
