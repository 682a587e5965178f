/* SPDX-License-Identifier: ISC */
#include "session/budget.h"

#include <pthread.h>

#include "tap.h"

#define THREADS 8
#define ROUNDS  20000
#define BYTES   1000

static void test_shares(void)
{
    struct budget b;
    size_t mine = 0, other = 0;

    budget_init(&b, BYTES);
    ok(budget_share(&b, &mine, 600) && mine == 600, "a share is given");
    ok(!budget_share(&b, &other, 401) && other == 0, "a share beyond what is left is refused");
    ok(budget_share(&b, &other, 400) && other == 400, "a share may take all that is left");
    ok(!budget_share(&b, &mine, 601) && mine == 600, "one byte more than the budget is refused");
    ok(budget_share(&b, &mine, 600) && mine == 600, "after a refusal the share is as before");
    ok(budget_share(&b, &mine, 100) && mine == 100, "a share gives some back");
    ok(!budget_share(&b, &other, SIZE_MAX) && other == 400, "a huge share is refused");
    ok(budget_share(&b, &other, 900), "what is given back is available to others");
    ok(budget_share(&b, &mine, 0) && budget_share(&b, &other, 0), "all shares are given back");
    is_int(b.left, BYTES, "then the whole budget is available");
}

static void test_resize(void)
{
    struct budget b;
    size_t mine = 0, other = 0;

    budget_init(&b, BYTES);
    ok(budget_share(&b, &mine, 600), "a share is given");
    budget_resize(&b, 500);
    ok(mine == 600 && !budget_share(&b, &other, 1), "a smaller budget: no share grows");
    ok(!budget_share(&b, &mine, 601) && budget_share(&b, &mine, 550), "a share gives some back");
    ok(!budget_share(&b, &other, 1) && budget_share(&b, &mine, 400),
       "a smaller budget: more is given back");
    ok(!budget_share(&b, &other, 101) && budget_share(&b, &other, 100),
       "a smaller budget: then others get the rest");
    budget_resize(&b, BYTES);
    ok(!budget_share(&b, &mine, 901) && budget_share(&b, &mine, 900),
       "a larger budget: a share may grow");
    budget_resize(&b, 0);
    ok(budget_share(&b, &mine, 0) && budget_share(&b, &other, 0), "all shares are given back");
    is_int(b.left, 0, "an empty budget: nothing is left");
}

struct user {
    struct budget *budget;
    atomic_size_t *out; /* what all have together */
    atomic_bool *wrong;
};

static void *take_and_give(void *arg)
{
    struct user *u = arg;

    for (size_t i = 0; i < ROUNDS; i++) {
        size_t share = 0, want = i % 400;
        if (!budget_share(u->budget, &share, want))
            continue;
        if (atomic_fetch_add(u->out, want) + want > BYTES)
            atomic_store(u->wrong, true);
        atomic_fetch_sub(u->out, want);
        budget_share(u->budget, &share, 0);
    }
    return NULL;
}

static void test_threads(void)
{
    struct budget b;
    atomic_size_t out = 0;
    atomic_bool wrong = false;
    struct user u = {&b, &out, &wrong};
    pthread_t threads[THREADS];

    budget_init(&b, BYTES);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, take_and_give, &u);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    ok(!atomic_load(&wrong), "threads together never have more than the budget");
    is_int(b.left, BYTES, "threads: the whole budget comes back");
}

int main(void)
{
    test_shares();
    test_resize();
    test_threads();
    return done_testing();
}
