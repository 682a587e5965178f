/* SPDX-License-Identifier: ISC */
/*
 * POP3 from memory: what is said, and what comes back. GEN in an answer stands for the generation
 * of ann's account.
 */
#include "doors/pop3.h"

#include "session_fixture.h"

#define HELLO "+OK Pochta POP3 server ready\r\n"
#define LOGIN "USER ann\r\nPASS pw\r\n"
#define NAMED "+OK send the password\r\n"
#define IN(n) HELLO NAMED "+OK " n "\r\n" /* what is answered to LOGIN */
#define BYE   "+OK bye\r\n"
#define WRONG "-ERR [AUTH] wrong name or password\r\n"

#define HEADER(id)                                \
    "From: bob@localhost\r\n"                     \
    "To: ann@localhost\r\n"                       \
    "Date: Sun, 03 Dec 2017 15:51:33 +0000\r\n"   \
    "Subject: letter " id "\r\n"                  \
    "Message-ID: <GEN." id "@localhost>\r\n"      \
    "MIME-Version: 1.0\r\n"                       \
    "Content-Type: text/plain; charset=utf-8\r\n" \
    "Content-Transfer-Encoding: 7bit\r\n\r\n"
#define LETTER1 "hello, Ann\r\n"
#define LETTER2 ".\r\n..x\r\nthe end\r\n"

static struct world w;
static struct mailbox *ann;

/* want, with the generation of ann's account. */
static const char *expanded(const char *want)
{
    static char text[20000];
    const char *gen;
    size_t n = 0;

    while ((gen = strstr(want, "GEN"))) {
        n += (size_t)snprintf(text + n, sizeof text - n, "%.*s%s", (int)(gen - want), want,
                              mailbox_who(ann)->generation);
        want = gen + 3;
    }
    snprintf(text + n, sizeof text - n, "%s", want);
    return text;
}

static void talk(const char *said, const char *want, const char *name)
{
    is_str(world_run(&w, span_str(said)), expanded(want), "%s", name);
}

/* The same, after a login to which this number of messages is answered. */
static void talk_in(const char *said, const char *number, const char *want, const char *name)
{
    char all[2000], answers[8000];

    snprintf(all, sizeof all, LOGIN "%s", said);
    snprintf(answers, sizeof answers, IN("%s") "%s", number, want);
    talk(all, answers, name);
}

static void test_login(void)
{
    talk("USER ann\r\nPASS no\r\nPASS pw\r\nUSER zoe\r\nPASS pw\r\n",
         HELLO NAMED WRONG "-ERR USER comes before PASS\r\n" NAMED WRONG,
         "a wrong password and an unknown name are answered alike");
    talk("user Ann\r\npass pw\r\nquit\r\n", IN("0 messages") BYE, "words and names in any case");
    talk("USER ann\nPASS pw\nQUIT\n", IN("0 messages") BYE, "lines that end in LF alone");
    talk("AUTH PLAIN AGFubgBwdw==\r\nUSER ann\r\nAUTH\r\nPASS pw\r\nQUIT\r\n",
         HELLO "+OK 0 messages\r\n-ERR you have logged in already\r\n-ERR you have logged in "
               "already\r\n-ERR you have logged in already\r\n" BYE,
         "AUTH PLAIN with the response; nobody logs in twice");
    talk("AUTH plain\r\nAGFubgBwdw==\r\nQUIT\r\n", HELLO "+ \r\n+OK 0 messages\r\n" BYE,
         "AUTH PLAIN in two steps");
    talk("AUTH PLAIN\r\n*\r\nAUTH PLAIN\r\nQUIT\r\nAUTH PLAIN =\r\nQUIT\r\n",
         HELLO "+ \r\n-ERR cancelled\r\n+ \r\n-ERR not a response of PLAIN (RFC 4616) in "
               "base64\r\n-ERR not a response of PLAIN (RFC 4616) in base64\r\n" BYE,
         "AUTH PLAIN is cancelled, or answered with something else");
    talk("AUTH PLAIN Ym9iAGFubgBwdw==\r\nAUTH CRAM-MD5\r\nAUTH\r\n",
         HELLO
         "-ERR [AUTH] you cannot act for another user; leave the authorization identity "
         "empty\r\n-ERR the only mechanism is PLAIN\r\n+OK mechanisms follow\r\nPLAIN\r\n.\r\n",
         "nobody acts for another user; other mechanisms");
    talk("USER a.name.that.is.much.too.long.for.an.account\r\nPASS pw\r\nUSER ann\r\nPASS\r\n"
         "PASS \r\nPASS pw\r\n",
         HELLO NAMED WRONG NAMED "-ERR PASS takes 1 argument; got 0\r\n" WRONG
                                 "-ERR USER comes before PASS\r\n",
         "a name that is too long, and no password");
    world_run(&w, SPAN("USER spaces\r\nPASS  a  word \r\n"));
    ok(strstr(w.output.p, "+OK 0 messages"), "a password with spaces");
}

static void test_refused(void)
{
    static const char *const need_login[] = {"STAT",    "LIST",   "UIDL", "RETR 1",
                                             "TOP 1 2", "DELE 1", "RSET", "NOOP"};
    char line[64];

    for (size_t i = 0; i < sizeof need_login / sizeof *need_login; i++) {
        snprintf(line, sizeof line, "%s\r\n", need_login[i]);
        talk(line, HELLO "-ERR log in first\r\n", need_login[i]);
    }
    talk_in("RETR\r\nTOP 1\r\nTOP 1 2 3\r\nLIST 1 2\r\nSTAT 1\r\nAPOP a b\r\n", "0 messages",
            "-ERR RETR takes 1 argument; got 0\r\n-ERR TOP takes 2 arguments; got 1\r\n"
            "-ERR TOP takes 2 arguments; got 3\r\n-ERR LIST takes at most 1 argument; got 2\r\n"
            "-ERR STAT takes no arguments; got 1\r\n"
            "-ERR unknown command; CAPA lists the capabilities\r\n",
            "wrong numbers of arguments");
    talk("CAPA\r\nQUIT\r\nNOOP\r\n",
         HELLO "+OK capabilities follow\r\nTOP\r\nUSER\r\nSASL PLAIN\r\nRESP-CODES\r\n"
               "AUTH-RESP-CODE\r\nPIPELINING\r\nUIDL\r\nIMPLEMENTATION Pochta\r\n.\r\n" BYE,
         "CAPA; nothing is heard after QUIT");
}

/* What is no mail program at all. */
static void test_strangers(void)
{
    static char long_line[10000];

    is_int(world_count(&w,
                       "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\n"
                       "A: b\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\n",
                       "-ERR"),
           11, "a browser is sent away after ten lines");
    ok(strstr(w.output.p, "\r\n-ERR [SYS/TEMP] too many lines that are not commands\r\n"),
       "... and is told why");
    is_str(world_run(&w, SPAN("PROXY TCP4 192.0.2.7 192.0.2.1 7777 110\r\n" LOGIN)),
           HELLO "-ERR [SYS/TEMP] a PROXY header, but this address is not in proxy-from\r\n",
           "a proxy that is not in proxy-from is sent away");
    is_int(world_count(&w, "a\na\na\na\na\na\na\na\na\nCAPA\na\na\na\na\na\na\na\na\na\n", "-ERR"),
           18, "a command among such lines starts the count again");
    memset(long_line, 'x', sizeof long_line - 1);
    memcpy(long_line + 5000, "\r\nQUIT\r\n", 8);
    long_line[5008] = '\0';
    talk(long_line, HELLO "-ERR the line is too long: at most 4096 bytes are allowed\r\n" BYE,
         "a line that is too long");
    memcpy(long_line, "AUTH PLAIN\r\n", 12);
    snprintf(long_line + 5000, sizeof long_line - 5000, "\r\nQUIT\r\n");
    talk(long_line, HELLO "+ \r\n-ERR the line is too long: at most 4096 bytes are allowed\r\n" BYE,
         "a response that is too long ends the login");
    is_str((world_run(&w, SPAN("NO\0P\r\nUSER a\0b\r\nPASS x\r\n")), w.output.p),
           HELLO "-ERR unknown command; CAPA lists the capabilities\r\n" NAMED WRONG,
           "a NUL is a byte like others");
}

/* The example of RFC 1939, section 10, with our words. */
static void test_example(void)
{
    fixture_deliver(ann, "bob", "Subject: letter 1\n\nhello, Ann\n");
    fixture_deliver(ann, "bob", "Subject: letter 2\n\n.\n..x\nthe end");
    talk_in("STAT\r\nLIST\r\nRETR 1\r\nDELE 1\r\nRETR 2\r\nDELE 2\r\nRSET\r\nNOOP\r\nQUIT\r\n",
            "2 messages",
            "+OK 2 503\r\n"
            "+OK 2 messages\r\n1 249\r\n2 254\r\n.\r\n"
            "+OK 249 bytes\r\n" HEADER("1") LETTER1
            ".\r\n"
            "+OK message 1 will be deleted\r\n"
            "+OK 254 bytes\r\n" HEADER("2") "..\r\n...x\r\nthe end\r\n.\r\n"
                                            "+OK message 2 will be deleted\r\n"
                                            "+OK 2 messages\r\n+OK done\r\n" BYE,
            "the example of RFC 1939");
    is_int(sizeof HEADER("1") - 3 - 1 + STORE_GENERATION_DIGITS + sizeof LETTER1 - 1, 249,
           "the size is that of what is sent");
    is_int(sizeof HEADER("2") - 3 - 1 + STORE_GENERATION_DIGITS + sizeof LETTER2 - 1, 254,
           "... without the dots that are added");
}

static void test_lists(void)
{
    talk_in("UIDL\r\nUIDL 2\r\nLIST 2\r\nLIST 3\r\nLIST 0\r\nUIDL x\r\nUIDL 1x\r\n"
            "DELE 1\r\nSTAT\r\nLIST\r\nUIDL\r\nLIST 1\r\nUIDL 1\r\nRETR 1\r\nDELE 1\r\n",
            "2 messages",
            "+OK 2 messages\r\n1 GEN.1\r\n2 GEN.2\r\n.\r\n"
            "+OK 2 GEN.2\r\n+OK 2 254\r\n"
            "-ERR no such message; there are 2\r\n-ERR no such message; there are 2\r\n"
            "-ERR no such message; there are 2\r\n-ERR no such message; there are 2\r\n"
            "+OK message 1 will be deleted\r\n"
            "+OK 1 254\r\n+OK 1 message\r\n2 254\r\n.\r\n+OK 1 message\r\n2 GEN.2\r\n.\r\n"
            "-ERR this message is marked as deleted\r\n-ERR this message is marked as deleted\r\n"
            "-ERR this message is marked as deleted\r\n-ERR this message is marked as deleted\r\n",
            "lists, and what a deleted message is");
    talk_in("TOP 2 0\r\nTOP 2 2\r\nTOP 1 99999999999999999999999\r\nTOP 1 x\r\nTOP 9 1\r\n",
            "2 messages",
            "+OK the beginning follows\r\n" HEADER(
                "2") ".\r\n"
                     "+OK the beginning follows\r\n" HEADER(
                         "2") "..\r\n...x\r\n.\r\n"
                              "+OK the beginning follows\r\n" HEADER("1") LETTER1
            ".\r\n"
            "-ERR the number of lines must be a decimal number\r\n"
            "-ERR no such message; there are 2\r\n",
            "TOP");
}

/* The number of a message changes from session to session; its unique id does not. */
static void test_unique_ids(void)
{
    talk_in("DELE 1\r\nQUIT\r\n", "2 messages", "+OK message 1 will be deleted\r\n" BYE,
            "the first message is deleted");
    fixture_deliver(ann, "bob", "another");
    talk_in("UIDL\r\n", "2 messages", "+OK 2 messages\r\n1 GEN.2\r\n2 GEN.3\r\n.\r\n",
            "the others have the same ids");
}

int main(void)
{
    world_begin(&w, 100000, 3 * 65536);
    w.talk = &door_pop3;
    is_int(account_register(w.service.store, "ann", "pw"), ST_OK, "an account");
    is_int(account_register(w.service.store, "spaces", " a  word "), ST_OK, "and another");
    ann = fixture_mailbox(w.service.store, "ann");
    test_login();
    test_refused();
    test_strangers();
    test_example();
    test_lists();
    test_unique_ids();
    mailbox_close(ann);
    world_end(&w);
    return done_testing();
}
