/* SPDX-License-Identifier: ISC */
/* What a session does when the store is lost, at each moment at which it asks. */
#include "session_fixture.h"
#include "store/fence.h"

#define YES  "Answer|1|Yes|\n"
#define EXIT "Exit|1|storage error, outcome unknown|\n"
#define ANN  "Login|2|ann|pw\n"

bool here_fence_holds(const struct store *s) __asm__("__wrap_fence_holds");
bool here_fence_touch(const struct store *s, int64_t until_ms) __asm__("__wrap_fence_touch");

static int asked, lost_at; /* the how manieth question is answered with no; 0: none */
static bool touched = true;
static int64_t patience_ms;

bool here_fence_holds(const struct store *s)
{
    (void)s;
    asked++;
    return lost_at == 0 || asked < lost_at;
}

bool here_fence_touch(const struct store *s, int64_t until_ms)
{
    (void)s;
    patience_ms = until_ms - os_clock_ms();
    return touched;
}

static const char *run(struct world *w, const char *said, int at)
{
    asked = 0;
    lost_at = at;
    return world_run(w, span_str(said));
}

static void begin(struct world *w)
{
    world_begin(w, 200000, 1 << 20);
    is_str(run(w, "Register|2|ann|pw\n", 0), YES, "an account");
}

static void set_warned(void *ctx, struct account *a)
{
    (void)ctx;
    a->warnings++;
    a->warned = true;
}

/* A message to the account may arm its quota warning, which takes the lock. */
static void begin_warned(struct world *w)
{
    const struct who who = {.name = "ann"};
    begin(w);
    w->service.store->limits.quota_messages = 1000;
    w->service.store->limits.quota_warning = 90;
    is_int(account_change(w->service.store, &who, set_warned, NULL), ST_OK, "... with a warning");
}

/* A server that has lost its store ends, so each moment has a store of its own. */
static void test_each_moment(void)
{
    static const char said[] = ANN "Noop\nSend mes|2|ann|text\nNoop\n";
    struct world w;
    begin_warned(&w);
    ok(strstr(run(&w, said, 0), "Answer|2|Yes|1^ann^") != NULL,
       "a store that is not lost: the request is answered");
    int questions = asked;
    ok(questions >= 5, "the fence is asked for each request and for the answers");
    world_end(&w);
    for (int i = 1; i <= questions; i++) {
        begin_warned(&w);
        is_str(run(&w, said, i), EXIT, "lost at question %d of %d: Exit, and no answer", i,
               questions);
        world_end(&w);
    }
}

/* A request that was not begun has no effect. */
static void test_not_begun(struct world *w)
{
    run(w, ANN "Send mes|2|ann|never\n", 2);
    ok(strstr(run(w, ANN "Show list\n", 0), "^never^") == NULL,
       "a request that is not begun stores nothing");
}

/* An answer of which a part was sent ends within it: an Exit would be taken for a part of it. */
static void test_cuts(struct world *w, const char *show, const char *yes, const char *none)
{
    const char *got = run(w, show, 0);
    ok(strlen(got) > 100000, "a long answer is sent");
    int questions = asked, cut = 0;
    for (int i = 1; i <= questions; i++) {
        got = run(w, show, i);
        bool begun = strlen(got) > 1000;
        size_t n = strlen(yes);
        cut += begun && strlen(got) < 100000;
        ok(begun ? !strstr(got, "Exit")
                 : strcmp(strncmp(got, yes, n) == 0 ? got + n : got, none) == 0,
           "lost at question %d of %d of a long answer: no Exit within it", i, questions);
    }
    ok(cut > 0, "... and %d times the answer was cut", cut);
}

static void test_long_answer(struct world *w)
{
    static char said[200000];
    struct buf text;
    buf_init(&text, sizeof said);
    buf_add_str(&text, ANN "Send mes|2|ann|");
    for (int i = 0; i < 100000; i++)
        buf_add_char(&text, 'x');
    buf_add_str(&text, "|\n");
    run(w, (buf_add_char(&text, '\0'), text.p), 0);
    buf_free(&text);
    test_cuts(w, ANN "Show all\n", YES, EXIT);
    test_cuts(w, "0000000015Login|2|ann|pw|0000000011Show all|0|", "0000000013Answer|1|Yes|",
              "0000000038Exit|1|storage error, outcome unknown|");
}

static void test_health(struct world *w)
{
    is_str(run(w, "Health\n", 0), YES, "Health: a store that answers: Yes");
    is_int(patience_ms, 2000, "Health: the store has 2 s to answer");
    is_str(run(w, "Health\n", 1), EXIT, "Health: a store that is lost at the last moment: Exit");
    touched = false;
    is_str(run(w, "Health\n", 0), "Exit|1|the store does not answer|\n",
           "Health: a store that does not answer: Exit");
    is_str(run(w, "Noop\nHealth\n", 1), EXIT, "Health: ... and other requests before it");
    touched = true;
    ok(leaving_begin(&w->leaving, 1), "Health: the server is drained");
    is_str(run(w, "Health\n", 0), "Answer|2|Noop|the server is being drained|\n",
           "Health: ... and answers Noop");
}

int main(void)
{
    struct world w;
    random_begin();
    test_each_moment();
    begin(&w);
    test_not_begun(&w);
    test_long_answer(&w);
    test_health(&w);
    world_end(&w);
    return done_testing();
}
