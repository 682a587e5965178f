/* SPDX-License-Identifier: ISC */
/* Who is let in next, and who gives up. */
#include "session/gate.h"

#include <string.h>

#include "os/clock.h"
#include "tap.h"

#define FAR 60000

struct line {
    struct gate gate;
    char in[40]; /* the visitors in the order in which they were let in; guarded by the place */
};

struct visitor {
    struct line *line;
    pthread_t thread;
    char name; /* in capitals: another user of the same client */
};

static void *visit(void *arg)
{
    struct visitor *v = arg;
    if (gate_enter(&v->line->gate, (uint64_t)v->name | 32, (uint64_t)v->name, os_clock_ms() + FAR,
                   NULL, NULL)) {
        strncat(v->line->in, &v->name, 1);
        gate_leave(&v->line->gate);
    }
    return NULL;
}

static unsigned waiting(struct gate *g)
{
    pthread_mutex_lock(&g->mutex);
    unsigned n = g->waiting;
    pthread_mutex_unlock(&g->mutex);
    return n;
}

/* The clients come one after the other while the only place is taken. */
static void check_order(const char *come, const char *want, const char *name)
{
    struct line line = {.in = ""};
    struct visitor visitors[40];
    size_t n = strlen(come);

    gate_init(&line.gate, 1);
    gate_enter(&line.gate, 0, 0, os_clock_ms() + FAR, NULL, NULL);
    for (size_t i = 0; i < n; i++) {
        visitors[i] = (struct visitor){.line = &line, .name = come[i]};
        pthread_create(&visitors[i].thread, NULL, visit, &visitors[i]);
        while (waiting(&line.gate) <= i)
            os_clock_sleep(1);
    }
    gate_leave(&line.gate);
    for (size_t i = 0; i < n; i++)
        pthread_join(visitors[i].thread, NULL);
    is_str(line.in, want, "%s", name);
    is_int(line.gate.free, 1, "%s: the place is free again", name);
    gate_destroy(&line.gate);
}

static bool count_looks(void *ctx)
{
    int *looks = ctx;
    return ++*looks >= 3;
}

static void test_giving_up(void)
{
    struct gate g;
    int looks = 0;

    gate_init(&g, 1);
    ok(gate_enter(&g, 1, 0, os_clock_ms() + FAR, NULL, NULL), "giving up: the first has the place");
    int64_t begun = os_clock_ms();
    ok(!gate_enter(&g, 2, 0, begun + 300, NULL, NULL), "giving up: the second has a deadline");
    ok(os_clock_ms() - begun >= 300, "giving up: ... and waits until then");
    ok(!gate_enter(&g, 2, 0, os_clock_ms() + FAR, count_looks, &looks),
       "giving up: the third is told to");
    is_int(looks, 3, "giving up: ... and was asked before");
    is_int(waiting(&g), 0, "giving up: nobody waits any more");
    gate_leave(&g);
    ok(gate_enter(&g, 2, 0, os_clock_ms(), NULL, NULL),
       "giving up: the place is free for the next");
    gate_destroy(&g);
}

int main(void)
{
    check_order("abc", "abc", "gate: clients are let in as they come");
    check_order("aaaaaaaab", "abaaaaaaa", "gate: one client's crowd delays another by one turn");
    check_order("aaaabbbc", "abcababa", "gate: three clients take turns");
    check_order("aaaaaaaaA", "aAaaaaaaa",
                "gate: one user's crowd delays another of the same client by one turn");
    check_order("aaaabbAAB", "abABabAaa", "gate: users take the turns of their client");
    test_giving_up();
    return done_testing();
}
