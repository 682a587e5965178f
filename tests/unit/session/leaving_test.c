/* SPDX-License-Identifier: ISC */
#include "session/leaving.h"

#include <pthread.h>

#include "tap.h"

#define LATEST  INT64_MAX
#define CHANGES 200 /* by the other one that each administrator sees between two calls */
#define AT_ONCE 2

/* Two administrators who both ask for an earlier time again and again. */
static struct leaving both;
static atomic_bool enough;

struct administrator {
    pthread_t thread;
    int64_t taken; /* how often leaving_begin has changed something */
};

/* Whether the other one has changed the time since ours was taken. */
static bool is_changed(int64_t ours)
{
    return atomic_load(&both.refuse_ms) != ours;
}

static void *ask_for_earlier(void *ctx)
{
    struct administrator *a = ctx;

    for (int changes = 0; !atomic_load(&enough);) {
        int64_t earlier = atomic_load(&both.refuse_ms) - 1;
        if (!leaving_begin(&both, earlier))
            continue;
        a->taken++;
        changes += is_changed(earlier);
        if (changes >= CHANGES)
            atomic_store(&enough, true);
    }
    return NULL;
}

/* Each call that changes something makes the time earlier by 1, so no such change is lost. */
static void test_at_once(void)
{
    struct administrator a[AT_ONCE] = {{.taken = 0}};

    leaving_begin(&both, LATEST);
    for (int i = 0; i < AT_ONCE; i++)
        if (pthread_create(&a[i].thread, NULL, ask_for_earlier, &a[i]) != 0)
            exit(1);
    for (int i = 0; i < AT_ONCE; i++)
        pthread_join(a[i].thread, NULL);
    ok(a[0].taken > 0 && a[1].taken > 0, "two at once: both are heard");
    is_int(LATEST - atomic_load(&both.refuse_ms), a[0].taken + a[1].taken,
           "two at once: each earlier time counts once");
}

int main(void)
{
    struct leaving l = {0};

    ok(!leaving_has_begun(&l) && !leaving_refuses(&l, INT64_MAX), "leaving: a server stays");
    ok(leaving_begin(&l, 5000), "leaving_begin: the server is leaving");
    ok(leaving_has_begun(&l), "... at once");
    ok(!leaving_refuses(&l, 4999) && leaving_refuses(&l, 5000),
       "... and refuses clients from then on");
    ok(!leaving_begin(&l, 5000) && !leaving_begin(&l, 5001),
       "leaving_begin: a later time is ignored");
    ok(!leaving_refuses(&l, 4999) && leaving_refuses(&l, 5000), "... the first one counts");
    ok(leaving_begin(&l, 4000), "leaving_begin: an earlier time is taken");
    ok(!leaving_refuses(&l, 3999) && leaving_refuses(&l, 4000), "... and counts from then on");
    test_at_once();
    return done_testing();
}
