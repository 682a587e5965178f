/* SPDX-License-Identifier: ISC */
/* Submission, as mail programs see it: commands, logins, and who may send as whom. */
#include "doors/smtp.h"

#include "doors_fixture.h"

#define GREETING "220 mail.test Pochta ESMTP\n"
#define EHLO                                                                     \
    "250-mail.test\n250-PIPELINING\n250-SIZE 2980\n250-8BITMIME\n250-SMTPUTF8\n" \
    "250-AUTH PLAIN LOGIN\n250 ENHANCEDSTATUSCODES\n"
#define ANN      "AGFubgBwdw=="
#define IN       "235 2.7.0 logged in\n"
#define LOGIN    "EHLO client\nAUTH PLAIN " ANN "\n"
#define BYE      "221 2.0.0 goodbye\n"
#define MAIL     "MAIL FROM:<ann@mail.test>\n"
#define GO_ON    "250 2.1.0 go on\n"
#define DATA     "354 send the message; CR LF . CR LF ends it\n"
#define NOT_HERS "553 5.7.1 not your address: you are ann@mail.test\n"
#define FOREIGN \
    "535 5.7.8 you cannot act for another user; leave the authorization identity empty\n"
#define FIRST "503 5.5.1 EHLO must come first\n"

static struct world w;

/* Without the greeting. */
static void talk(const char *said, const char *want, const char *name)
{
    const char *got = doors_say(&w, said);
    size_t n = strlen(GREETING);
    is_str(strncmp(got, GREETING, n) == 0 ? got + n : got, want, "%s", name);
}

/* After EHLO and a login. */
static void ann(const char *said, const char *want, const char *name)
{
    char all[65536];
    snprintf(all, sizeof all, LOGIN "%s", said);
    const char *got = doors_say(&w, all), *before = GREETING EHLO IN;
    size_t n = strlen(before);
    is_str(strncmp(got, before, n) == 0 ? got + n : got, want, "%s", name);
}

static void test_commands(void)
{
    is_str(doors_say(&w, ""), GREETING, "a greeting before anything is said");
    talk("EHLO client\n", EHLO, "EHLO");
    talk("ehlo client\n", EHLO, "commands in lower case");
    talk("HELO client\nQUIT\n", "250 mail.test\n" BYE, "HELO");
    talk("EHLO\nHELO \n",
         "501 5.5.4 the name of the client is missing\n"
         "501 5.5.4 the name of the client is missing\n",
         "EHLO and HELO without a name");
    talk("NOOP\nNOOP really\nRSET\nVRFY ann\nHELP\nHELP me\nQUIT\n",
         "250 2.0.0 here\n250 2.0.0 here\n250 2.0.0 reset\n"
         "252 2.0.0 RCPT tells whether there is such a user\n"
         "214 2.0.0 commands: EHLO HELO AUTH MAIL RCPT DATA RSET NOOP VRFY HELP QUIT; "
         "see pochta-doors(7)\n"
         "214 2.0.0 commands: EHLO HELO AUTH MAIL RCPT DATA RSET NOOP VRFY HELP QUIT; "
         "see pochta-doors(7)\n" BYE,
         "commands before EHLO");
    talk("EXPN all\nSTARTTLS\nBDAT 1 LAST\nTURN\nLHLO x\n\n",
         "502 5.5.1 not available here\n502 5.5.1 not available here\n"
         "502 5.5.1 not available here\n500 5.5.1 unknown command; HELP lists all commands\n"
         "500 5.5.1 unknown command; HELP lists all commands\n"
         "500 5.5.1 unknown command; HELP lists all commands\n",
         "commands that do not exist");
    talk("QUIT now\nRSET it\nQUIT\nNOOP\n",
         "501 5.5.4 QUIT takes no arguments\n501 5.5.4 RSET takes no arguments\n" BYE,
         "words after QUIT and RSET; nothing is answered after QUIT");
    talk("NO\tOP\n\tNOOP \t \nNO\x01OP\n",
         "500 5.5.1 unknown command; HELP lists all commands\n250 2.0.0 here\n"
         "500 5.5.2 a command must not contain control characters\n",
         "tabs and control characters");
}

static void test_sequence(void)
{
    talk("AUTH PLAIN " ANN "\n" MAIL "RCPT TO:<bob@mail.test>\nDATA\n", FIRST FIRST FIRST FIRST,
         "commands that need EHLO");
    talk("EHLO x\n" MAIL "RCPT TO:<bob>\nDATA\n",
         EHLO "530 5.7.0 log in first\n530 5.7.0 log in first\n530 5.7.0 log in first\n",
         "commands that need a login");
    ann("AUTH PLAIN " ANN "\nRCPT TO:<bob>\nDATA\n" MAIL MAIL "DATA\nAUTH LOGIN\nRSET\nDATA\n",
        "503 5.5.1 logged in already\n503 5.5.1 MAIL must come first\n"
        "503 5.5.1 MAIL must come first\n" GO_ON "503 5.5.1 a message has begun; RSET cancels it\n"
        "503 5.5.1 RCPT must come first\n503 5.5.1 logged in already\n"
        "250 2.0.0 reset\n503 5.5.1 MAIL must come first\n",
        "commands out of order");
    ann(MAIL "RCPT TO:<bob>\nEHLO x\nDATA\n",
        GO_ON "250 2.1.5 bob\n" EHLO "503 5.5.1 MAIL must come first\n", "EHLO begins again");
    char said[2000], want[2000], *p = said + sprintf(said, "MAIL FROM:<boss>\n"),
                                 *q = want + sprintf(want, "%s", NOT_HERS);
    for (int i = 0; i < 20; i++) {
        p += sprintf(p, "RCPT TO:<bob>\n");
        q += sprintf(q, "503 5.5.1 MAIL must come first\n");
    }
    ann(said, want, "each of many commands after a MAIL that is refused is answered");
    ann(MAIL "RCPT TO:<bob>\nDATA now\n",
        GO_ON "250 2.1.5 bob\n501 5.5.4 DATA takes no arguments\n", "a word after DATA");
}

static void test_lines(void)
{
    char said[3 * 4096], *p = said;
    is_str(world_run(&w, SPAN("NOOP\nNOOP\r\n")),
           "220 mail.test Pochta ESMTP\r\n"
           "500 5.5.2 a line must end in CR LF, not in LF alone (netcat: nc -C)\r\n"
           "250 2.0.0 here\r\n",
           "a command that ends in LF alone");
    p += sprintf(p, "NOOP %0*d\n", 4096 - 7, 0);
    sprintf(p, "NOOP %0*d\nNOOP\n", 4096 - 6, 0);
    talk(said,
         "250 2.0.0 here\n500 5.5.2 the line is too long: at most 4096 bytes\n250 2.0.0 here\n",
         "the longest command, and one byte more");
    const char *got =
        doors_say(&w, "1\n2\n3\n4\n5\n6\n7\n8\n9\nNOOP\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\nNOOP\n");
    const char *last = strstr(got, "421");
    is_str(last ? last : got, "421 4.3.0 too many wrong commands\n",
           "ten wrong commands in a row end the session");
    talk("POST / HTTP/1.1\nEHLO x\n", "421 4.3.0 this is not a web server\n",
         "a web browser is sent away");
    talk("PRI * HTTP/2\nEHLO x\n", "421 4.3.0 this is not a web server\n",
         "... by any version of HTTP");
    talk("PROXY TCP4 192.0.2.7 192.0.2.1 7777 587\nEHLO x\n",
         "421 4.3.0 a PROXY header, but this address is not in proxy-from\n",
         "a proxy that is not in proxy-from is sent away");
    ok(memmem(w.told.p, w.told.n, "level=warning", 13), "... and the log has a warning");
    w.talk = &door_lmtp;
    is_str(doors_say(&w, "PROXY TCP4 192.0.2.7 192.0.2.1 7777 587\nLHLO x\n"),
           "220 mail.test Pochta LMTP\n"
           "421 4.3.0 a PROXY header, but there can be no proxy before lmtp\n",
           "... and any proxy before LMTP");
    w.talk = &door_submission;
}

static void test_silence(void)
{
    w.end = IO_TIMEOUT;
    talk("NOOP\n", "250 2.0.0 here\n421 4.4.2 idle timeout\n", "silence");
    w.end = IO_CLOSED;
}

static void test_login(void)
{
    talk("EHLO x\nAUTH PLAIN\n" ANN "\nQUIT\n", EHLO "334 \n" IN BYE, "PLAIN in two steps");
    talk("EHLO x\nAUTH LOGIN\nYW5u\ncHc=\n", EHLO "334 VXNlcm5hbWU6\n334 UGFzc3dvcmQ6\n" IN,
         "LOGIN");
    talk("EHLO x\nauth login QW5u\ncHc=\n", EHLO "334 UGFzc3dvcmQ6\n" IN,
         "LOGIN with a name in capital letters in the command");
    talk("EHLO x\nAUTH LOGIN\n*\nAUTH PLAIN\n*\nAUTH LOGIN YW5u\n*\n",
         EHLO "334 VXNlcm5hbWU6\n501 5.7.0 the login was cancelled\n334 \n"
              "501 5.7.0 the login was cancelled\n334 UGFzc3dvcmQ6\n"
              "501 5.7.0 the login was cancelled\n",
         "a login that the client gives up");
    talk("EHLO x\nAUTH PLAIN AGFubgBubw==\nAUTH LOGIN YW5u\nbm8=\nAUTH PLAIN AGVsZgBwdw==\n",
         EHLO "535 5.7.8 wrong name or password\n334 UGFzc3dvcmQ6\n"
              "535 5.7.8 wrong name or password\n535 5.7.8 wrong name or password\n",
         "wrong passwords, and an unknown name");
    ok(w.paused_ms > 0, "... have to wait");
    talk(
        "EHLO x\nAUTH\nAUTH CRAM-MD5\nAUTH PLAIN ?\nAUTH PLAIN YW5u\nAUTH PLAIN =\nAUTH LOGIN\n \n",
        EHLO "504 5.5.4 the mechanisms are PLAIN and LOGIN\n"
             "504 5.5.4 the mechanisms are PLAIN and LOGIN\n"
             "501 5.5.2 not base64, or more than 1024 bytes\n"
             "501 5.5.2 the response is not NUL user NUL password\n"
             "501 5.5.2 the response is not NUL user NUL password\n"
             "334 VXNlcm5hbWU6\n334 UGFzc3dvcmQ6\n",
        "responses of AUTH that are not a login");
    talk("EHLO x\nAUTH PLAIN Ym9iAGFubgBwdw==\nAUTH PLAIN YUBiAGFubgBwdw==\nQUIT\n", /* bob, a@b */
         EHLO FOREIGN FOREIGN BYE, "ann cannot log in as somebody else");
    talk("EHLO x\nAUTH PLAIN QW5uQE1haWwudGVzdABhbm4AcHc=\n", EHLO IN, /* Ann@Mail.test */
         "... but as herself, however her name is written");
    talk("EHLO x\nAUTH PLAIN", EHLO, "half a command is not carried out");
    is_str(strstr(world_run(&w, SPAN("EHLO x\r\nAUTH PLAIN\r\nAGFubgBwdw==\nNOOP\r\n")), "334"),
           "334 \r\n500 5.5.2 a line must end in CR LF, not in LF alone (netcat: nc -C)\r\n"
           "250 2.0.0 here\r\n",
           "a response that ends in LF alone");
    char guesses[2000], *p = guesses + sprintf(guesses, "EHLO x\n");
    for (int i = 0; i < 30; i++)
        p += sprintf(p, "AUTH LOGIN YW5u\nbm8=\n");
    const char *last = strstr(doors_say(&w, guesses), "421");
    is_str(last ? last : "", "421 4.3.0 too many wrong commands\n",
           "wrong passwords end the session");
    is_int(w.users, 0, "nobody is logged in at the end");
    ok(!memmem(w.told.p, w.told.n, "pw", 2), "no password is logged");
}

static void test_too_often(void)
{
    world_guessed(&w);
    talk(LOGIN, EHLO "454 4.7.0 too often: wrong passwords from this address; try again in 10 s\n",
         "wrong passwords delay others from the same address");
    w.rivals = false;
    w.address = "192.0.2.7";
}

static void test_sender(void)
{
    ann("MAIL FROM:<bob@mail.test>\nMAIL FROM:<ann@foreign.test>\nMAIL FROM:<ann smith@mail.test>\n"
        "MAIL FROM:<\"a b\"@mail.test>\nMAIL FROM:<@mail.test>\nMAIL FROM:ann\nMAIL\n",
        NOT_HERS NOT_HERS
        "501 5.5.4 FROM:<your address> must follow\n" NOT_HERS
        "501 5.5.4 FROM:<your address> must follow\n501 5.5.4 FROM:<your address> must follow\n"
        "501 5.5.4 FROM:<your address> must follow\n",
        "MAIL from addresses that are not ann's is refused");
    ann("MAIL FROM:<Ann+list@OTHER.test>\nRSET\nMAIL FROM: <ann>\nRSET\nMAIL FROM:<>\nRSET\n"
        "MAIL from:<@a.test:ann@localhost> SIZE=2980 BODY=8bitmime AUTH=<> smtputf8\n",
        GO_ON "250 2.0.0 reset\n" GO_ON "250 2.0.0 reset\n" GO_ON "250 2.0.0 reset\n" GO_ON,
        "MAIL from addresses of ann is accepted");
    ann("MAIL FROM:<ann> SIZE=2981\nMAIL FROM:<ann> SIZE=99999999999999999999\n"
        "MAIL FROM:<ann> SIZE=x\nMAIL FROM:<ann> SIZE\nMAIL FROM:<ann> BODY=BINARYMIME\n"
        "MAIL FROM:<ann> SMTPUTF8=YES\nMAIL FROM:<ann> RET=FULL\nMAIL FROM:<ann> AUTH=\n",
        "552 5.3.4 the message is too large: at most 2980 bytes are allowed\n"
        "552 5.3.4 the message is too large: at most 2980 bytes are allowed\n"
        "501 5.5.4 a parameter has a value that is not allowed\n"
        "501 5.5.4 a parameter has a value that is not allowed\n"
        "501 5.5.4 a parameter has a value that is not allowed\n"
        "501 5.5.4 a parameter has a value that is not allowed\n"
        "555 5.5.4 unknown parameter\n501 5.5.4 a parameter has a value that is not allowed\n",
        "parameters of MAIL that are refused");
}

/* Other mail servers write long addresses: SRS, VERP, BATV. */
static void test_long_addresses(void)
{
#define LONG "the address is too long: at most 254 bytes before @ and 255 after it\n"
    char said[2000];
    sprintf(said,
            "MAIL FROM:<%0255d@x.test>\nMAIL FROM:<ann+%0250d@mail.test>\n"
            "RCPT TO:<bob+%0250d@mail.test>\nRCPT TO:<bob+%0251d@mail.test>\n"
            "RCPT TO:<bob@%0256d>\n",
            0, 0, 0, 0, 0);
    ann(said, "501 5.1.7 " LONG GO_ON "250 2.1.5 bob\n501 5.1.3 " LONG "501 5.1.3 " LONG,
        "long addresses");
}

#define OTHERS                                           \
    " is not one of our domains (mail.test, other.test)" \
    "; this server sends no mail to other servers\n"

/* The answer stays a line that is not too long (RFC 5321, section 4.5.3.1.5), and ASCII. */
static void test_foreign(void)
{
    char said[1000], want[1000], name[254];
    const char *many[] = {name, "second.test", "third.test", name, "last.test"};
    ann(MAIL "RCPT TO:<bob@\xd0\xb6.test>\n", GO_ON "550 5.7.1 ??.test" OTHERS,
        "a domain in Cyrillic");
    sprintf(said, MAIL "RCPT TO:<bob@%0255d>\n", 0);
    sprintf(want, GO_ON "550 5.7.1 %064d..." OTHERS, 0);
    ann(said, want, "the longest domain is cut");
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    doors_service.domains = many;
    doors_service.ndomains = 5;
    sprintf(want, " is not one of our domains (%s, ...); this server sends no", name);
    char all[1200];
    sprintf(all, LOGIN "%s", said);
    const char *line = strstr(doors_say(&w, all), "\n550 ");
    ok(line && strstr(line, want) && strlen(line + 1) < 511, "a domain of ours that is long");
    name[150] = '\0';
    sprintf(want, "550 5.7.1 a is not one of our domains (%s, second.test, third.test, ...); this",
            name);
    line = strstr(doors_say(&w, LOGIN MAIL "RCPT TO:<bob@a>\n"), "550 ");
    ok(line && strstr(line, want), "as many domains of ours as there is room for");
    doors_service.domains = doors_domains;
    doors_service.ndomains = 2;
}

static void test_recipients(void)
{
    ann(MAIL "RCPT TO:<bob@mail.test>\nRCPT TO:<Bob+x+y@Other.Test>\nRCPT TO:<BOB>\n"
             "RCPT TO:<bob@localhost>\n",
        GO_ON "250 2.1.5 bob\n250 2.1.5 bob\n250 2.1.5 bob\n250 2.1.5 bob\n",
        "recipients in our domains are accepted");
    ann("MAIL FROM:<ann@mail.test> SMTPUTF8\nRCPT TO:<\xd0\xb1\xd0\xbe\xd0\xb1@mail.test>\n"
        "RCPT TO:<bob+\xd0\xb1@mail.test>\n",
        GO_ON "550 5.1.1 no such user\n250 2.1.5 bob\n", "no user has a name in Cyrillic");
    ann(MAIL "RCPT TO:<carl@mail.test>\nRCPT TO:<\"a b\"@mail.test>\nRCPT TO:<postmaster>\n"
             "RCPT TO:<mail-server>\nRCPT TO:<bob@foreign.test>\nRCPT TO:<bob@[127.0.0.1]>\n"
             "RCPT TO:<>\nRCPT TO:bob\nRCPT TO:<bob> NOTIFY=NEVER\nDATA\n",
        GO_ON "550 5.1.1 no such user\n550 5.1.1 no such user\n550 5.1.1 no such user\n"
              "550 5.7.1 reserved for the server; nobody reads its mail\n"
              "550 5.7.1 foreign.test" OTHERS "550 5.7.1 [127.0.0.1]" OTHERS
              "501 5.5.4 TO:<an address> must follow\n501 5.5.4 TO:<an address> must follow\n"
              "555 5.5.4 unknown parameter\n503 5.5.1 RCPT must come first\n",
        "recipients who do not exist are refused");
}

int main(void)
{
    doors_begin(&w, &door_submission, 3000, 200000);
    account_register(w.service.store, "ann", "pw");
    account_register(w.service.store, "bob", "pw");
    test_commands();
    test_sequence();
    test_lines();
    test_silence();
    test_login();
    test_too_often();
    test_sender();
    test_long_addresses();
    test_foreign();
    test_recipients();
    doors_end(&w);
    return done_testing();
}
