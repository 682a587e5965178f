/* SPDX-License-Identifier: ISC */
/* Check user. */
#include "session/args.h"
#include "session_fixture.h"

#define DATE "Sun Dec  3 15:51:33 2017"
#define YES  "Answer|1|Yes|\n"
#define NOOP "Answer|2|Noop|"
#define ANN  "Login|2|ann|pw\n"

static void talk(struct world *w, const char *said, const char *want, const char *name)
{
    is_str(world_run(w, span_str(said)), want, "%s", name);
}

static void set_limits(struct world *w, struct store_limits limits)
{
    store_set_limits(w->service.store, &limits);
}

static void test_answers(struct world *w)
{
    talk(w, ANN "Check user|1|bob\nCHK_US|1|Bob\nCheck user|1|ann\n", YES YES YES YES,
         "users who can be written to");
    talk(w, ANN "Check user|1|zoe\nCheck user|1|.x\n",
         YES NOOP "no such user|\n" NOOP NAME_RULE "|\n", "nobody, and what is no name");
    set_limits(w, (struct store_limits){.reserve_bytes = UINT64_MAX / 2});
    talk(w, ANN "Check user|1|bob\n", YES NOOP "the server's disk is full|\n", "a full disk");
    set_limits(w, (struct store_limits){.quota_bytes = 5});
    talk(w, ANN "Send mes|2|bob|1234\nCheck user|1|bob\nSend mes|2|bob|5\nCheck user|1|bob\n",
         YES "Answer|2|Yes|1^ann^" DATE "^4^2^^|\n" YES "Answer|2|Yes|2^ann^" DATE "^1^2^^|\n" NOOP
             "the mailbox is full|\n",
         "a mailbox is full when it has no room for a single byte");
}

/* A message may push others out of the trash; to ask whether it may changes nothing. */
static void test_trash(struct world *w)
{
    set_limits(w, (struct store_limits){.trash_s = 86400, .quota_messages = 2});
    talk(w, "Login|2|bob|pw\nCheck user|1|bob\nDelete mes|1|1\nCheck user|1|bob\nShow deleted\n",
         YES NOOP "the mailbox is full|\n" YES YES "Answer|2|Yes|1^ann^" DATE "^4^1^1234^|\n",
         "the trash makes room, and is not purged for a question");
    talk(w, "Login|2|bob|pw\nShow list\n", YES "Answer|2|Yes|2^ann^" DATE "^1^2^5^|\n",
         "nothing was stored");
    set_limits(w, (struct store_limits){.trash_s = 0});
}

#define TOO_OFTEN NOOP "too often: more than 2 messages a minute; try again in 30 s|\n"

static void test_rate(struct world *w)
{
    world_ms += 60000;
    w->service.limits.per_minute = 2;
    talk(w, ANN "Check user|1|zoe\nCheck user|1|bob\nCheck user|1|bob\nSend mes|2|bob|x\n",
         YES NOOP "no such user|\n" YES TOO_OFTEN TOO_OFTEN,
         "each counts as a message does, even one that finds nobody");
    ok(strstr(w->told.p, "event=check result=ok from=ann to=bob bytes=0 ms=0 level=info\n") != NULL,
       "the log says who asked for whom");
    w->service.limits.per_minute = 0;
}

int main(void)
{
    struct world w;

    random_begin();
    world_begin(&w, 1000, 65536);
    talk(&w, "Register|2|ann|pw\nRegister|2|bob|pw\n", YES YES, "two accounts");
    test_answers(&w);
    test_trash(&w);
    test_rate(&w);
    world_end(&w);
    return done_testing();
}
