/* SPDX-License-Identifier: ISC */
/* An invite's file: whoever looks at it sees the same. */
#include "store/invite.h"

#include "fuzz.h"
#include "os/clock.h"
#include "store_fixture.h"

#define CODE "0123456789abcdef0123456789abcdef"

static struct fixture f;
static struct store *store;
static int dir;

static void end(void)
{
    os_file_close(dir);
    store_close(store);
    fixture_end(&f);
}

static void begin(void)
{
    char path[400];

    fixture_begin_in(&f, "/dev/shm");
    store = fixture_open(&f, true);
    fixture_steady(store);
    snprintf(path, sizeof path, "%s/invites", f.path);
    dir = os_file_open_dir(path);
    fuzz_at_end(end);
}

static void count_good(void *ctx, const struct invite *invite)
{
    int *count = ctx;

    must(strcmp(invite->code, CODE) == 0 && invite->created >= 0);
    must(invite->expires == 0 || invite->expires > os_clock_now() - 60);
    ++*count;
}

static void count_bad(void *ctx, const char *file, const char *what)
{
    int *count = ctx;

    must(strcmp(file, CODE) == 0 && what[0]);
    ++*count;
}

void fuzz_one(struct span in)
{
    char code[INVITE_DIGITS + 1];
    int good = 0, bad = 0;

    if (!store)
        begin();
    if (in.n > 256) /* what no invite's file has */
        return;
    must(os_file_replace(dir, CODE, in));
    must(invite_each(store, count_good, &good) && invite_fsck(store, count_bad, &bad));
    must(good + bad <= 1);
    must((invite_check(store, SPAN(CODE), code) == ST_OK) == (good == 1));
    must(good == 0 || strcmp(code, CODE) == 0);
    os_clock_sleep(1000); /* an invite is kept for all of the second in which it expires */
    invite_purge(store);
    must(os_file_exists(dir, CODE) == (good + bad == 1));
}
