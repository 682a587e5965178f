/* SPDX-License-Identifier: ISC */
/* The letter that warns of a quota, as sessions see it, and the name that it comes from. */
#include "session_fixture.h"

#define DATE "Sun Dec  3 15:51:33 2017"
#define YES  "Answer|1|Yes|\n"
#define NOOP "Answer|2|Noop|"
#define ANN  "Login|2|ann|pw\n"
#define OWN  NOOP "reserved for the server; nobody reads its mail|\n"

static void talk(struct world *w, const char *said, const char *want, const char *name)
{
    is_str(world_run(w, span_str(said)), want, "%s", name);
}

/* How often the log has this text. */
static int logged(const struct world *w, struct span text)
{
    struct span log = buf_span(&w->told);
    int n = 0;
    for (; log.n >= text.n; log = span_skip(log, 1))
        n += span_starts(log, text);
    return n;
}

static int events(const struct world *w)
{
    return logged(w, SPAN("event=quota_warning"));
}

static bool answered_before; /* the sender, when the warning is logged */

static void look_at_order(struct session_host *host, struct event *e)
{
    struct world *w = WORLD_OF(host, host);
    if (strcmp(e->name, "quota_warning") == 0)
        answered_before = w->output.n > 0 && memmem(w->output.p, w->output.n, "3^ann^", 6);
    world_tell(host, e);
}

static void test_warning(struct world *w)
{
    const struct store_limits limits = {.quota_messages = 4, .quota_warning = 75};
    store_set_limits(w->service.store, &limits);
    talk(w, ANN "Send mes|2|bob|1\nSend mes|2|bob|2\n",
         YES "Answer|2|Yes|1^ann^" DATE "^1^2^^|\nAnswer|2|Yes|2^ann^" DATE "^1^2^^|\n",
         "half full");
    is_int(events(w), 0, "... is not logged");
    w->host.tell = look_at_order;
    talk(w, ANN "Send mes|2|bob|3\n", YES "Answer|2|Yes|3^ann^" DATE "^1^2^^|\n", "nearly full");
    is_int(events(w), 1, "... is logged");
    ok(answered_before, "... after the sender has its answer");
    is_int(logged(w, SPAN("event=quota_warning result=ok user=bob bytes=3 quota_bytes=0 "
                          "messages=3 quota_messages=4 ms=0 level=notice\n")),
           1, "... with what is used");
    talk(w, "Login|2|bob|pw\nShow list|2|4|9\n",
         YES "Answer|2|Yes|4^mail-server^" DATE "^370^2^Your mailbox is nearly full^|\n",
         "the user has a letter");
    talk(w, ANN "Send mes|2|bob|5\n", YES NOOP "the mailbox is full|\n",
         "the mailbox is full after it");
}

/* Nobody may take the other reserved name, either. An account that has it cannot send as it. */
static void test_outside(struct world *w)
{
    struct store *store = w->service.store;
    talk(w, "Register|2|mail-outside|pw\nRegister|2|Mail-Outside|pw\n", OWN OWN,
         "nobody can register the name for mail from outside");
    talk(w, ANN "Send mes|2|mail-outside|hello\nCheck user|1|mail-outside\n", YES OWN OWN,
         "... nor send mail to it");
    if (!os_file_rename_new(store->dirs[LAYOUT_USERS], "eve", store->dirs[LAYOUT_USERS],
                            "mail-outside"))
        exit(1);
    talk(w,
         "Login|2|mail-outside|pw\nCheck user|1|ann\nSend mes|2|ann|I am from outside\n"
         "Send mes|2|mail-outside|to myself\nStatus|0|\n",
         YES OWN OWN OWN "Answer|6|Yes|0|0|0|0|4|\n",
         "an account that has had the name from before is open, but cannot send");
    talk(w, ANN "Send mes|2|mail-outside|hello\n", YES "Answer|2|Yes|1^ann^" DATE "^5^2^^|\n",
         "... and gets mail");
}

static void test_name(struct world *w)
{
    talk(w, "Register|2|mail-server|pw\nRegister|2|Mail-Server|pw\nRegister|2|mail-server|\n",
         OWN OWN OWN, "nobody can register the name");
    talk(w, ANN "Send mes|2|mail-server|hello\nCheck user|1|mail-server\nSend mes|2|ann|own\n",
         YES OWN OWN "Answer|2|Yes|1^ann^" DATE "^3^2^^|\n", "nobody can answer it");
    talk(w,
         ANN "Resend|2|mail-server|1\nResend|2|1|mail-server\nStart|1|2\nResend|2|mail-server|1\n",
         YES OWN OWN "Answer|2|Yes|2|\n" OWN, "... nor send anything again to it");
    talk(w, "Login|2|mail-server|pw\n", NOOP "wrong name or password|\n", "... nor log in");
}

int main(void)
{
    struct world w;

    random_begin();
    world_begin(&w, 1000, 65536);
    talk(&w, "Register|2|ann|pw\nRegister|2|bob|pw\nRegister|2|eve|pw\n", YES YES YES,
         "three accounts");
    test_warning(&w);
    test_name(&w);
    test_outside(&w);
    world_end(&w);
    return done_testing();
}
