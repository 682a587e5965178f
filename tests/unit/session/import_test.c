/* SPDX-License-Identifier: ISC */
/* Import mes. */
#include "session/args.h"
#include "session_fixture.h"
#include "store/group.h"

#define OLD   "2001-02-28T23:59:59Z"
#define NOW   "2017-12-03T15:51:33Z"
#define YES   "Answer|1|Yes|\n"
#define NOOP  "Answer|2|Noop|"
#define TWO   "Answer|2|Yes|2|\n"
#define TOKEN "00112233445566aa"
#define IN    "Start|1|2\nLogin|2|ann|pw\n"

static void talk(struct world *w, const char *said, const char *want, const char *name)
{
    is_str(world_run(w, span_str(said)), want, "%s", name);
}

static void set_quota(struct world *w, uint64_t messages)
{
    store_set_limits(w->service.store, &(struct store_limits){.quota_messages = messages,
                                                              .index_bytes = 1 << 20,
                                                              .idle_mailboxes = 10});
}

static void test_stored(struct world *w)
{
    talk(w,
         IN "Import mes|3|" OLD "|0|an \\\\old\\p \\cletter\nIMPORT|3|" OLD
            "|2|\nStatus\nShow all\n"
            "Send mes|2|ann|new\nShow list\nStatus\n",
         TWO YES "Answer|2|Yes|1^ann^" OLD "^16^0^^|\nAnswer|2|Yes|2^ann^" OLD
                 "^0^2^^|\nAnswer|6|Yes|2|1|16|0|0|\nAnswer|3|Yes|1^ann^" OLD
                 "^16^0^an \\\\old\\p \\cletter^|2^ann^" OLD "^0^2^^|\nAnswer|2|Yes|3^ann^" NOW
                 "^3^2^^|\nAnswer|4|Yes|1^ann^" OLD "^16^0^an \\\\old\\p \\cletter^|2^ann^" OLD
                 "^0^0^^|3^ann^" NOW "^3^2^new^|\nAnswer|6|Yes|3|1|19|0|0|\n",
         "messages are stored with their dates and states");
    talk(w, "Login|2|ann|pw\nPeek mes|1|2\n",
         YES "Answer|2|Yes|2^ann^Wed Feb 28 23:59:59 2001^0^0^^|\n",
         "version 1 shows the date in its own form");
    ok(w->counters.messages == 3, "imported messages are counted");
}

static void test_token(struct world *w)
{
    static const char import[] = "Import mes|4|" OLD "|0|once|" TOKEN "\n";
    char said[400];

    snprintf(said, sizeof said, IN "%s%sImport mes|4|" NOW "|2|other|" TOKEN "\nShow list\n",
             import, import);
    talk(w, said,
         TWO YES "Answer|2|Yes|4^ann^" OLD "^4^0^^|\nAnswer|2|Yes|4^ann^" OLD
                 "^4^0^^|\nAnswer|2|Yes|4^ann^" OLD "^4^2^^|\nAnswer|5|Yes|1^ann^" OLD
                 "^16^0^an \\\\old\\p \\cletter^|2^ann^" OLD "^0^0^^|3^ann^" NOW
                 "^3^2^new^|4^ann^" OLD "^4^0^once^|\n",
         "a repeat with its token stores nothing and changes nothing");
    world_ms += 60000;
    w->service.limits.per_minute = 1;
    talk(w,
         IN "Import mes|3|" OLD "|0|x\nImport mes|3|" OLD "|0|x\nImport mes|4|" OLD "|0|once|" TOKEN
            "\n",
         TWO YES "Answer|2|Yes|5^ann^" OLD "^1^0^^|\n" NOOP
                 "too often: more than 1 messages a minute; try again in 60 s|\nAnswer|2|Yes|4^"
                 "ann^" OLD "^4^0^^|\n",
         "imported messages count against the limit, repeats do not");
    w->service.limits.per_minute = 0;
    world_ms += 60000;
    ok(strstr(w->told.p, "event=import result=ok from=ann to=ann id=5 bytes=1 ms=0 level=info\n"),
       "the log has the event");
}

static void refuses(struct world *w, const char *import, const char *want, const char *name)
{
    char said[400], expected[400];

    snprintf(said, sizeof said, IN "Import mes|%s\n", import);
    snprintf(expected, sizeof expected, TWO YES NOOP "%s|\n", want);
    talk(w, said, expected, name);
}

static void test_refused(struct world *w)
{
    static const char *const dates[] = {
        "",
        "x",
        "Sun Dec  3 15:51:33 2017",
        "2017-12-03T15:51:33",
        "2017-12-03T15:51:33z",
        "2017-12-03T15:51:33+01:00",
        "2017-12-03 15:51:33Z",
        "2017-12-03T24:00:00Z",
        "2017-02-29T15:51:33Z",
        "1969-12-31T23:59:59Z",
        "0000-01-01T00:00:00Z",
        "2017-12-04T15:51:34Z", /* a day and a second from now */
        "9999-12-31T23:59:59Z",
    };
    static const char *const states[] = {"", "1", "3", "-2", "02x", "u"};
    char import[200];

    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
        snprintf(import, sizeof import, "3|%s|0|x", dates[i]);
        refuses(w, import, ARGS_DATE_RULE, dates[i]);
    }
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        snprintf(import, sizeof import, "3|" OLD "|%s|x", states[i]);
        refuses(w, import, ARGS_STATE_RULE, states[i]);
    }
    refuses(w, "4|" OLD "|0|x|short", TOKEN_RULE, "a token against the rule");
    refuses(w, "2|" OLD "|0",
            "Import mes takes date/time, state, body, and in version 2 [token]; got 2",
            "too few arguments");
    w->service.limits.message_bytes = 3;
    refuses(w, "3|" OLD "|0|four", "the message is too large: 4 bytes, at most 3 are allowed",
            "a message over the limit");
    w->service.limits.message_bytes = 1000;
    set_quota(w, 5);
    refuses(w, "3|" OLD "|0|x", "the mailbox is full", "a mailbox that is full");
    set_quota(w, 0);
    talk(w, "Login|2|ann|pw\nImport mes|3|" OLD "|0|x\nStatus\n",
         YES NOOP "Import mes needs version 2 of the protocol; ask for it with Start|\n"
                  "Answer|6|Yes|5|1|24|0|0|\n",
         "version 1 has no Import mes, and nothing that was refused is stored");
}

static void test_bounds(struct world *w)
{
    talk(w,
         IN "Import mes|3|1970-01-01T00:00:00Z|0|x\nImport mes|3|2017-12-04T15:51:33Z|0|x\n"
            "Import mes|3|2016-12-31T23:59:60Z|0|x\n",
         TWO YES "Answer|2|Yes|6^ann^1970-01-01T00:00:00Z^1^0^^|\nAnswer|2|Yes|7^ann^2017-12-04T15:"
                 "51:33Z^1^0^^|\nAnswer|2|Yes|8^ann^2017-01-01T00:00:00Z^1^0^^|\n",
         "the first date, the last one, and a leap second");
}

/* The account is deleted, and a group gets its name. */
static bool replace_by_group(struct world *w)
{
    static const struct group bob = {.n = 1, .members = {{.name = "bob"}}};
    struct group_refusal why = {.why = NULL};
    struct who who;
    struct account a;

    w->meanwhile = NULL;
    w->input = SPAN("Import mes|3|" OLD "|0|mine\n");
    return account_find(w->service.store, "ann", &who, &a) == ST_OK &&
           account_delete(w->service.store, &who) == ST_OK &&
           group_add(w->service.store, "ann", &bob, &why) == ST_OK;
}

static void test_group(struct world *w)
{
    talk(w, "Register|2|bob|pw\n", YES, "another account");
    w->meanwhile = replace_by_group;
    talk(w, IN, TWO YES NOOP "no such user|\n", "a group that has got the user's name meanwhile");
    talk(w, "Login|2|bob|pw\nShow list\n", YES YES, "... has no message of the user");
}

int main(void)
{
    struct world w;

    random_begin();
    world_begin(&w, 1000, 65536);
    talk(&w, "Register|2|ann|pw\n", YES, "an account");
    set_quota(&w, 0); /* the mailbox stays in memory, as in a server */
    test_stored(&w);
    test_token(&w);
    test_refused(&w);
    test_bounds(&w);
    test_group(&w);
    world_end(&w);
    return done_testing();
}
