/* SPDX-License-Identifier: ISC */
/* What a session refuses because it is too often. */
#include "session_fixture.h"

#include "random.h"
#include "tap.h"

#define YES "Answer|1|Yes|\n"
#define IN  "Login|2|ann|pw\n"

static void talk(struct world *w, const char *said, const char *want, const char *name)
{
    is_str(world_run(w, span_str(said)), want, "%s", name);
}

/* More wrong passwords at once, from many sessions, than there are turns: some are refused. */
static void test_refused_guess(struct world *w)
{
    world_guessed(w);
    talk(w, "Login|2|ann|pw\n",
         "Answer|2|Noop|too often: wrong passwords from this address; try again in 10 s|\n",
         "who loses his turn to others");
    w->rivals = false;
    is_int(w->paused_ms, 10000, "is told so after a while");
    ok(strstr(w->told.p, "event=delay user=ann ms=10000 level=info\n") &&
           strstr(w->told.p, "event=login result=fail user=ann reason=\"too often\" ms=10000 "
                             "level=warning\n"),
       "as is the log");
    talk(w, "Login|2|ann|pw\n", YES, "and gets the next");
    w->reason = "the server ends";
    w->end_in_pause = true;
    talk(w, "Login|2|zoe|x\nNoop\n",
         "Answer|2|Noop|too often: wrong passwords from this address; try again in 10 s|\n"
         "Exit|1|the server ends|\n",
         "a session that is to end does not wait");
    w->end_in_pause = false;
    w->reason = NULL;
    w->address = "192.0.2.7";
}

/* How long the last of these waits, two wrong passwords from each address, in milliseconds. */
static int64_t last_waits(struct world *w, const char *const *addresses)
{
    world_ms += 3600000;
    for (; *addresses; addresses++) {
        w->address = *addresses;
        world_run(w, span_str(addresses[1] ? "Login|2|nemo|x\n" : "Login|2|nobody|x\n"));
        world_run(w, span_str(addresses[1] ? "Login|2|none|y\n" : "Login|2|zero|y\n"));
    }
    w->address = "192.0.2.7";
    return w->paused_ms;
}

static void test_networks(struct world *w)
{
    static const char *const same[] = {"2001:db8::1", "2001:db8::ffff:1:2:3", NULL};
    static const char *const other[] = {"2001:db8::1", "2001:db8:0:1::1", NULL};
    static const char *const v4[] = {"198.51.100.7", "198.51.100.8", NULL};
    static const char *const odd[] = {"-", "fe80::1%eth0", NULL};

    is_int(last_waits(w, same), 800, "IPv6 addresses count by their network of 64 bits");
    is_int(last_waits(w, other), 200, "another network is another");
    is_int(last_waits(w, v4), 200, "IPv4 addresses count alone");
    is_int(last_waits(w, odd), 200, "as does what is none");
}

#define SEND(to) "Send mes|2|" to "|x\n"
#define TOO_MANY "Answer|2|Noop|too often: more than 2 messages a minute; try again in 30 s|\n"

static void test_too_many(struct world *w)
{
    static const char repeat[] =
        "Start|1|2\n" IN "Send mes|3|bob|x|00112233445566aa\nSend mes|3|bob|x|00112233445566aa\n";
    const char *got;

    w->service.limits.per_minute = 2;
    world_ms += 60000;
    is_int(world_count(w, IN SEND("nobody") SEND("nobody") SEND("nobody"),
                       "Answer|2|Noop|no such user"),
           3, "what stores nothing does not count");
    is_int(world_count(w, repeat, "Answer|2|Yes|"), 3, "a repeat");
    is_int(world_count(w, repeat, "Answer|2|Yes|"), 3, "does not count");
    is_int(world_count(w, IN SEND("bob"), "Answer|2|Yes|"), 1, "one more");
    talk(w, IN SEND("bob") "Resend|2|bob|1\n" SEND("bob"),
         YES TOO_MANY "Answer|2|Noop|no such message|\n" TOO_MANY,
         "then the limit, on all connections");
    ok(strstr(w->told.p, "event=send result=fail from=ann to=bob bytes=1 reason=\"too often\" ms=0 "
                         "level=info\n"),
       "the log is told");
    is_int(w->counters.messages_refused, 2, "the counters, too");
    is_int(world_count(w, repeat, "Answer|2|Yes|"), 3, "a repeat is still answered Yes");
    got = world_run(w, span_str("Login|2|bob|pw\n" SEND("bob")));
    ok(strstr(got, "Answer|2|Yes|"), "another user has his own");
    world_ms += 30000;
    got = world_run(w, span_str(IN SEND("bob") SEND("bob")));
    ok(strstr(got, "Answer|2|Yes|") && strstr(got, TOO_MANY), "later there is one more");
    w->service.limits.per_minute = 0;
}

int main(void)
{
    struct world w;

    random_begin();
    world_begin(&w, 1000, 65536);
    talk(&w, "Register|2|ann|pw\nRegister|2|bob|pw\n", YES YES, "two accounts");
    test_refused_guess(&w);
    test_networks(&w);
    test_too_many(&w);
    world_end(&w);
    return done_testing();
}
