/* SPDX-License-Identifier: ISC */
/*
 * What a session tells the log. The clock stands still, so all takes 0 ms but for waiting.
 */
#include "proto/frame.h"
#include "session_fixture.h"

#define IN   "Login|2|ann|pw\n"
#define GONE "event=disconnect reason=\"closed by the client\" "

/* A session's events, but for the end. */
static void tells(struct world *w, const char *said, const char *want, const char *name)
{
    char *end;

    world_run(w, span_str(said));
    buf_add_char(&w->told, '\0');
    end = strstr(w->told.p, GONE);
    if (end)
        *end = '\0';
    is_str(w->told.p, want, "%s", name);
}

/* The last event of a session. */
static void ends(struct world *w, const char *said, const char *want, const char *name)
{
    char *last;

    world_run(w, span_str(said));
    w->told.p[w->told.n - 1] = '\0';
    last = strrchr(w->told.p, '\n');
    is_str(last ? last + 1 : w->told.p, want, "%s", name);
}

static void test_account(struct world *w)
{
    tells(w, "Register|2|Ann|pw\nRegister|2|ann|pw\n",
          "event=register result=ok user=ann ms=0 level=notice\n"
          "event=register result=fail user=ann reason=\"this name is taken\" ms=0 level=notice\n",
          "Register");
    tells(w, "Login|2|ann|no\nLogin|2|zoe|pw\n" IN "Logout\n",
          "event=login result=fail user=ann reason=\"wrong name or password\" ms=0 level=warning\n"
          "event=login result=fail user=zoe reason=\"wrong name or password\" ms=0 level=warning\n"
          "event=login result=ok user=ann ms=0 level=info\n"
          "event=logout result=ok user=ann ms=0 level=info\n",
          "Login and Logout");
    tells(w, "Login|2|ann pw|pw\nLogin|2|ann\nLogin|2|ann|\n", "",
          "what is no name, and perhaps a password, is not told");
    tells(w, IN "Password|2|no|new\nPassword|2|pw|new\nPassword|2|new|pw\n",
          "event=login result=ok user=ann ms=0 level=info\n"
          "event=passwd result=fail user=ann reason=\"wrong name or password\" ms=0 level=warning\n"
          "event=passwd result=ok user=ann ms=0 level=notice\n"
          "event=passwd result=ok user=ann ms=0 level=notice\n",
          "Password");
    tells(w, "Register|2|bob|pw\nLogin|2|bob|pw\nDelete user\n",
          "event=register result=ok user=bob ms=0 level=notice\n"
          "event=login result=ok user=bob ms=0 level=info\n"
          "event=delete_user result=ok user=bob ms=0 level=notice\n",
          "Delete user");
}

static void test_mail(struct world *w)
{
    static const char in[] = "event=login result=ok user=ann ms=0 level=info\n";
    char want[1000];

    snprintf(want, sizeof want, "%s%s", in,
             "event=send result=ok from=ann to=ann id=1 bytes=5 ms=0 level=info\n"
             "event=send result=fail from=ann to=zoe bytes=5 reason=\"no such user\" ms=0 "
             "level=info\n");
    tells(w, IN "Send mes|2|ann|hello\nSend mes|2|zoe|hello\n", want, "Send mes");
    snprintf(want, sizeof want, "%s%s", in,
             "event=resend result=ok from=ann to=ann id=2 bytes=5 ms=0 level=info\n"
             "event=resend result=ok from=ann to=ann id=2 repeat=yes bytes=5 ms=0 level=info\n");
    tells(w, "Start|1|2\n" IN "Resend|3|ann|1|00000000000000aa\nResend|3|ann|1|00000000000000aa\n",
          want, "Resend, and its repeat");
    snprintf(want, sizeof want, "%s%s", in,
             "event=delete result=ok user=ann id=1 ms=0 level=info\n"
             "event=delete result=fail user=ann id=9 reason=\"no such message\" ms=0 level=info\n");
    tells(w, IN "Delete mes|1|1\nDelete mes|1|9\nDelete mes|1|x\n", want, "Delete mes");
    tells(w, IN "Show all\nShow list\nStatus\nNoop\n", in, "who only reads is not told of");
}

static void test_disconnect(struct world *w)
{
    ends(w, "Noop\n", GONE "in=5 out=14 ms=0 level=info", "the client closes");
    ends(w, IN "Exit\nNoop\n",
         "event=disconnect reason=\"the client sent Exit\" user=ann in=25 out=28 ms=0 level=info",
         "Exit");
    w->end = IO_TIMEOUT;
    ends(w, "",
         "event=disconnect reason=\"idle timeout\" in=0 out=30 ms=1800000 "
         "level=info",
         "silence");
    w->end = IO_INTERRUPT;
    w->reason = "kicked";
    ends(w, "Noop\n", "event=disconnect reason=kicked in=5 out=29 ms=0 level=info", "a reason");
    w->end = IO_CLOSED;
    w->room = 10;
    ends(w, "Noop\n",
         "event=disconnect reason=\"the connection is broken\" in=5 out=0 ms=0 level=info",
         "a connection that breaks");
    w->room = UINT64_MAX;
}

static void test_protocol(struct world *w)
{
    static const struct {
        const char *said, *reason, *rest, *level;
    } rows[] = {
        {"GET / HTTP/1.0\n", "this is not a web server", "in=15 out=33", "info"},
        {"PROXY TCP4 192.0.2.7 192.0.2.1 7777 5555\r\n",
         "a PROXY header, but this address is not in proxy-from", "in=42 out=62", "warning"},
        {"0000000007Noop|0|x", "the next frame cannot be found", "in=18 out=169", "info"},
        {"9999999999", "the frame is too long", "in=10 out=118", "info"},
    };
    char want[300];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(want, sizeof want,
                 "event=protocol reason=\"%s\" level=%s\n"
                 "event=disconnect reason=\"%s\" %s ms=0 level=info\n",
                 rows[i].reason, rows[i].level, rows[i].reason, rows[i].rest);
        tells(w, rows[i].said, want, rows[i].reason);
    }
}

int main(void)
{
    struct world w;

    random_begin();
    world_begin(&w, 1000, 65536);
    w.service.limits.login_delay_ms = 0; /* no delays */
    test_account(&w);
    test_mail(&w);
    test_disconnect(&w);
    test_protocol(&w);
    world_end(&w);
    return done_testing();
}
