/* SPDX-License-Identifier: ISC */
#include "base/recent.h"

#include "random.h"
#include "tap.h"

#define ENTRIES ((size_t)1024)

struct entry {
    struct recent_entry recent;
    unsigned count;
};

static struct entry entries[ENTRIES];
static const struct recent table = {entries, ENTRIES, sizeof entries[0]};

static struct entry *find(uint64_t key, int64_t now)
{
    return recent_find(table, key, now);
}

static void note(uint64_t key, int64_t now, int64_t until)
{
    struct entry *e = recent_take(table, key, now);

    e->count++;
    e->recent.until = until;
}

static void test_one(void)
{
    ok(!find(5, 1), "a key that was never added is not found");
    ok(!find(0, 1), "nor is the key 0 in an empty table");
    note(5, 1, 100);
    note(5, 50, 100);
    is_int(find(5, 99)->count, 2, "an entry is found, with its state, before its time");
    ok(!find(5, 100), "... and not from then on");
    note(5, 100, 200);
    is_int(find(5, 100)->count, 1, "an entry that is added again starts with zeros");
}

/* A flood pushes out entries that are forgotten as early as its own, not those with a later time.
 */
static void test_flood(void)
{
    memset(entries, 0, sizeof entries);
    note(7, 1, 600000);
    note(8, 1, 5000);
    for (int i = 0; i < 100000; i++)
        note(random_below(SIZE_MAX) << 1 | 1024, 1 + i / 10, 20000 + i / 10);
    ok(find(7, 2) != NULL, "flood: an entry with a later time stays");
    ok(!find(8, 2), "... one with an earlier time is pushed out");
}

/* A small table is one set. */
static void test_full(void)
{
    struct entry three[3] = {{.count = 0}}, *e;
    const struct recent small = RECENT_OF(three);

    for (uint64_t key = 1; key <= 3; key++) {
        e = recent_add(small, key, 1);
        ok(e != NULL, "place %d of 3 is free", (int)key);
        if (!e)
            return;
        e->recent.until = key == 2 ? 50 : RECENT_KEPT;
    }
    ok(!recent_add(small, 4, 49), "full: recent_add pushes nothing out");
    e = recent_take(small, 4, 49);
    ok(e == &three[1], "full: recent_take reuses the entry that is forgotten first");
    if (!e)
        return;
    e->recent.until = RECENT_KEPT;
    ok(!recent_take(small, 5, INT64_MAX - 1), "recent_take pushes out no entry that is kept");
    e->recent.until = 60;
    ok(recent_add(small, 5, 60) == e, "recent_add reuses an entry whose time is over");
}

int main(void)
{
    random_begin();
    test_one();
    test_full();
    test_flood();
    return done_testing();
}
