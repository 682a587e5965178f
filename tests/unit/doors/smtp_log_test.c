/* SPDX-License-Identifier: ISC */
/* What the log says about mail that submission and LMTP refuse, so that "why can Ann not send?" has
 * an answer. */
#include "doors/smtp.h"

#include "doors_fixture.h"

#define LOGIN "EHLO x\nAUTH PLAIN AGFubgBwdw==\n"
#define MAIL  "MAIL FROM:<ann@mail.test>\n"
#define BOB   "RCPT TO:<bob@mail.test>\n"
#define ANN   "event=not_sent user=ann command="
#define END   "\" ms=0 level=info\n"

static struct world w;

/* The events between those of the login and the end. */
static void tells(const char *said, const char *want, const char *name)
{
    char all[4000];
    snprintf(all, sizeof all, "%s%s", w.talk == &door_lmtp ? "LHLO x\n" : LOGIN, said);
    doors_say(&w, all);
    buf_add_char(&w.told, '\0');
    char *got = w.told.p, *end = strstr(got, "event=disconnect");
    if (strncmp(got, "event=login", 11) == 0)
        got = strchr(got, '\n') + 1;
    if (end)
        *end = '\0';
    is_str(got, want, "%s", name);
}

static void test_commands(void)
{
    tells("MAIL FROM:<boss@mail.test>\nMAIL FROM:<ann> SIZE=3000\nMAIL ann\n" BOB BOB,
          ANN "MAIL argument=FROM:<boss@mail.test> "
              "reason=\"553 5.7.1 not your address: you are ann@mail.test" END ANN
              "MAIL argument=\"FROM:<ann> SIZE=3000\" reason=\"552 5.3.4 the message is too large: "
              "at most 2980 bytes are allowed" END ANN
              "MAIL argument=ann reason=\"501 5.5.4 FROM:<your address> must follow" END,
          "MAIL; what follows from a refusal is not logged");
    tells(MAIL "RCPT TO:<\"a b\"@mail.test>\nRCPT TO:<bob> NOTIFY=NEVER\n",
          ANN "RCPT argument=\"TO:<\\\"a b\\\"@mail.test>\" reason=\"550 5.1.1 no such user" END ANN
              "RCPT argument=\"TO:<bob> NOTIFY=NEVER\" reason=\"555 5.5.4 unknown parameter" END,
          "RCPT");
    tells(MAIL "RCPT TO:<bob@far.test>\n",
          ANN "RCPT argument=TO:<bob@far.test> reason=\"550 5.7.1 far.test is not one of our "
              "domains (mail.test, other.test); this server sends no mail to other servers" END,
          "RCPT in another domain");
    tells(MAIL "RCPT TO:<zoe>\n",
          "event=check result=fail from=ann to=zoe bytes=0 reason=\"no such user" END,
          "RCPT of a user who does not exist is logged once");
}

static void test_texts(void)
{
    tells(MAIL BOB "DATA\nFrom: boss@mail.test\n\nx\n.\n",
          "event=check result=ok from=ann to=bob bytes=0 ms=0 level=info\n" ANN
          "DATA reason=\"550 5.7.1 the From field must have one address, yours: ann@mail.test" END,
          "a text");
    w.talk = &door_lmtp;
    tells("MAIL FROM:<>\n" BOB "RCPT TO:<ann>\nDATA\na\rb\n.\n",
          "event=not_sent command=DATA reason=\"550 5.6.11 a line of the message ends in LF or CR "
          "alone; it must end in CR LF" END,
          "a text for two by LMTP is logged once");
    tells("RCPT TO:<ann>\nMAIL FROM:<\xff\x1b>\nMAIL FROM:<\xff\n",
          "event=not_sent command=MAIL argument=\"FROM:<\\xff\" reason=\"501 5.5.4 FROM:<your "
          "address> must follow" END,
          "control characters do not reach the log");
}

static void test_strangers(void)
{
    w.talk = &door_submission;
    doors_say(&w, "EHLO x\n" MAIL BOB);
    ok(!memmem(w.told.p, w.told.n, "not_sent", 8), "who may not send fills no log");
}

int main(void)
{
    doors_begin(&w, &door_submission, 3000, 200000);
    account_register(w.service.store, "ann", "pw");
    account_register(w.service.store, "bob", "pw");
    test_commands();
    test_texts();
    test_strangers();
    doors_end(&w);
    return done_testing();
}
