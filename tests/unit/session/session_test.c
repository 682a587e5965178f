/* SPDX-License-Identifier: ISC */
/*
 * Sessions in line form mostly, because they are easily read: what is said, and what comes back.
 */
#include "session/session.h"

#include "proto/escape.h"
#include "proto/frame.h"
#include "session_fixture.h"
#include "store/invite.h"

#define DATE1      "Sun Dec  3 15:51:33 2017"
#define DATE2      "2017-12-03T15:51:33Z"
#define INCOMPLETE "Answer|2|Noop|the request is incomplete and was not carried out: "
#define YES        "Answer|1|Yes|\n"
#define IN         "Login|2|ann|pw\n"

#define MESSAGE_BYTES 100000
#define MEMORY_BYTES  (3 * 65536) /* one user gets a third of it */

static void talk(struct world *w, const char *said, const char *want, const char *name)
{
    is_str(world_run(w, span_str(said)), want, "%s", name);
}

static void starts(struct world *w, const char *said, const char *want, const char *name)
{
    const char *got = world_run(w, span_str(said));

    ok(strncmp(got, want, strlen(want)) == 0, "%s", name);
    if (strncmp(got, want, strlen(want)) != 0)
        diag("got \"%.300s\"", got);
}

static void test_account(struct world *w)
{
    talk(w, "Start\nNoop\nExit\nNoop\n", YES YES YES, "nothing is heard after Exit");
    talk(w, "Register|2|Ann|pw\nRegister|2|ann|pw\n", YES "Answer|2|Noop|this name is taken|\n",
         "capitals in a name are folded");
    talk(w, "REG|2|bob|pw|\nLOG|2|bob|pw|\nLUG|0|\n", YES YES YES, "the aliases, with all marks");
    talk(w, "Register|2|.x|pw\n", "Answer|2|Noop|" NAME_RULE "|\n", "an invalid name");
    talk(w, "Register|2|x|\n", "Answer|2|Noop|" PASSWORD_RULE "|\n", "an invalid password");
    talk(w, "Register|2|ann|\n", "Answer|2|Noop|this name is taken|\n",
         "a name that is taken, and no password");
    talk(w, "Login|2|ann|no\n", "Answer|2|Noop|wrong name or password|\n", "a wrong password");
    is_int(w->paused_ms, 0, "the first wrong password is answered at once");
    talk(w, "Login|2|zoe|no\nLogin|2|zoe|no\n",
         "Answer|2|Noop|wrong name or password|\nAnswer|2|Noop|wrong name or password|\n",
         "an unknown name, in the same words");
    is_int(w->paused_ms, 600, "the next wrong passwords are delayed, longer each time");
    talk(w, "Login|2|zoe|no\n", "Answer|2|Noop|wrong name or password|\n",
         "the same wrong password again");
    is_int(w->paused_ms, 400, "the same wrong password does not raise the delay");
    talk(w, IN, YES, "the right password");
    is_int(w->paused_ms, 400, "the right password is delayed at a new address");
    talk(w, IN IN, YES YES, "two more logins");
    is_int(w->paused_ms, 0, "at a known address they are not delayed");
    talk(w, IN "Password|2|no|new\nPassword|2|pw|new\n",
         YES "Answer|2|Noop|wrong name or password|\n" YES, "Password changes the password");
    talk(w, "Login|2|ann|new\nPassword|2|new|pw\n", YES YES, "the new password is valid");
    talk(w, IN "Login|2|bob|no\nStatus\n",
         YES "Answer|2|Noop|wrong name or password|\nAnswer|6|Yes|0|0|0|0|0|\n",
         "a failed login changes nothing");
    talk(w, IN "Logout\nStatus\n", YES YES "Answer|2|Noop|log in first|\n", "Logout");
    talk(w, "Register|2|zoe|pw\nLogin|2|zoe|pw\nDelete user\nStatus\nLogin|2|zoe|pw\n",
         YES YES YES "Answer|2|Noop|log in first|\nAnswer|2|Noop|wrong name or password|\n",
         "Delete user");
    is_str(w->ended, "zoe", "Delete user ends the other sessions of the account");
}

/* Each mode, without an invite, with one, and with an invalid one. */
static void test_registration(struct world *w)
{
    static const struct {
        enum registration mode;
        const char *words; /* to one who has no invite */
    } modes[] = {{REGISTRATION_CLOSED, "Answer|2|Noop|registration is closed here|\n"},
                 {REGISTRATION_INVITE, "Answer|2|Noop|registration here takes an invite|\n"},
                 {REGISTRATION_OPEN, YES}};
    static const char bad[] = "Answer|2|Noop|this invite is unknown, was used or has expired|\n";
    char said[200];
    struct invite made;

    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        w->service.limits.registration = modes[i].mode;
        snprintf(said, sizeof said, "Register|2|mode%zu|pw\n", i);
        talk(w, said, modes[i].words, "without an invite");
        snprintf(said, sizeof said, "Register|3|mode%zu|pw|\n", i);
        talk(w, said, i < 2 ? modes[i].words : "Answer|2|Noop|this name is taken|\n",
             "an empty invite is no invite");
        is_int(invite_add(w->service.store, 0, &made), ST_OK, "an invite is created");
        snprintf(said, sizeof said, "Register|3|ann|pw|%s\n", made.code);
        talk(w, said, "Answer|2|Noop|this name is taken|\n",
             "with an invite, for a name that is taken");
        snprintf(said, sizeof said, "Register|3|with%zu|pw|%s\n", i, made.code);
        talk(w, said, YES, "with an invite, for a new name");
        ok(!memmem(w->told.p, w->told.n, made.code, INVITE_DIGITS),
           "the log does not contain the invite");
        talk(w, said, bad, "a used invite is refused before the name is checked");
        ok(memmem(w->told.p, w->told.n, "level=info", 10), "the refusal is logged at level info");
    }
}

static void test_refused(struct world *w)
{
    static const char *const need_login[] = {
        "Logout",       "Send mes|2|a|b", "Delete user",    "Delete mes|1|1",
        "Show unread",  "Show all",       "Show exact|1|1", "Resend|2|a|1",
        "Status",       "Show list",      "Password|2|a|b", "SND|2|a|b",
        "Peek mes|1|1", "Mark mes|2|1|0", "Check user|1|a", "Import mes|3|2017-12-03T12:51:33Z|0|a",
    };
    char line[64];

    for (size_t i = 0; i < sizeof need_login / sizeof *need_login; i++) {
        snprintf(line, sizeof line, "%s\n", need_login[i]);
        talk(w, line, "Answer|2|Noop|log in first|\n", need_login[i]);
    }
    starts(w, "Bark\n", "Answer|2|Noop|unknown command", "an unknown command");
    starts(w, "Answer|1|Yes|\n", "Answer|2|Noop|unknown command", "Answer is not a command");
    starts(w, "Login|1|a\n", "Answer|2|Noop|Login takes name, password; got 1",
           "too few arguments");
    starts(w, "Noop|1|a\n", "Answer|2|Noop|Noop takes no arguments", "too many arguments");
    starts(w, "Login|3|a|b\n", "Answer|2|Noop|", "a wrong number of arguments");
    starts(w, "Start|1|x\n", "Answer|2|Noop|the version must be", "Start with an invalid number");
    starts(w, "Help\n", "Answer|", "Help");
    starts(w, "Help|1|Send mes\n", "Answer|2|Yes|Send mes (SND): name, message - ",
           "Help on a command");
    starts(w, "Help|1|Yes\n", "Answer|2|Noop|unknown command", "Help on an unknown command");
}

static void test_mail(struct world *w)
{
    talk(w, IN "Send mes|2|bob|hello, world\nSend mes|2|Bob|0^^^0^0^a^\nSend mes|2|zoe|x\n",
         YES "Answer|2|Yes|1^ann^" DATE1 "^12^2^^|\nAnswer|2|Yes|2^ann^" DATE1
             "^1^2^^|\nAnswer|2|Noop|no such user|\n",
         "messages are sent");
    talk(w, "Login|2|bob|pw\nShow list\nShow list|2|2|1\nStatus\n",
         YES "Answer|3|Yes|1^ann^" DATE1 "^12^2^hello, world^|2^ann^" DATE1
             "^1^2^a^|\nAnswer|2|Yes|2^ann^" DATE1 "^1^2^a^|\nAnswer|6|Yes|2|2|13|0|0|\n",
         "Show list does not mark messages as read");
    talk(w, "Login|2|bob|pw\nShow exact|1|2\nShow unread\nShow unread\nShow all\n",
         YES "Answer|2|Yes|2^ann^" DATE1 "^1^2^a^|\nAnswer|2|Yes|1^ann^" DATE1
             "^12^2^hello, world^|\n" YES "Answer|3|Yes|1^ann^" DATE1
             "^12^0^hello, world^|2^ann^" DATE1 "^1^0^a^|\n",
         "Show exact and Show unread do");
    talk(w, "Login|2|bob|pw\nResend|2|ann|1\nResend|2|2|ann\nResend|2|ann|9\n",
         YES "Answer|2|Yes|1^bob^" DATE1 "^12^2^^|\nAnswer|2|Yes|2^bob^" DATE1
             "^1^2^^|\nAnswer|2|Noop|no such message|\n",
         "messages are resent, with the arguments in either order");
    talk(w, "Login|2|bob|pw\nDelete mes|1|1\nDelete mes|1|1\nShow exact|1|1\nShow list\n",
         YES YES "Answer|2|Noop|no such message|\nAnswer|2|Noop|no such message|\n"
                 "Answer|2|Yes|2^ann^" DATE1 "^1^0^a^|\n",
         "Delete mes");
    is_int(world_count(w,
                       IN "Delete mes|1|x\nShow exact|1|-1\nShow list|2|x|1\nShow list|2|0|x\n"
                          "Show list|1|1\nResend|2|x|x\n",
                       "Answer|2|Noop|"),
           6, "each request with wrong arguments is answered");
}

static void test_version_2(struct world *w)
{
    talk(w, "Start|1|2\nStart|1|9\nStart\n", "Answer|2|Yes|2|\nAnswer|2|Yes|2|\n" YES, "Start");
    talk(w,
         "Start|1|2\n" IN "Send mes|3|bob|a\\pb\\cc\\\\d\\ne\\r|00000000000000aa\n"
         "Send mes|3|bob|other|00000000000000aa\nLogin|2|bob|pw\nShow list\nShow all\n",
         "Answer|2|Yes|2|\n" YES "Answer|2|Yes|3^ann^" DATE2 "^10^2^^|\nAnswer|2|Yes|3^ann^" DATE2
         "^10^2^^|\n" YES "Answer|3|Yes|2^ann^" DATE2 "^1^0^a^|3^ann^" DATE2
         "^10^2^a\\pb\\cc\\\\d^|\nAnswer|3|Yes|2^ann^" DATE2 "^1^0^a^|3^ann^" DATE2
         "^10^2^a\\pb\\cc\\\\d\\ne\\r^|\n",
         "escapes are kept, and a repeated token gives the first message");
    talk(w, "Login|2|bob|pw\nShow exact|1|3\n",
         YES "Answer|2|Yes|3^ann^" DATE1 "^10^0^a b c\\d e ^|\n",
         "in version 1 escaped bytes are shown as spaces");
    talk(
        w, "Start|1|2\n" IN "Send mes|2|bob|a\\x\nSend mes|2|b\\|x\nSend mes|3|bob|a|short\n",
        "Answer|2|Yes|2|\n" YES "Answer|2|Noop|a backslash stands only in \\\\\\\\ \\\\p \\\\c "
        "\\\\n \\\\r|\nAnswer|2|Noop|a backslash stands only in \\\\\\\\ \\\\p \\\\c \\\\n \\\\r|\n"
        "Answer|2|Noop|" TOKEN_RULE "|\n",
        "invalid escapes and tokens are refused with the rule");
    starts(w, IN "Send mes|3|bob|a|00000000000000ab\n", YES "Answer|2|Noop|Send mes takes ",
           "version 1 has no token");
}

static void test_forms(struct world *w)
{
    talk(w, "0000000007Noop|0|\r\n0000000009<Noop|0|>0000000007Noop|0|",
         "0000000013Answer|1|Yes|0000000015<Answer|1|Yes|>0000000013Answer|1|Yes|",
         "length form, brackets, and lines between");
    talk(w, "\n\r\n<Noop>\n", "<Answer|1|Yes|>\n", "brackets in line form");
    talk(w, "Exit|0|", INCOMPLETE "its line does not end in LF|\n",
         "an unterminated line is not carried out");
    talk(w, "0000000007Noop|0",
         "0000000107" INCOMPLETE "the frame is shorter than its length says|",
         "half a frame is not carried out");
    starts(w, "0000000004Noop0000000007Noop|0|", "00000000", "a payload without marks");
    talk(w, "GET / HTTP/1.1\nNoop\n", "Exit|1|this is not a web server|\n", "a browser");
    talk(w, "Noop\nx HTTP/1.1\n", YES "Answer|2|Noop|unknown command; Help lists all commands|\n",
         "HTTP is recognized only in the first line");
    talk(w, "PROXY TCP4 192.0.2.7 192.0.2.1 7777 5555\r\nLogin|2|ann|pw\n",
         "Exit|1|a PROXY header, but this address is not in proxy-from|\n",
         "a proxy that is not in proxy-from");
    talk(w, "Noop\nPROXY x\n", YES "Answer|2|Noop|unknown command; Help lists all commands|\n",
         "... is recognized only in the first line");
    talk(w, "0000000007Noop|0|Noop\n",
         "0000000013Answer|1|Yes|"
         "0000000088Answer|2|Noop|a frame begins with its length in bytes, ten decimal digits, at "
         "most 4096|0000000038Exit|1|the next frame cannot be found|",
         "a frame without its length");
    talk(w, "0000004097",
         "0000000069Answer|2|Noop|the frame is too long: at most 4096 bytes before "
         "login|0000000029Exit|1|the frame is too long|",
         "a length beyond the limit");
}

/* Says "head", n times a letter, "tail". */
static const char *long_talk(struct world *w, const char *head, size_t n, const char *tail)
{
    struct buf said;

    buf_init(&said, SIZE_MAX);
    buf_add_str(&said, head);
    for (size_t i = 0; i < n; i++)
        buf_add_char(&said, 'x');
    buf_add_str(&said, tail);
    const char *got = world_run(w, buf_span(&said));
    buf_free(&said);
    return got;
}

static void test_long(struct world *w)
{
    const char *send = IN "Send mes|2|carl|", *then = "\nNoop\n";
    const char *refused = YES "Answer|2|Noop|the server is short of memory, try again later|\n" YES;

    talk(w, "Register|2|carl|pw\n", YES, "an account to write to is registered");
    is_str(long_talk(w, "Noop\n", 4097, then),
           YES "Answer|2|Noop|the frame is too long: at most 4096 bytes before login|\n"
               "Exit|1|the frame is too long|\n",
           "a long line before login");
    is_str(long_talk(w, send, 90000, then), refused,
           "a line that exceeds the user's share of the memory");
    for (size_t first = 0; first <= 40000; first += 5000) {
        w->split = first;
        is_str(long_talk(w, "0000000015Login|2|ann|pw|0000090017Send mes|2|carl|", 90000,
                         "|0000000007Noop|0|"),
               "0000000013Answer|1|Yes|0000000061Answer|2|Noop|the server is short of memory, try "
               "again later|0000000013Answer|1|Yes|",
               "a frame that exceeds the user's share of the memory; %zu bytes arrive first",
               first);
    }
    is_str(long_talk(w, send, 50000, then), YES "Answer|2|Yes|1^ann^" DATE1 "^50000^2^^|\n" YES,
           "a long line within the user's share of the memory");
    starts(w, "Login|2|carl|pw\nShow all\n", YES "Answer|2|Yes|1^ann^" DATE1 "^50000^2^xxxx",
           "the long message is complete");
    w->service.limits.message_bytes = 1000;
    is_str(long_talk(w, send, 1001, then),
           YES
           "Answer|2|Noop|the message is too large: 1001 bytes, at most 1000 are allowed|\n" YES,
           "a message over the limit");
    is_str(long_talk(w, send, 6096, then),
           YES "Answer|2|Noop|the frame is too long: at most 6096 bytes|\n"
               "Exit|1|the frame is too long|\n",
           "a frame longer than any valid one");
    w->service.limits.message_bytes = MESSAGE_BYTES;
}

/* More answers than are ever kept. */
static void test_pipelining(struct world *w)
{
    struct buf said;

    buf_init(&said, SIZE_MAX);
    for (int i = 0; i < 3000; i++)
        buf_add_str(&said, "Noop\n");
    buf_add_char(&said, '\0');
    is_int(world_count(w, said.p, "Answer|"), 3000, "each of many short requests is answered");
    buf_clear(&said);
    for (int i = 0; i < 3000; i++)
        buf_add_str(&said, "Help\n");
    buf_add_char(&said, '\0');
    is_int(world_count(w, said.p, "Answer|"), 3000,
           "each of many requests with long answers is answered");
    buf_free(&said);
}

static void delete_ann(void *ctx)
{
    struct world *w = ctx;
    struct who who;
    struct account a;

    is_int(account_find(w->service.store, "mayfly", &who, &a), ST_OK, "an account is found");
    is_int(account_delete(w->service.store, &who), ST_OK,
           "the account is deleted while its password is checked");
}

/* Nobody could find a session that only then is logged in. */
static void test_login_too_late(struct world *w)
{
    talk(w, "Register|2|mayfly|pw\n", YES, "an account is found");
    world_meanwhile = delete_ann;
    world_meanwhile_ctx = w;
    talk(w, "Login|2|mayfly|pw\nStatus\n",
         "Answer|2|Noop|wrong name or password|\nAnswer|2|Noop|log in first|\n",
         "Login to an account deleted meanwhile fails");
}

static void set_ann_hash(void *ctx)
{
    struct world *w = ctx;
    struct who who;
    struct account a;

    is_int(account_find(w->service.store, "ann", &who, &a), ST_OK, "an account is found");
    is_int(account_set_hash(w->service.store, &who, "theirs"), ST_OK,
           "the password is changed while the old one is checked");
}

/* At Login nothing happens yet. */
static void then_set_ann_hash(void *ctx)
{
    (void)ctx;
    world_meanwhile = set_ann_hash;
}

/* The administrator has locked out whoever knew the old password: it stays so. */
static void test_password_too_late(struct world *w)
{
    world_meanwhile = then_set_ann_hash;
    world_meanwhile_ctx = w;
    talk(w, IN "Password|2|pw|mine\n", YES "Answer|2|Noop|wrong name or password|\n",
         "Password fails if the password was changed meanwhile");
    talk(w, "Login|2|ann|mine\nLogin|2|ann|theirs\nPassword|2|theirs|pw\n",
         "Answer|2|Noop|wrong name or password|\n" YES YES, "... and the other change stays");
}

/* What is refused before it is read is not in the brackets of the one before. */
static void test_brackets_end(struct world *w)
{
    starts(w, "0000000009<Noop|0|>x",
           "0000000015<Answer|1|Yes|>0000000088Answer|2|Noop|a frame begins",
           "an error is not in the brackets of the request before");
}

static void test_ends(struct world *w)
{
    w->end = IO_TIMEOUT;
    talk(w, "Noop\n", YES "Exit|1|idle timeout|\n", "silence ends the session as idle");
    talk(w, "Noop\nNo", YES "Exit|1|the rest of the request did not arrive in time|\n",
         "an incomplete frame ends the session at frame-timeout");
    w->end = IO_LOST;
    talk(w, "Noop\nNo", YES "Exit|1|part of the request was lost|\n",
         "a lost part of a request ends the session");
    w->end = IO_INTERRUPT;
    w->reason = "the server shuts down";
    talk(w, "<Noop>\n", "<Answer|1|Yes|>\nExit|1|the server shuts down|\n",
         "the reason to end the session is sent");
    w->end = IO_CLOSED;
    w->interrupt_writes = true;
    w->split = strlen("Noop\n");
    talk(w, "Noop\nNoop\nNoop\n", YES YES "Exit|1|the server shuts down|\n",
         "requests that have arrived already are not served after the reason to end");
    w->interrupt_writes = false;
    w->split = 0;
    talk(w, "Noop\nNo", YES INCOMPLETE "its line does not end in LF|\n",
         "a client that disconnects inside a request");
    talk(w, "", "", "a client that disconnects without a request");
    w->room = 0;
    w->split = 5;
    talk(w, "Noop\nNoop\n", "", "a client that reads no answer");
    is_int(w->input.n, 5, "requests of a client that reads no answer are not read");
    w->room = UINT64_MAX;
}

/* Read is what was handed to the network, not what was meant to be. */
static void test_broken_answer(struct world *w)
{
    w->split = strlen(IN "Send mes|2|ann|text\n");
    w->room = strlen(YES "Answer|2|Yes|3^ann^" DATE1 "^4^2^^|\n") + 20;
    starts(w, IN "Send mes|2|ann|text\nShow all\n", YES "Answer|2|Yes|3^ann^",
           "an answer breaks off");
    w->split = 0;
    w->room = UINT64_MAX;
    starts(w, IN "Show exact|1|3\n", YES "Answer|2|Yes|3^ann^" DATE1 "^4^2^text^",
           "a message in an answer that broke off is still unread");
}

/* The linker gives us all calls of realloc; the first ones fail. */
static int out_of_memory;

void *real_realloc(void *block, size_t size) __asm__("__real_realloc");
void *short_realloc(void *block, size_t size) __asm__("__wrap_realloc");

void *short_realloc(void *block, size_t size)
{
    if (out_of_memory > 0 && out_of_memory--)
        return NULL;
    return real_realloc(block, size);
}

static void test_no_memory(struct world *w)
{
    out_of_memory = 1;
    talk(w, "Noop\n", "0000000054Exit|1|the server is short of memory, try again later|",
         "no memory for a request");
    out_of_memory = 2;
    talk(w, "Noop\n", "0000000054Exit|1|the server is short of memory, try again later|",
         "no memory for the error either");
    is_int(out_of_memory, 0, "both allocations have failed");
}

/* How long the rest of a frame is waited for. */
static int64_t patience_ms(struct world *w, size_t size)
{
    int64_t began_ms = world_ms;
    const char *got = long_talk(w, "0000004000", size, "");

    ok(strstr(got, "the rest of the request did not arrive in time") != NULL,
       "an incomplete frame ends the session at frame-timeout");
    return world_ms - began_ms;
}

/* What comes and goes slower than it must. */
static void test_rates(struct world *w)
{
    const struct session_limits before = w->service.limits;
    const char *show = "Login|2|carl|pw\nShow all\nShow all\nNoop\n";
    int64_t began_ms;

    w->service.limits.write_ms = 10000;
    w->service.limits.minimum_rate = 1000;
    for (int i = 0; i < 3; i++)
        is_int(world_count(w, "Login|2|carl|pw\nResend|2|carl|1\n", "Answer|"), 2,
               "50,000 bytes more");
    w->end = IO_TIMEOUT;
    is_int(patience_ms(w, 0), before.frame_ms + 10,
           "the deadline of a frame: frame-timeout and the time of its bytes at minimum-rate");
    is_int(patience_ms(w, 1990), before.frame_ms + 2000,
           "the deadline of a frame grows by a second for 1,000 bytes");
    w->end = IO_CLOSED;
    w->rate = 960;
    is_int(world_count(w, show, "Answer|"), 4,
           "a reader at the minimum rate, but for write-timeout");
    w->rate = 940;
    began_ms = world_ms;
    is_int(world_count(w, show, "Answer|"), 2, "a slower reader");
    ok(strstr(w->told.p, "the client does not read its answers") != NULL,
       "a slower reader is disconnected");
    is_int((world_ms - began_ms) / 1000, 10 + 182,
           "the deadline of an answer: write-timeout and the time of its bytes at minimum-rate");
    w->rate = 0;
    w->service.limits = before;
}

/* Wherever the network cuts what is said, the same is answered. */
static void test_splits(struct world *w, const char *said, const char *name)
{
    struct span all = span_str(said);
    char *want = strdup(world_run(w, all));
    size_t same = 1;

    for (; same < all.n; same++) {
        w->split = same;
        if (strcmp(world_run(w, all), want) != 0)
            break;
    }
    is_int(same, all.n, "split anywhere, %s", name);
    if (same < all.n)
        diag("want \"%s\"", want);
    w->split = 0;
    free(want);
}

int main(void)
{
    struct world w;

    random_begin();
    world_begin(&w, MESSAGE_BYTES, MEMORY_BYTES);
    test_account(&w);
    test_registration(&w);
    test_refused(&w);
    test_mail(&w);
    test_version_2(&w);
    test_forms(&w);
    test_long(&w);
    test_pipelining(&w);
    test_login_too_late(&w);
    test_password_too_late(&w);
    test_brackets_end(&w);
    test_ends(&w);
    test_broken_answer(&w);
    test_no_memory(&w);
    test_rates(&w);
    test_splits(&w,
                "Register|2|eve|pw\r\nLogin|2|eve|pw\nSend mes|2|eve|a^b\n\nShow all\n<Status>\n"
                "Delete mes|1|1\nBark\nDelete user\nExit\n",
                "lines");
    test_splits(&w,
                "0000000010Start|1|2|\r\n0000000018Register|2|eve|pw|0000000015Login|2|eve|pw|"
                "0000000023<Send mes|2|eve|a\\pb\n|>0000000014Show unread|0|"
                "0000000014Delete user|0|0000000007Exit|0|",
                "frames");
    world_end(&w);
    return done_testing();
}
