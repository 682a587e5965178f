/* SPDX-License-Identifier: ISC */
#include "udp/reorder.h"

#include "tap.h"

#define BODY  "0000000001x"
#define EACH  (sizeof BODY - 1 + REORDER_BLOCK)
#define LIMIT (3 * EACH + 5)

static struct reorder r;
static size_t held; /* bytes that r has taken last */
static size_t most;
static unsigned asked;

static bool take(void *ctx, size_t bytes)
{
    asked++;
    if (bytes > held && bytes > *(const size_t *)ctx)
        return false;
    held = bytes;
    return true;
}

static void begin(size_t limit)
{
    held = asked = 0;
    most = limit;
    reorder_init(&r);
    r.memory = (struct reorder_memory){take, &most};
}

static enum reorder_result put(uint64_t number)
{
    return reorder_put(&r, number, SPAN(BODY));
}

static size_t read_bytes(size_t size)
{
    char out[1000];
    return reorder_read(&r, out, size < sizeof out ? size : sizeof out);
}

static void test_none(void)
{
    size_t none = 0;

    begin(none);
    is_int(put(3), REORDER_MEMORY, "reorder_put: an early datagram that is refused is dropped");
    ok(!reorder_came(&r, 3) && r.highest == 0, "... as if it had not come");
    for (uint64_t i = 1; i <= 3; i++) {
        asked = 0;
        is_int(put(i), REORDER_NEXT,
               "reorder_put: datagram %d is kept without memory, since none waits", (int)i);
        is_int(asked, 0, "... and is not asked about");
        is_int(put(i + 1), REORDER_MEMORY, "... but none after it");
        read_bytes(sizeof BODY - 2);
        is_int(put(i + 1), REORDER_MEMORY, "... nor when it has been read in part");
        is_int(read_bytes(1000), 1, "... until it has been read to its end");
    }
    asked = 0;
    reorder_free(&r);
    is_int(asked, 0, "... and nothing is given back");
}

static void test_some(void)
{
    size_t limit = LIMIT;

    begin(limit);
    for (uint64_t i = 3; i <= 5; i++)
        is_int(put(i), REORDER_EARLY, "reorder_put: %d early datagrams fit", (int)i - 2);
    is_int(held, 3 * EACH, "... and each counts with its block");
    is_int(put(6), REORDER_MEMORY, "... a fourth does not");
    is_int(put(4), REORDER_OLD, "reorder_put: one that has come already");
    is_int(put(9999), REORDER_FAR, "reorder_put: one that is too far ahead");
    is_int(held, 3 * EACH, "... and these change nothing");
    put(1);
    is_int(put(2), REORDER_MEMORY, "reorder_put: one that follows while nothing was read");
    read_bytes(sizeof BODY - 1);
    put(2);
    is_int(r.next, 6, "the missing ones come");
    is_int(held, 3 * EACH, "... and what came early counts until it is read");
    read_bytes(sizeof BODY - 1 + 1);
    is_int(held, 3 * EACH, "reorder_read: what has been read in part still counts");
    read_bytes(sizeof BODY - 2);
    is_int(held, 2 * EACH, "reorder_read: what has been read to its end is given back");
    is_int(put(7), REORDER_EARLY, "... and makes room");
    reorder_free(&r);
    is_int(held, 0, "reorder_free: everything is given back");
    is_int(put(2), REORDER_EARLY, "reorder_free: the next early datagram");
    is_int(held, EACH, "... counts again");
    reorder_free(&r);
}

static void test_many(void)
{
    size_t limit = SIZE_MAX;

    begin(limit);
    for (uint64_t n = 1; n < 4999; n += 3) { /* the bytes after the frame's end are not read */
        reorder_put(&r, n + 2, SPAN(BODY "more"));
        reorder_put(&r, n + 1, SPAN(BODY));
        put(n);
        read_bytes(n % 2 ? 1000 : 7);
        while (r.next - r.reading > 200)
            read_bytes(1000);
    }
    ok(held > 0, "after many datagrams, something counts");
    while (read_bytes(1000) > 0)
        ;
    is_int(held, 0, "... and nothing once all have been read");
    reorder_free(&r);
}

static void test_unlimited(void)
{
    reorder_init(&r);
    for (uint64_t i = REORDER_FIRST; i > 1; i--)
        if (put(i) != REORDER_EARLY)
            break;
    is_int(put(1), REORDER_NEXT, "without a limit");
    is_int(r.next, REORDER_FIRST + 1, "... all datagrams there is room for are kept");
    reorder_free(&r);
}

static void test_grow(void)
{
    size_t limit = 512 * (DATAGRAM_MAX + REORDER_BLOCK) + 512 * sizeof *r.slot + EACH;

    begin(limit);
    put(2);
    put(REORDER_FIRST);
    is_int(put(REORDER_FIRST + 1), REORDER_FAR, "reorder_put: the first window");
    ok(!reorder_grow(&r),
       "reorder_grow: refused without memory for a full window beside what waits");
    is_int(held, 2 * EACH, "... and nothing is taken");
    is_int(r.limit, REORDER_FIRST, "... and the limit stays");
    most += EACH;
    ok(reorder_grow(&r), "reorder_grow: the window grows if there is memory for it");
    is_int(r.limit, 512, "... to twice as many datagrams");
    is_int(held, 2 * EACH + 512 * sizeof *r.slot, "... and only its slots are taken");
    ok(!reorder_grow(&r), "... and it does not grow again without memory for that");
    for (uint64_t i = 3; i <= 512; i++)
        if (put(i) != (i == REORDER_FIRST ? REORDER_OLD : REORDER_EARLY))
            break;
    is_int(put(513), REORDER_FAR, "... and there is room for so many, but not more");
    put(1);
    is_int(r.next, 513, "... and what came before it grew is still there");
    size_t got = read_bytes(1000), n;
    while ((n = read_bytes(1000)) > 0)
        got += n;
    is_int(got, 512 * (sizeof BODY - 1), "... and all of it can be read");
    is_int(r.limit, 1024, "reorder_read: moves the limit of a larger window on");
    most = held;
    is_int(put(514), REORDER_MEMORY, "reorder_put: one that must wait, when memory is short");
    is_int(r.window, REORDER_FIRST, "... makes the window as small as at first");
    put(513);
    read_bytes(1000);
    is_int(r.limit, 1024, "... but what was promised stays");
    most = SIZE_MAX;
    is_int(put(1024), REORDER_EARLY, "... and there is room for it");
    for (int i = 0; i < 4; i++)
        reorder_grow(&r);
    is_int(r.window, REORDER_MAX, "reorder_grow: up to REORDER_MAX");
    ok(!reorder_grow(&r), "... and not further");
    ok(reorder_came(&r, 1024) && !reorder_came(&r, 1023 + 512), "... and each is in its place");
    reorder_free(&r);
    is_int(held, 0, "reorder_free: gives a larger window back");
    is_int(r.limit, REORDER_FIRST, "... and begins with the first one");
    is_int(put(REORDER_FIRST + 1), REORDER_FAR, "... in fact");
    reorder_free(&r);
}

int main(void)
{
    test_none();
    test_some();
    test_many();
    test_unlimited();
    test_grow();
    return done_testing();
}
