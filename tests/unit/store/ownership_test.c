/* SPDX-License-Identifier: ISC */
/*
 * What of a store must be ours, and how many accounts a start looks at, and for how long;
 * other_owner.t is about what it reports.
 */
#include "store/ownership.h"

#include "store_fixture.h"

#define ACCOUNTS 1020

static struct fixture f;

/* The linker gives us all calls of os_file_look. Each takes look_ms. */
bool slow_look(int dir, const char *name, struct os_file_info *info) __asm__("__wrap_os_file_look");
bool real_look(int dir, const char *name, struct os_file_info *info) __asm__("__real_os_file_look");
int64_t slow_ms(void) __asm__("__wrap_os_clock_ms");
static int64_t look_ms, clock_ms;
static int looks;
static const char *foreign; /* belongs to another user; NULL: nothing does */

bool slow_look(int dir, const char *name, struct os_file_info *info)
{
    looks++;
    clock_ms += look_ms;
    bool looked = real_look(dir, name, info);
    if (looked && foreign && strcmp(name, foreign) == 0)
        info->owner++;
    return looked;
}

int64_t slow_ms(void)
{
    return clock_ms;
}

static int count_looks(struct store *s, int64_t ms)
{
    look_ms = ms;
    looks = 0;
    ownership_report(s, f.path);
    look_ms = 0;
    return looks;
}

static void test_parts(void)
{
    static const char *const parts[] = {".",          LAYOUT_LOCK,    LAYOUT_VERSION,
                                        LAYOUT_DOORS, LAYOUT_CHANGES, LAYOUT_GROUPS,
                                        LAYOUT_LOG,   "users"};
    char why[OWNERSHIP_WHY_BYTES];

    ok(ownership_check(f.path, why), "all of the store is ours");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        foreign = parts[i];
        ok(!ownership_check(f.path, why), "%s is not", foreign);
        ok(strstr(why, i == 0 ? "it belongs" : foreign), "... as is said: %s", why);
    }
    foreign = NULL;
}

int main(void)
{
    char name[32];

    fixture_begin(&f);
    struct store *s = fixture_open(&f, true);
    ok(os_file_make_dir(s->dir, LAYOUT_GROUPS) && os_file_replace(s->dir, LAYOUT_DOORS, SPAN("")),
       "groups and a key for the doors are made when somebody needs them");
    test_parts();
    for (int i = 0; i < ACCOUNTS; i++) {
        snprintf(name, sizeof name, "user%d", i);
        if (!os_file_make_dir(s->dirs[LAYOUT_USERS], name))
            exit(1);
    }
    is_int(count_looks(s, 0), 1000, "a start looks at 1000 accounts if that is fast");
    is_int(count_looks(s, 1), 100, "a start looks at accounts for 100 ms if each takes 1 ms");
    is_int(count_looks(s, 1000), 1, "a start looks at one account if that takes a second");
    store_close(s);
    fixture_end(&f);
    return done_testing();
}
