/* SPDX-License-Identifier: ISC */
#include "plan.h"

#include <stddef.h>

#define COPY_STEPS 6 /* come by when one copy is sent, and is answered */

#define OF(way) (1U << (way))
#define PLAIN   (OF(WRITE_IN_MENU) | OF(WRITE_BY_VERB))
#define MANY    OF(WRITE_TO_MANY)
#define REPLIES (OF(REPLY_IN_MENU) | OF(REPLY_BY_VERB))
#define EDITORS (OF(EDIT_IN_MENU) | OF(EDIT_BY_VERB) | OF(EDIT_A_REPLY))
#define TYPED   (PLAIN | MANY | REPLIES | OF(EDIT_IN_MENU))
#define ALL     (TYPED | EDITORS)

/* Where in a letter something happens. */
enum where {
    KEYS,
    AT_ONCE_KEYS,
    WAITS,
    CALLS,
    FIRST_STEPS, /* up to the letter itself */
    LAST_STEPS   /* while it is sent */
};

/* One row for each kind of event: in these ways, it is tried at each position or this far apart. */
static const struct kind {
    unsigned ways;
    enum where where;
    enum event_what what;
    unsigned apart;
} kinds[] = {
    {ALL & ~OF(EDIT_IN_MENU), CALLS, CLIENT_KILLED, 1},
    {TYPED, KEYS, CLIENT_KILLED, 1},
    {PLAIN, AT_ONCE_KEYS, CLIENT_KILLED, 1},
    {PLAIN | REPLIES | OF(EDIT_IN_MENU), KEYS, TERMINAL_CLOSED, 2},
    {PLAIN | OF(REPLY_IN_MENU), KEYS, INTERRUPTED, 3},
    {PLAIN, KEYS, SERVER_KILLED, 7},
    {PLAIN | OF(REPLY_BY_VERB), KEYS, SERVER_RESTARTED, 7},
    {PLAIN | OF(REPLY_IN_MENU), KEYS, USER_KICKED, 7},
    {PLAIN | OF(REPLY_IN_MENU), KEYS, DISK_FULL, 1},
    {PLAIN | OF(REPLY_BY_VERB), KEYS, DRAFT_WANTED, 1},
    {EDITORS, WAITS, CLIENT_KILLED, 1},
    {EDITORS, WAITS, TERMINAL_CLOSED, 1},
    {EDITORS, WAITS, EDITOR_KILLED, 1},
    {EDITORS, WAITS, DISK_FULL, 1},
    {OF(EDIT_IN_MENU), WAITS, SERVER_RESTARTED, 1},
    {OF(EDIT_BY_VERB), WAITS, DRAFT_WANTED, 1},
    {PLAIN, FIRST_STEPS, CLIENT_KILLED, 1},
    {PLAIN, FIRST_STEPS, SERVER_KILLED, 1},
    {PLAIN, FIRST_STEPS, SERVER_RESTARTED, 1},
    {PLAIN, FIRST_STEPS, USER_KICKED, 1},
    {PLAIN, FIRST_STEPS, CONNECTION_CUT, 1},
    {PLAIN, FIRST_STEPS, SERVER_AWAY, 3},
    {ALL, LAST_STEPS, CLIENT_KILLED, 1},
    {PLAIN | MANY | OF(REPLY_BY_VERB), LAST_STEPS, SERVER_KILLED, 1},
    {PLAIN | MANY | OF(EDIT_BY_VERB), LAST_STEPS, SERVER_RESTARTED, 1},
    {PLAIN | MANY, LAST_STEPS, USER_KICKED, 1},
    {PLAIN | MANY | OF(REPLY_IN_MENU), LAST_STEPS, CONNECTION_CUT, 1},
    {PLAIN | MANY, LAST_STEPS, SERVER_AWAY, 3},
    {PLAIN | MANY, LAST_STEPS, DISK_FULL, 1},
    {PLAIN, LAST_STEPS, DRAFT_WANTED, 1},
};

/* The first and the last position. */
static void find_range(const struct plan_extent *e, enum where where, struct event *first,
                       unsigned *last)
{
    unsigned copies = e->copies * COPY_STEPS, before = e->steps > copies ? e->steps - copies : 0;
    first->at = where == LAST_STEPS ? before + 1 : 1;
    switch (where) {
    case KEYS:
    case AT_ONCE_KEYS:
        first->when = where == KEYS ? AT_KEY : AT_ONCE;
        *last = e->keys;
        return;
    case WAITS:
        first->when = AT_WAIT;
        *last = e->waits;
        return;
    case CALLS:
        first->when = AT_CALL;
        *last = e->calls;
        return;
    case FIRST_STEPS:
    case LAST_STEPS:
        first->when = AT_STEP;
        *last = where == FIRST_STEPS ? before : e->steps;
    }
}

static void add_kind(struct plan *p, enum way way, const struct kind *kind,
                     const struct plan_extent *extent)
{
    struct event event = {.what = kind->what};
    unsigned last = 0;
    find_range(extent, kind->where, &event, &last);
    if (event.at <= last && p->nkinds < PLAN_KINDS_MAX)
        p->kinds[p->nkinds++] = p->nevents;
    for (; event.at <= last && p->nevents < PLAN_EVENTS_MAX; event.at += kind->apart) {
        p->events[p->nevents].way = way;
        p->events[p->nevents++].event = event;
    }
}

void plan_add(struct plan *p, enum way way, const struct plan_extent *extent, bool calls_only)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].ways & OF(way) && (!calls_only || kinds[i].where == CALLS))
            add_kind(p, way, &kinds[i], extent);
}

unsigned plan_choose(const struct plan *p, unsigned round, unsigned rounds, uint64_t seed)
{
    if (rounds >= p->nevents)
        return round % p->nevents;
    unsigned kind = round % p->nkinds, first = p->kinds[kind];
    unsigned n = (kind + 1 < p->nkinds ? p->kinds[kind + 1] : p->nevents) - first;
    unsigned of_kind = (rounds + p->nkinds - 1) / p->nkinds;
    unsigned begin = (unsigned)((seed + kind) % n); /* not the same place in each */
    return first + (begin + round / p->nkinds * n / of_kind) % n;
}
