/* SPDX-License-Identifier: ISC */
/*
 * Messages come by submission and LMTP while a call of the store, or an allocation, fails: in one
 * run only this call, in another run also all later ones. What was answered 250 is there, once,
 * also when the message was sent again; answers are whole, and nothing leaks. With STRIDE=1 the
 * test does all runs, otherwise a part of them.
 */
#include "each_call.h"

#include "doors/smtp.h"
#include "doors_fixture.h"

#define TEXT(id) "From: ann@mail.test\nMessage-ID: <" id "@x>\n\n" id "\n.\n"
#define BODY(id) \
    "MIME-Version: 1.0\nFrom: ann@mail.test\r\nMessage-ID: <" id "@x>\r\n\r\n" id "\r\n"
#define TO_BOB  "RCPT TO:<bob@mail.test>\n"
#define TO_CARL "RCPT TO:<carl@mail.test>\n"
#define ONE     "MAIL FROM:<ann@mail.test>\n" TO_BOB "DATA\n" TEXT("one")
#define TWO     "MAIL FROM:<ann@mail.test>\n" TO_BOB TO_CARL "DATA\n" TEXT("two")

/* Each message is sent twice; the second time is a repeat. */
static const char submission[] = "EHLO x\nAUTH PLAIN AGFubgBwdw==\nHELP\n" ONE ONE TWO TWO "QUIT\n";
static const char lmtp[] = "LHLO x\n" ONE ONE TWO TWO "QUIT\n";

static struct world w;

static void begin(const struct conversation *talk)
{
    doors_begin(&w, talk, 100000, 200000);
    if (account_register(w.service.store, "ann", "pw") != ST_OK ||
        account_register(w.service.store, "bob", "pw") != ST_OK ||
        account_register(w.service.store, "carl", "pw") != ST_OK)
        exit(1);
    buf_reserve(&w.output, 1 << 20); /* what is written there must not fail */
    buf_reserve(&w.told, 1 << 20);
}

static int count(const char *user, struct span body)
{
    struct mailbox *mb;
    struct who who = {.generation = ""};
    struct mail m = {.id = 0};
    uint32_t mark = 0;
    int n = 0;
    snprintf(who.name, sizeof who.name, "%s", user);
    if (mailbox_open(w.service.store, &who, &mb) != ST_OK) {
        is_wrong("the mailbox of %s cannot be opened afterwards", user);
        return 0;
    }
    while (messages_next(mb, &mark, &m) == ST_OK)
        n += fixture_body(mb, &m, body) == ST_OK;
    mailbox_close(mb);
    return n;
}

/* What must be there, because it was answered 250: texts for users. */
enum { ONE_BOB, TWO_BOB, TWO_CARL, STORED };

/* The answer to a text: for the users whose RCPT was accepted, or for the one that it names. */
static void note(bool must_be[STORED], int nth, struct span line, bool bob, bool carl)
{
    struct span who = span_skip(line, strlen("250 2.0.0 "));
    bool all = span_starts(who, SPAN("stored "));
    if ((all && bob) || span_starts(who, SPAN("bob: stored")))
        must_be[nth < 2 ? ONE_BOB : TWO_BOB] = true;
    if ((all && carl) || span_starts(who, SPAN("carl: stored")))
        must_be[TWO_CARL] = true;
}

/* Returns whether the session was answered to its end. */
static bool read_answers(struct span got, bool must_be[STORED])
{
    struct span line = {NULL, 0};
    bool bob = false, carl = false;
    int mails = 0;
    while (span_cut(&got, '\n', &line))
        if (span_starts(line, SPAN("250 2.1.0"))) {
            mails++;
            bob = carl = false;
        } else if (span_starts(line, SPAN("250 2.1.5"))) {
            bob = bob || span_starts(line, SPAN("250 2.1.5 bob"));
            carl = carl || span_starts(line, SPAN("250 2.1.5 carl"));
        } else if (span_starts(line, SPAN("250 2.0.0"))) {
            note(must_be, mails - 1, line, bob, carl);
        }
    if (got.n > 0)
        is_wrong("an answer is not whole");
    return span_starts(line, SPAN("221"));
}

static void check(const char *user, struct span body, bool must_be, const char *name)
{
    int n = count(user, body);
    if (n > 1 || (must_be && n == 0))
        is_wrong("%s is there %d times for %s", name, n, user);
}

/* Returns whether the call was made, and so failed. */
static bool run(const void *ctx, int nth, int error, bool ever)
{
    struct each_held held = each_hold();
    const struct conversation *talk = ctx;
    bool must_be[STORED] = {false};
    struct buf lines;
    begin(talk);
    buf_init(&lines, SIZE_MAX / 2);
    doors_add_lines(&lines, talk == &door_lmtp ? lmtp : submission);
    faults_arm(nth, error, ever);
    world_run(&w, buf_span(&lines));
    bool failed = faults_disarm();
    bool whole = read_answers(buf_span(&w.output), must_be);
    if (nth == INT32_MAX && !(whole && must_be[ONE_BOB] && must_be[TWO_BOB] && must_be[TWO_CARL]))
        is_wrong("not all was answered 250");
    store_close(w.service.store);
    w.service.store = fixture_open(&w.fixture, true);
    check("bob", SPAN(BODY("one")), must_be[ONE_BOB], "one");
    check("bob", SPAN(BODY("two")), must_be[TWO_BOB], "two");
    check("carl", SPAN(BODY("two")), must_be[TWO_CARL], "two");
    buf_free(&lines);
    doors_end(&w);
    each_check_held(&held);
    return failed;
}

int main(void)
{
    const struct each_call each[] = {
        {"submission", run, &door_submission, 100, faults_stride()},
        {"LMTP", run, &door_lmtp, 100, faults_stride()},
    };
    for (size_t i = 0; i < 2; i++) {
        run(each[i].ctx, INT32_MAX, EIO, false);
        is_int(wrong, 0, "%s without faults: %s", each[i].what,
               wrong ? first_wrong : "all is there");
        wrong = 0;
        each_call_fails(&each[i], 1, EIO, false);
        each_call_fails(&each[i], 2, EIO, true);
    }
    return done_testing();
}
