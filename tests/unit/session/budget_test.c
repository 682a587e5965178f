/* SPDX-License-Identifier: ISC */
#include "session/budget.h"

#include <pthread.h>
#include <stdatomic.h>

#include "tap.h"

#define THREADS 8
#define ROUNDS  20000
#define BYTES   1000

static void test_shares(void)
{
    static struct budget b;
    struct budget_share mine = {0}, other = {0};

    budget_init(&b, BYTES);
    ok(budget_take(&b, &mine, 600) && mine.bytes == 600, "a share is given");
    ok(!budget_take(&b, &other, 401) && other.bytes == 0, "a share beyond what is left is refused");
    ok(budget_take(&b, &other, 400) && other.bytes == 400,
       "a share without an owner may take all that is left");
    ok(!budget_take(&b, &mine, 601) && mine.bytes == 600,
       "one byte more than the budget is refused");
    ok(budget_take(&b, &mine, 600) && mine.bytes == 600, "after a refusal the share is as before");
    ok(budget_take(&b, &mine, 100) && mine.bytes == 100, "a share gives some back");
    ok(!budget_take(&b, &other, SIZE_MAX) && other.bytes == 400, "a huge share is refused");
    ok(budget_take(&b, &other, 900), "what is given back is available to others");
    ok(budget_take(&b, &mine, 0) && budget_take(&b, &other, 0), "all shares are given back");
    is_int(budget_used(&b), 0, "then the whole budget is available");
    budget_destroy(&b);
}

/* Each of n owners takes as much as it can get, in small pieces. How much the last one has. */
static size_t greedy(struct budget *b, unsigned n, int which)
{
    struct budget_share shares[20] = {{0}};
    size_t last;

    for (unsigned i = 0; i < n; i++)
        shares[i].owners[which] = i + 1;
    for (unsigned round = 0; round < BYTES; round++)
        for (unsigned i = 0; i < n; i++)
            budget_take(b, &shares[i], shares[i].bytes + 1);
    last = shares[n - 1].bytes;
    for (unsigned i = 0; i < n; i++)
        budget_take(b, &shares[i], 0);
    return last;
}

static void test_owners(void)
{
    static struct budget b;
    struct budget_share ann = {.owners = {1, 7}}, ann_too = {.owners = {1, 8}},
                        bob = {.owners = {2, 9}}, housemate = {.owners = {3, 7}};

    budget_init(&b, BYTES);
    for (int which = 0; which < 2; which++) {
        is_int(greedy(&b, 1, which), BYTES / 2, "owners: one takes half of it at most");
        is_int(greedy(&b, 3, which), BYTES / 4, "owners: three take a quarter each");
        is_int(greedy(&b, 9, which), BYTES / 10, "owners: nine leave a tenth");
    }
    ok(!budget_take(&b, &ann, 334) && budget_take(&b, &ann, 333),
       "owners: a user takes a third of it from one address at most");
    ok(budget_take(&b, &housemate, 111), "owners: ... and leaves some to others of that address");
    ok(budget_take(&b, &housemate, 0) && budget_take(&b, &ann, 300),
       "owners: a user takes much from one address");
    ok(!budget_take(&b, &ann_too, 200), "owners: ... and gets no more from another");
    ok(budget_take(&b, &bob, 200), "owners: but another user does");
    ok(budget_take(&b, &ann, 0) && budget_take(&b, &bob, 0), "owners: all is given back");
    is_int(budget_used(&b), 0, "owners: ... and counted so");
    ok(budget_take(&b, &ann_too, 333), "owners: then it can be taken again");
    budget_destroy(&b);
}

static void test_resize(void)
{
    static struct budget b;
    struct budget_share mine = {0}, other = {0};

    budget_init(&b, BYTES);
    ok(budget_take(&b, &mine, 600), "a share is given");
    budget_resize(&b, 500);
    ok(mine.bytes == 600 && !budget_take(&b, &other, 1), "a smaller budget: no share grows");
    ok(!budget_take(&b, &mine, 601) && budget_take(&b, &mine, 550), "a share gives some back");
    ok(!budget_take(&b, &other, 1) && budget_take(&b, &mine, 400),
       "a smaller budget: more is given back");
    ok(!budget_take(&b, &other, 101) && budget_take(&b, &other, 100),
       "a smaller budget: then others get the rest");
    budget_resize(&b, BYTES);
    ok(!budget_take(&b, &mine, 901) && budget_take(&b, &mine, 900),
       "a larger budget: a share may grow");
    budget_resize(&b, 0);
    ok(budget_take(&b, &mine, 0) && budget_take(&b, &other, 0), "all shares are given back");
    budget_destroy(&b);
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
        struct budget_share share = {0};
        size_t want = i % 400;
        if (!budget_take(u->budget, &share, want))
            continue;
        if (atomic_fetch_add(u->out, want) + want > BYTES)
            atomic_store(u->wrong, true);
        atomic_fetch_sub(u->out, want);
        budget_take(u->budget, &share, 0);
    }
    return NULL;
}

static void test_threads(void)
{
    static struct budget b;
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
    is_int(budget_used(&b), 0, "threads: the whole budget comes back");
    budget_destroy(&b);
}

int main(void)
{
    test_shares();
    test_owners();
    test_resize();
    test_threads();
    return done_testing();
}
