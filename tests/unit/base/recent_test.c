#include "base/recent.h"

#include "random.h"
#include "tap.h"

#define ENTRIES ((size_t)1024)

static struct recent table[ENTRIES];

static void note(uint64_t key, int64_t now_ms, int64_t until_ms)
{
    struct recent *r = recent_take(table, ENTRIES, key, now_ms);

    r->count++;
    r->until_ms = until_ms;
}

static void test_one(void)
{
    ok(!recent_find(table, ENTRIES, 5, 1), "what never happened is not found");
    ok(!recent_find(table, ENTRIES, 0, 1), "not under the key 0 either");
    note(5, 1, 100);
    note(5, 50, 100);
    is_int(recent_find(table, ENTRIES, 5, 99)->count, 2, "what did is, until it is forgotten");
    ok(!recent_find(table, ENTRIES, 5, 100), "then it is not");
    note(5, 100, 200);
    is_int(recent_find(table, ENTRIES, 5, 100)->count, 1, "and begins anew");
}

/* A flood of others pushes out what weighs as little as they, not what weighs more. */
static void test_flood(void)
{
    memset(table, 0, sizeof table);
    note(7, 1, 600000);
    note(8, 1, 5000);
    for (int i = 0; i < 100000; i++)
        note((uint64_t)random_below(SIZE_MAX) << 1 | 1024, 1 + i / 10, 20000 + i / 10);
    ok(recent_find(table, ENTRIES, 7, 2) != NULL, "what is to be remembered longer stays");
    ok(!recent_find(table, ENTRIES, 8, 2), "what is to be forgotten first goes");
}

int main(void)
{
    random_begin();
    test_one();
    test_flood();
    return done_testing();
}
