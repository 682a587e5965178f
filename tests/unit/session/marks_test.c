/* SPDX-License-Identifier: ISC */
/* Peek mes and Mark mes. */
#include "session/args.h"
#include "session_fixture.h"

#define DATE       "Sun Dec  3 15:51:33 2017"
#define YES        "Answer|1|Yes|\n"
#define NOOP       "Answer|2|Noop|"
#define BOB        "Login|2|bob|pw\n"
#define TWO(state) "Answer|2|Yes|2^bob^" DATE "^3^" state "^two^|\n"

static void talk(struct world *w, const char *said, const char *want, const char *name)
{
    is_str(world_run(w, span_str(said)), want, "%s", name);
}

static void test_states(struct world *w)
{
    talk(w, BOB "Peek mes|1|2\nPEEK|1|2\nShow exact|1|2\nPeek mes|1|2\n",
         YES TWO("2") TWO("2") TWO("2") TWO("0"), "Peek mes keeps the state, Show exact does not");
    talk(w, BOB "Mark mes|2|2|2\nMARK|2|2|2\nShow unread\nStatus\n",
         YES YES YES "Answer|3|Yes|1^bob^" DATE "^3^2^one^|2^bob^" DATE
                     "^3^2^two^|\nAnswer|6|Yes|2|0|6|0|0|\n",
         "Mark mes marks as unread");
    talk(w, BOB "Mark mes|2|1|2\nMark mes|2|1|0\nMark mes|2|1|0\nShow unread\n",
         YES YES YES YES YES, "Mark mes marks as read");
}

static void test_refused(struct world *w)
{
    static const char none[] = YES YES NOOP "no such message|\n" NOOP "no such message|\n" NOOP
                                            "no such message|\n" NOOP "no such message|\n";

    talk(w, BOB "Mark mes|2|2|1\nMark mes|2|2|3\nMark mes|2|2|\nMark mes|2|2|-2\nMark mes|2|2|x\n",
         YES NOOP ARGS_STATE_RULE "|\n" NOOP ARGS_STATE_RULE "|\n" NOOP ARGS_STATE_RULE
                                  "|\n" NOOP ARGS_STATE_RULE "|\n" NOOP ARGS_STATE_RULE "|\n",
         "other states are refused with the rule");
    talk(w, BOB "Mark mes|2|x|0\nPeek mes|1|\n",
         YES NOOP ARGS_NUMBER_RULE "|\n" NOOP ARGS_NUMBER_RULE "|\n",
         "an id that is no number is refused with the rule");
    talk(w, BOB "Delete mes|1|1\nMark mes|2|1|2\nPeek mes|1|1\nMark mes|2|9|0\nPeek mes|1|9\n",
         none, "neither finds a message that is deleted, or that never was");
    talk(w, BOB "Show deleted\nRestore mes|1|1\nPeek mes|1|1\n",
         YES "Answer|2|Yes|1^bob^" DATE "^3^1^one^|\n" YES "Answer|2|Yes|1^bob^" DATE
             "^3^0^one^|\n",
         "the deleted message was left alone");
}

int main(void)
{
    struct world w;

    random_begin();
    world_begin(&w, 1000, 65536);
    talk(&w, "Register|2|bob|pw\n" BOB "Send mes|2|bob|one\nSend mes|2|bob|two\n",
         YES YES "Answer|2|Yes|1^bob^" DATE "^3^2^^|\nAnswer|2|Yes|2^bob^" DATE "^3^2^^|\n",
         "two messages");
    store_set_limits(w.service.store, &(struct store_limits){.trash_s = 3600});
    test_states(&w);
    test_refused(&w);
    world_end(&w);
    return done_testing();
}
