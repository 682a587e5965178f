/* SPDX-License-Identifier: ISC */
/*
 * Hostile sessions: random bytes, and good sessions with some of their bytes changed. Whatever
 * comes, a session ends, what it wrote is whole frames, and it gives back what it had.
 */
#include "session_fixture.h"

#define ROUNDS  4000
#define MOST_MS 2000 /* of real time for each kind, on a slow machine */

static const char *const good[] = {
    "Login|2|ann|pw\nSend mes|2|ann|text\nShow list\nShow all\nShow exact|1|1\nStatus\nHelp\n",
    "Start|1|2\nLOG|2|ann|pw\nSND|3|ann|a\\pb\\nc|00000000000000aa\nSH_UNR\nRSND|2|ann|1\nEXIT\n",
    "Start|1|2\nLogin|2|ann|pw\nIMPORT|3|2017-12-03T12:51:33Z|0|te\\pxt\n"
    "Import mes|4|2017-12-03T12:51:33Z|2|text|00000000000000ab\nShow all\n",
    "Login|2|ann|pw\nSend mes|2|ann|text\nPeek mes|1|1\nMark mes|2|1|0\nMARK|2|1|2\nCHK_US|1|bob\n",
    "Register|2|bob|pw\nLogin|2|bob|pw\nPassword|2|pw|new\nDelete mes|1|1\nDelete user\nLogout\n",
    "0000000010Start|1|2|\r\n0000000015Login|2|ann|pw|0000000014Show unread|0|"
    "0000000024Send mes|2|ann|0^^^0^0^x^|0000000011Show all|0|0000000007Exit|0|",
    "0000000015Login|2|ann|pw|0000000020Send mes|2|ann|text|0000000013<Show all|0|>"
    "0000000019Show list|2|1|9999|0000000015Delete mes|1|2|0000000009Status|0|",
};

#define GOOD (sizeof good / sizeof *good)

/* Keeps only the first n bytes. */
static void shorten(struct buf *b, size_t n)
{
    buf_clear(b);
    buf_added(b, n);
}

/* Changes, removes, doubles or cuts off bytes. */
static void mutate(struct buf *b)
{
    static const char letters[] = "||||^^\\\n\r<>0129 aS\x01\xff";

    for (size_t n = random_below(6); n > 0 && b->n > 1; n--) {
        size_t at = random_below(b->n), end = at + random_below(b->n - at), old = b->n;
        switch (random_below(5)) {
        case 0:
        case 1:
            b->p[at] = letters[random_below(sizeof letters)];
            break;
        case 2:
            memmove(b->p + at, b->p + end, b->n - end);
            shorten(b, old - (end - at));
            break;
        case 3:
            if (buf_reserve(b, end - at)) {
                memcpy(b->p + old, b->p + at, end - at);
                buf_added(b, end - at);
            }
            break;
        default:
            shorten(b, random_below(8) ? old : at + 1);
        }
    }
}

static void make_mutant(struct buf *b)
{
    for (size_t n = 1 + random_below(3); n > 0; n--)
        buf_add_str(b, good[random_below(GOOD)]);
    mutate(b);
}

static void make_rubbish(struct buf *b)
{
    char bytes[400];

    if (random_below(2))
        buf_add_str(b, random_below(2) ? "Login|2|ann|pw\n" : "0000000015Login|2|ann|pw|");
    buf_add(b, random_bytes(bytes, sizeof bytes));
}

static bool one_round(struct world *w, void (*make)(struct buf *b))
{
    static const enum io_result ends[] = {IO_CLOSED, IO_LOST, IO_TIMEOUT, IO_INTERRUPT};
    struct buf said;

    buf_init(&said, SIZE_MAX);
    make(&said);
    w->scatter = false;
    w->end = IO_CLOSED;
    w->room = UINT64_MAX;
    world_run(w, SPAN("Register|2|ann|pw\n")); /* the last session may have deleted it */
    struct span input = exact(buf_span(&said));
    w->scatter = random_below(2);
    w->end = ends[random_below(sizeof ends / sizeof *ends)];
    w->reason = random_below(2) ? "the end" : NULL;
    w->room = random_below(10) ? UINT64_MAX : random_below(2000);
    bool breaks = w->room != UINT64_MAX;
    world_run(w, input);
    bool fine = breaks || world_well_formed(w, input);
    if (!fine)
        diag("said \"%.*s\", got \"%.500s\"", SPAN_PRINTF(input), w->output.p);
    exact_free(input);
    buf_free(&said);
    return fine;
}

/* The world's clock stands still: this one does not. */
static int64_t real_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void test(void (*make)(struct buf *b), const char *name)
{
    struct world w;
    int64_t until = real_ms() + MOST_MS;
    int rounds = 0;
    bool fine = true;

    world_begin(&w, 3000, 8192);
    for (; fine && rounds < ROUNDS && real_ms() < until; rounds++)
        fine = one_round(&w, make);
    ok(fine, "%s: %d sessions", name, rounds);
    if (!fine)
        random_diag();
    is_int(budget_used(&w.budget), 0, "all memory is back");
    ok(w.fixture.troubles == 0, "and the store is well: %s", w.fixture.last);
    world_end(&w);
}

int main(void)
{
    random_begin();
    test(make_mutant, "changed sessions");
    test(make_rubbish, "random bytes");
    return done_testing();
}
