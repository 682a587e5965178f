/* SPDX-License-Identifier: ISC */
/* What submission and LMTP store, for whom, how often, and what they answer. */
#include "doors/smtp.h"

#include "doors_fixture.h"
#include "store/group.h"

#define MARK      "MIME-Version: 1.0\n"
#define LOGIN     "EHLO x\nAUTH PLAIN AGFubgBwdw==\n"
#define MAIL      "MAIL FROM:<ann@mail.test>\n"
#define BOB       "RCPT TO:<bob@mail.test>\n"
#define CARL      "RCPT TO:<carl@mail.test>\n"
#define TO_BOB    MAIL BOB "DATA\n"
#define ID(n)     "Message-ID: <" n "@x>\n"
#define RESERVED  "450 4.7.1 too often: more than "
#define TOO_LARGE "552 5.3.4 the message is too large: at most 2980 bytes are allowed\n"
#define AUTHOR    "550 5.7.1 the From field must have one address, yours: ann@mail.test\n"

static struct world w;

/* What is answered to what the session is said after its login, or after LHLO: the answers to DATA
 * and to the text, whose first begins with 354, and all later ones. */
static const char *after_data(const char *said)
{
    static char all[65536];
    snprintf(all, sizeof all, "%s%s", w.talk == &door_lmtp ? "LHLO x\n" : LOGIN, said);
    const char *got = doors_say(&w, all), *data = strstr(got, "\n354 ");
    data = data ? strchr(data + 1, '\n') : NULL;
    return data ? data + 1 : got;
}

static void answers(const char *said, const char *want, const char *name)
{
    is_str(after_data(said), want, "%s", name);
}

static struct mailbox *open_box(const char *user)
{
    struct who who = {.generation = ""};
    struct mailbox *mb = NULL;
    snprintf(who.name, sizeof who.name, "%s", user);
    if (mailbox_open(w.service.store, &who, &mb) != ST_OK)
        ok(false, "the mailbox of %s can be opened", user);
    return mb;
}

/* How many messages a user has. */
static int count(const char *user)
{
    struct mailbox *mb = open_box(user);
    struct mail m;
    uint32_t mark = 0;
    int n = 0;
    while (messages_next(mb, &mark, &m) == ST_OK)
        n++;
    mailbox_close(mb);
    return n;
}

/* The last message of a user is this one. */
static void last_is(const char *user, const char *from, struct span body, const char *name)
{
    struct mailbox *mb = open_box(user);
    struct mail m = {.id = 0}, last = {.id = 0};
    uint32_t mark = 0;
    while (messages_next(mb, &mark, &m) == ST_OK)
        last = m;
    is_str(last.from, from, "%s: its sender", name);
    is_int(fixture_body(mb, &last, body), ST_OK, "%s: each byte", name);
    mailbox_close(mb);
}

/* Whether the last message of a user has a token that only a door can make. */
static bool is_proven(const char *user, const char *from, struct span body)
{
    struct mailbox *mb = open_box(user);
    struct mail m = {.id = 0}, last = {.id = 0};
    uint32_t mark = 0;
    while (messages_next(mb, &mark, &m) == ST_OK)
        last = m;
    mailbox_close(mb);
    return door_key_proves(doors_service.key, span_str(from), span_str(user), body, last.token);
}

static void begin(const struct conversation *talk)
{
    static const char *const users[] = {"ann", "bob", "carl"};
    doors_begin(&w, talk, 3000, 200000);
    for (size_t i = 0; i < 3; i++)
        account_register(w.service.store, users[i], "pw");
}

/* --- texts --- */

static void test_texts(void)
{
    answers(TO_BOB "From: ann@mail.test\n\n..dots\n.a\n.\nQUIT\n",
            "250 2.0.0 stored as message 1\n221 2.0.0 goodbye\n", "a message");
    last_is("bob", "ann", SPAN(MARK "From: ann@mail.test\r\n\r\n.dots\r\na\r\n"), "a message");
    ok(is_proven("bob", "ann", SPAN(MARK "From: ann@mail.test\r\n\r\n.dots\r\na\r\n")),
       "a message: its token shows that it came through a door");
    answers(TO_BOB "MIME-Version: 1.0\nSubject: x\n\ny\n.\n", "250 2.0.0 stored as message 2\n",
            "a message that begins with the mark");
    last_is("bob", "ann", SPAN("MIME-Version: 1.0\r\nSubject: x\r\n\r\ny\r\n"),
            "a message that begins with the mark");
    answers(TO_BOB "MIME-Version: 1.0 \n.\n", "250 2.0.0 stored as message 3\n",
            "a line that is nearly the mark");
    last_is("bob", "ann", SPAN(MARK "MIME-Version: 1.0 \r\n"), "a line that is nearly the mark");
    answers(TO_BOB ".\n", "250 2.0.0 stored as message 4\n", "an empty message");
    last_is("bob", "ann", SPAN(MARK "\r\n"), "an empty message");
}

static void test_bytes(void)
{
    static const char begin_text[] = LOGIN TO_BOB "Subject: x\n\n";
    struct buf said, want;
    buf_init(&said, 100000);
    buf_init(&want, 100000);
    doors_add_lines(&said, begin_text);
    buf_add_str(&want, MARK "Subject: x\r\n\r\n");
    size_t at = said.n;
    buf_printf(&said, "%0*d\r\n", 1000, 0);
    buf_add(&said, SPAN("a\0b\xff\t\x01\x7f\r\n"));
    buf_add(&want, span_skip(buf_span(&said), at));
    buf_add_str(&said, ".\r\n");
    world_run(&w, buf_span(&said));
    last_is("bob", "ann", buf_span(&want), "a line of 1,000 bytes, a NUL and 8 bits");
    buf_free(&said);
    buf_free(&want);
}

static void test_alone(void)
{
#define ALONE "550 5.6.11 a line of the message ends in LF or CR alone; it must end in CR LF\n"
    int before = count("bob");
    answers(TO_BOB "a\r\rb\n.\nNOOP\n", ALONE "250 2.0.0 here\n", "a CR alone");
    struct span said = SPAN("EHLO x\r\nAUTH PLAIN AGFubgBwdw==\r\nMAIL FROM:<ann>\r\n"
                            "RCPT TO:<bob>\r\nDATA\r\na\n.\r\nMAIL FROM:<ann>\r\n"
                            "RCPT TO:<bob>\r\nDATA\r\nb\r\n.\r\nNOOP\r\n");
    const char *got = strstr(world_run(&w, said), "354 ");
    is_str(got ? strchr(got, '\n') + 1 : "",
           "550 5.6.11 a line of the message ends in LF or CR alone; it must end in CR LF\r\n"
           "250 2.0.0 here\r\n",
           "a second message after LF . CR LF is a part of the first");
    is_int(count("bob"), before, "... and nothing is stored");
}

static void test_size(void)
{
    char said[8000];
    int before = count("bob");
    snprintf(said, sizeof said, TO_BOB "%0*d\n.\n", 2978, 0);
    answers(said, "250 2.0.0 stored as message 6\n", "the largest message");
    is_int(count("bob"), before + 1, "... is stored");
    snprintf(said, sizeof said, TO_BOB "%0*d\n.\nNOOP\n", 2979, 0);
    answers(said, TOO_LARGE "250 2.0.0 here\n", "one byte more");
    w.service.limits.message_bytes = 100000;
    budget_resize(&w.budget, 0);
    snprintf(said, sizeof said, TO_BOB "%0*d\n.\nNOOP\n", 7000, 0);
    answers(said, "250 2.0.0 stored as message 7\n250 2.0.0 here\n",
            "a short one takes no memory of others");
    static char longer[20000];
    snprintf(longer, sizeof longer, TO_BOB "%0*d\n.\nNOOP\n", 9000, 0);
    answers(longer, "452 4.3.1 the server is short of memory, try again later\n250 2.0.0 here\n",
            "a long one without memory");
    budget_resize(&w.budget, 200000);
    answers(longer, "250 2.0.0 stored as message 8\n250 2.0.0 here\n", "... and with it");
    w.service.limits.message_bytes = 9100;
    budget_resize(&w.budget, 3000); /* a third of it for one user */
    answers(longer, "250 2.0.0 already stored as message 8\n250 2.0.0 here\n",
            "it takes no more memory than the largest message needs");
    w.service.limits.message_bytes = 3000;
}

static void test_author(void)
{
    int before = count("bob");
    answers(TO_BOB "From: bob@mail.test\n\n.\n", AUTHOR, "From another user");
    answers(TO_BOB "From: \"\"@mail.test\n\n.\n", AUTHOR, "From an empty name");
    answers(TO_BOB "From: ann@foreign.test\n\n.\n", AUTHOR, "From another domain");
    answers(TO_BOB "From: ann@mail.test, bob@mail.test\n\n.\n", AUTHOR, "From two users");
    answers(TO_BOB "X: y\nnothing\nfrom : bob\n\n.\n", AUTHOR, "From another, after a bad line");
    answers(TO_BOB "nothing\nFrom: bob\n\n.\n", AUTHOR, "From another, after a bad first line");
    answers(TO_BOB "From\t: bob\n\n.\n", AUTHOR, "From another, first, with a tab after it");
    answers(TO_BOB "From: ann\nSender: bob\n\n.\n",
            "550 5.7.1 the Sender field must have one address, yours: ann@mail.test\n",
            "another Sender");
    answers("MAIL FROM:<>\n" BOB "DATA\nFrom: bob@mail.test\n.\n", AUTHOR,
            "From another, with an empty envelope sender");
    is_int(count("bob"), before, "... are not stored");
    answers(TO_BOB "From: Ann <ANN+news@Other.Test>\n\n.\n", "250 2.0.0 stored as message 9\n",
            "From the user, at another of our domains");
}

static void test_hops(void)
{
    static char said[4000];
    char *p = said + sprintf(said, TO_BOB);
    for (int i = 0; i < 101; i++)
        p += sprintf(p, "Received: x\n");
    sprintf(p, "\n.\n");
    answers(said, "554 5.4.6 mail loop: more than 100 Received fields\n",
            "101 servers have passed the message on");
    sprintf(p - strlen("Received: x\n"), "\n.\n");
    answers(said, "250 2.0.0 stored as message 10\n", "100 servers have");
}

static void test_lost(void)
{
    int before = count("bob");
    answers(TO_BOB "Subject: x\n\ntext\n", "", "a connection that is lost within the text");
    answers(TO_BOB "Subject: x\n\ntext\n..\n", "", "... after a line with two dots");
    w.end = IO_TIMEOUT;
    answers(TO_BOB "a\n", "421 4.4.2 the rest of the request did not arrive in time\n",
            "a text that does not arrive in time");
    w.end = IO_INTERRUPT;
    w.reason = "the server stops";
    answers(TO_BOB "a\n", "421 4.3.0 the server stops\n", "the server stops within a text");
    w.reason = NULL;
    answers(TO_BOB "a\n", "", "the session is woken within a text");
    w.end = IO_CLOSED;
    is_int(count("bob"), before, "... nothing is stored");
}

/* --- repeats --- */

static void test_repeat(void)
{
    int before = count("bob");
    answers(TO_BOB ID("1") "\none\n.\n", "250 2.0.0 stored as message 11\n", "with a Message-ID");
    answers(TO_BOB ID("1") "\none\n.\n", "250 2.0.0 already stored as message 11\n", "... again");
    answers(TO_BOB "\nnone\n.\n", "250 2.0.0 stored as message 12\n", "without one");
    answers(TO_BOB "\nnone\n.\n", "250 2.0.0 already stored as message 12\n", "... again");
    is_int(count("bob"), before + 2, "... each is stored once");
    answers(MAIL BOB "RCPT TO:<BOB+x>\n" CARL "DATA\n" ID("2") ".\n",
            "250 2.0.0 stored for 3 recipients\n", "a recipient twice");
    is_int(count("bob"), before + 3, "... has it once");
    is_int(count("carl"), 1, "... and the other one, too");
    ok(is_proven("bob", "ann", SPAN(MARK "Message-ID: <2@x>\r\n")) &&
           is_proven("carl", "ann", SPAN(MARK "Message-ID: <2@x>\r\n")),
       "... each with a token of their own");
}

static void test_partly(void)
{
    const struct store_limits full = {.quota_messages = (unsigned)count("bob")}, none = {0};
    answers(MAIL BOB "DATA\n" ID("3") ".\n", "250 2.0.0 stored as message 14\n", "room for bob");
    answers(MAIL CARL BOB "DATA\n" ID("4") ".\n", "250 2.0.0 stored for 2 recipients\n",
            "both have room");
    int bob = count("bob"), carl = count("carl");
    store_set_limits(w.service.store, &full);
    answers(MAIL CARL BOB "DATA\n" ID("5") ".\n", "250 2.0.0 stored as message 3\n",
            "a full mailbox is told at RCPT");
    ok(strstr(doors_say(&w, LOGIN MAIL BOB), "452 4.2.2 the mailbox is full\n"), "... as full");
    store_set_limits(w.service.store, &none);
    answers(MAIL CARL BOB "DATA\n" ID("5") ".\n", "250 2.0.0 stored for 2 recipients\n",
            "the repeat, when there is room");
    is_int(count("bob"), bob + 1, "... is stored for him who did not have it");
    is_int(count("carl"), carl + 1, "... and not again for the other one");
}

/* Between RCPT and the end of the text, limits change. */
static struct store_limits later_limits;
static struct span later;

static bool change_limits(struct world *world)
{
    if (later.n == 0)
        return false;
    store_set_limits(world->service.store, &later_limits);
    world->input = later;
    later = SPAN("");
    return true;
}

/* The answers to a text that comes when the limits have changed. */
static void answers_later(const char *said, const char *text, const char *want, const char *name)
{
    struct buf lines;
    buf_init(&lines, 10000);
    doors_add_lines(&lines, text);
    later = buf_span(&lines);
    w.meanwhile = change_limits;
    answers(said, want, name);
    w.meanwhile = NULL;
    store_set_limits(w.service.store, &(struct store_limits){0});
    buf_free(&lines);
}

static void test_partly_later(void)
{
    int bob = count("bob"), carl = count("carl");
    later_limits = (struct store_limits){.quota_messages = (unsigned)bob};
    answers_later(MAIL CARL BOB "DATA\n", ID("6") ".\n",
                  "452-4.2.2 stored for 1 of 2 recipients\n"
                  "452 4.2.2 not stored for bob: the mailbox is full\n",
                  "a mailbox that is full when the text has come");
    answers(MAIL CARL BOB "DATA\n" ID("6") ".\n", "250 2.0.0 stored for 2 recipients\n",
            "... and the repeat");
    is_int(count("bob"), bob + 1, "... which is stored for him who did not have it");
    is_int(count("carl"), carl + 1, "... and once for the other one");
    later_limits = (struct store_limits){.quota_messages = 1};
    answers_later(MAIL BOB "DATA\n", ID("7") ".\n",
                  "452 4.2.2 not stored for bob: the mailbox is full\n",
                  "one recipient, whose mailbox is full");
}

static bool delete_carl(struct world *world)
{
    struct who who;
    struct account a;
    if (later.n == 0)
        return false;
    account_find(world->service.store, "carl", &who, &a);
    account_delete(world->service.store, &who);
    return change_limits(world);
}

static void test_worst(void)
{
    struct buf lines;
    buf_init(&lines, 10000);
    doors_add_lines(&lines, ID("8") ".\n");
    later = buf_span(&lines);
    later_limits = (struct store_limits){.quota_messages = 1};
    w.meanwhile = delete_carl;
    answers(MAIL CARL BOB "DATA\n",
            "452-4.2.2 stored for 0 of 2 recipients\n"
            "452-4.2.2 not stored for carl: no such user\n"
            "452 4.2.2 not stored for bob: the mailbox is full\n",
            "what passes is worse than what does not");
    later_limits = (struct store_limits){0};
    store_set_limits(w.service.store, &later_limits);
    later = buf_span(&lines);
    account_register(w.service.store, "carl", "pw");
    answers(MAIL CARL BOB "DATA\n",
            "550-5.1.1 stored for 1 of 2 recipients\n"
            "550 5.1.1 not stored for carl: no such user\n",
            "a user who is gone when the text has come");
    w.meanwhile = NULL;
    account_register(w.service.store, "carl", "pw");
    buf_free(&lines);
}

/* --- limits of sending --- */

static void test_rate(void)
{
    w.service.limits.per_minute = 3;
    world_ms += 60000;
    answers(MAIL BOB CARL "DATA\n" ID("20") ".\n", "250 2.0.0 stored for 2 recipients\n",
            "two of three messages a minute");
    answers(MAIL BOB "DATA\n" ID("21") ".\n", "250 2.0.0 stored as message 20\n", "the third");
    ok(strstr(doors_say(&w, LOGIN MAIL BOB), RESERVED "3 messages a minute; try again in 20 s\n"),
       "the fourth recipient has to wait");
    world_ms += 60000;
    ok(!strstr(doors_say(&w, LOGIN MAIL "RCPT TO:<x1>\nRCPT TO:<x2>\nRCPT TO:<x3>\n"), RESERVED),
       "three names may be tried out");
    ok(strstr(doors_say(&w, LOGIN MAIL "RCPT TO:<x4>\n"), RESERVED), "the fourth has to wait");
    world_ms += 60000;
    ok(strstr(doors_say(&w, LOGIN MAIL BOB BOB BOB "RSET\n" MAIL BOB), RESERVED),
       "recipients to whom nothing is sent count");
    w.service.limits.per_minute = 0;
    w.service.limits.bytes_per_minute = 100;
    world_ms += 60000;
    answers(TO_BOB ID("22") "\n0123456789012345678901234567890123456789\n.\n",
            "250 2.0.0 stored as message 21\n", "bytes");
    answers(TO_BOB ID("23") "\n0123456789012345678901234567890123456789\n.\n",
            "450 4.7.1 not stored for bob: too often: more than 100 bytes a minute; try again in "
            "39 s\n",
            "too many bytes");
    w.service.limits.bytes_per_minute = 0;
}

static void test_many(void)
{
    char said[65536], *p = said + sprintf(said, LOGIN MAIL);
    for (int i = 0; i < 101; i++)
        p += sprintf(p, BOB);
    const char *got = doors_say(&w, said), *last = strstr(got, "452");
    is_str(last ? last : got, "452 4.5.3 too many recipients: at most 100\n",
           "the 101st recipient");
}

/* --- a group --- */

static void test_group(void)
{
    struct group members = {.n = 2, .members = {{.name = "bob"}, {.name = "carl"}}};
    struct group_refusal refusal = {.why = NULL};
    int bob = count("bob"), carl = count("carl");
    is_int(group_add(w.service.store, "team", &members, &refusal), ST_OK, "a group");
    answers(MAIL "RCPT TO:<Team@mail.test>\n" BOB "DATA\n" ID("25") ".\n",
            "250 2.0.0 stored for 2 recipients\n", "a group, and one of its members");
    answers(MAIL "RCPT TO:<Team@mail.test>\n" BOB "DATA\n" ID("25") ".\n",
            "250 2.0.0 already stored for 2 recipients\n", "... again");
    ok(count("bob") == bob + 1 && count("carl") == carl + 1, "... each member has it once");
    ok(is_proven("bob", "ann", SPAN(MARK "Message-ID: <25@x>\r\n")) &&
           is_proven("carl", "ann", SPAN(MARK "Message-ID: <25@x>\r\n")),
       "... each with a token of their own");
}

/* --- without a login --- */

static void test_trusted(void)
{
    int before = count("bob");
    address_parse_net(SPAN("192.0.2.0/24"), &doors_trusted);
    doors_service.ntrusted = 1;
    const char *got = doors_say(&w, "EHLO x\nMAIL FROM:<cron@printer.test>\n" BOB
                                    "DATA\nFrom: root\n" ID("30") ".\n");
    ok(strstr(got, "\n250 2.0.0 stored as message "), "an address that may send without a login");
    last_is("bob", NAME_OUTSIDE, SPAN(MARK "From: root\r\nMessage-ID: <30@x>\r\n"), "... sends");
    doors_say(&w,
              "EHLO x\nMAIL FROM:<cron@printer.test>\n" BOB "DATA\nFrom: root\n" ID("30") ".\n");
    is_int(count("bob"), before + 1, "... and again: stored once");
    doors_say(&w, "EHLO x\nMAIL FROM:<cron@other.test>\n" BOB "DATA\nFrom: root\n" ID("30") ".\n");
    is_int(count("bob"), before + 2, "... for another sender it is another message");
    answers(TO_BOB "From: bob@mail.test\n.\n", AUTHOR, "with a login, From is looked at");
    w.address = "192.0.3.7";
    ok(strstr(doors_say(&w, "EHLO x\nMAIL FROM:<a@b.test>\n"), "530 5.7.0"), "another address");
    w.address = "192.0.2.7";
}

static void test_lmtp(void)
{
    is_str(doors_say(&w, "LHLO x\nHELP\nEHLO x\nAUTH PLAIN x\n"),
           "220 mail.test Pochta LMTP\n250-mail.test\n250-PIPELINING\n250-SIZE 2980\n"
           "250-8BITMIME\n250-SMTPUTF8\n250 ENHANCEDSTATUSCODES\n"
           "214 2.0.0 commands: LHLO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT; "
           "see pochta-doors(7)\n"
           "500 5.5.1 unknown command; HELP lists all commands\n"
           "500 5.5.1 unknown command; HELP lists all commands\n",
           "LHLO");
    w.service.limits.per_minute = 1;
    answers("MAIL FROM:<\xd0\xb6@\xd0\xb6.test> SMTPUTF8\n" BOB "RCPT TO:<nobody>\n" CARL "DATA\n"
            "From: \xd0\xb6@far.test\n" ID("1") "\nhello\n.\nQUIT\n",
            "250 2.0.0 bob: stored as message 1\n250 2.0.0 carl: stored as message 1\n"
            "221 2.0.0 goodbye\n",
            "an answer for each recipient that there is");
    last_is("bob", NAME_OUTSIDE,
            SPAN(MARK "From: \xd0\xb6@far.test\r\nMessage-ID: <1@x>\r\n\r\nhello\r\n"),
            "from outside");
    later_limits = (struct store_limits){.quota_messages = 1};
    answers_later("MAIL FROM:<>\n" BOB "RCPT TO:<ann>\n" CARL "DATA\n", ID("2") ".\n",
                  "452 4.2.2 bob: the mailbox is full\n250 2.0.0 ann: stored as message 1\n"
                  "452 4.2.2 carl: the mailbox is full\n",
                  "some of them are full");
    answers("MAIL FROM:<>\n" BOB BOB "DATA\n" ID("2") ".\n",
            "250 2.0.0 bob: stored as message 2\n250 2.0.0 bob: already stored as message 2\n",
            "a recipient twice has two answers");
    answers("MAIL FROM:<>\n" BOB CARL "DATA\na\rb\n.\n", ALONE ALONE,
            "a text that is refused has two answers");
    is_int(count("bob"), 2, "each is stored once");
    ok(strstr(doors_say(&w, "MAIL FROM:<>\n"), "503 5.5.1 LHLO must come first\n"), "no LHLO");
    ok(strstr(doors_say(&w, "LHLO x\nMAIL FROM:<>\nRCPT TO:<x>\nDATA\n"),
              "503 5.5.1 RCPT must come first\n"),
       "DATA without a recipient");
}

static void test_no_header(void)
{
    answers(TO_BOB "Hi there\nBob\n.\n", "250 2.0.0 stored as message 1\n",
            "a message without a header");
    last_is("bob", "ann", SPAN(MARK "\r\nHi there\r\nBob\r\n"),
            "a message without a header gets an empty one");
    answers(TO_BOB "\nHi: there\n.\n", "250 2.0.0 stored as message 2\n",
            "a message with an empty header");
    last_is("bob", "ann", SPAN(MARK "\r\n\r\nHi: there\r\n"), "a message with an empty header");
    answers(TO_BOB "Hi there\nBob\n.\n", "250 2.0.0 already stored as message 1\n",
            "a message without a header is known again");
}

int main(void)
{
    begin(&door_submission);
    test_texts();
    test_bytes();
    test_alone();
    test_size();
    test_author();
    test_hops();
    test_lost();
    test_repeat();
    test_partly();
    test_partly_later();
    test_worst();
    test_rate();
    test_many();
    test_group();
    test_trusted();
    doors_end(&w);
    begin(&door_lmtp);
    test_lmtp();
    doors_end(&w);
    begin(&door_submission);
    test_no_header();
    doors_end(&w);
    return done_testing();
}
