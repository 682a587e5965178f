/* SPDX-License-Identifier: ISC */
/* What submission and LMTP do when the store is lost, at each moment at which they ask. */
#include "doors/smtp.h"

#include "doors_fixture.h"
#include "store/fence.h"

#define LOST "421 4.3.0 storage error, outcome unknown\r\n"

bool here_fence_holds(const struct store *s) __asm__("__wrap_fence_holds");

static int asked, lost_at; /* the how manieth question is answered with no; 0: none */
static struct span later;

bool here_fence_holds(const struct store *s)
{
    (void)s;
    asked++;
    return lost_at == 0 || asked < lost_at;
}

static void begin(struct world *w, const struct conversation *talk)
{
    lost_at = 0;
    doors_begin(w, talk, 3000, 200000);
    account_register(w->service.store, "ann", "pw");
    account_register(w->service.store, "bob", "pw");
}

static const char *run(struct world *w, const char *said, int at)
{
    asked = 0;
    lost_at = at;
    return world_run(w, span_str(said));
}

static bool has_mail(struct world *w, const char *user)
{
    struct who who = {.generation = ""};
    struct mailbox *mb;
    struct mail m;
    uint32_t mark = 0;
    snprintf(who.name, sizeof who.name, "%s", user);
    if (mailbox_open(w->service.store, &who, &mb) != ST_OK)
        return false;
    bool has = messages_next(mb, &mark, &m) == ST_OK;
    mailbox_close(mb);
    return has;
}

/* A server that has lost its store ends, so each moment has a store of its own. */
static void test_each_moment(const struct conversation *talk, const char *said)
{
    struct world w;
    begin(&w, talk);
    ok(strstr(run(&w, said, 0), "stored") != NULL, "a store that is not lost");
    int questions = asked, bad = 0;
    doors_end(&w);
    ok(questions >= 6, "the fence is asked for each command and for the answers");
    for (int i = 1; i <= questions; i++) {
        begin(&w, talk);
        const char *got = run(&w, said, i), *last = strstr(got, "421");
        bad += !last || strchr(last, '\n')[1] != '\0';
        doors_end(&w);
    }
    is_int(bad, 0, "lost at any of %d questions: 421 is the last answer", questions);
}

static bool lose(struct world *w)
{
    if (later.n == 0)
        return false;
    w->input = later;
    later = SPAN("");
    lost_at = asked + 1;
    return true;
}

static bool lose_after_first(struct world *w)
{
    bool goes_on = lose(w);
    lost_at = lost_at ? lost_at + 1 : 0;
    return goes_on;
}

/* What may not be answered must not be done. */
static void test_not_begun(const struct conversation *talk, const char *said)
{
    struct world w;
    begin(&w, talk);
    later = SPAN("text\r\n.\r\n");
    w.meanwhile = lose;
    const char *last = strstr(run(&w, said, 0), "354");
    ok(last && strcmp(strchr(last, '\n') + 1, LOST) == 0, "lost while the text came");
    ok(!has_mail(&w, "ann") && !has_mail(&w, "bob"), "... nothing is stored");
    later = SPAN("text\r\n.\r\n");
    w.meanwhile = lose_after_first;
    run(&w, said, 0);
    ok(!has_mail(&w, "bob"), "lost after the first recipient: nothing is stored for the second");
    doors_end(&w);
}

int main(void)
{
    static const char submission[] =
        "EHLO x\r\nAUTH PLAIN AGFubgBwdw==\r\nMAIL FROM:<ann>\r\nRCPT TO:<ann>\r\n"
        "RCPT TO:<bob>\r\nDATA\r\n";
    static const char lmtp[] =
        "LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<ann>\r\nRCPT TO:<bob>\r\nDATA\r\n";
    char whole[300];
    test_not_begun(&door_submission, submission);
    test_not_begun(&door_lmtp, lmtp);
    snprintf(whole, sizeof whole, "%stext\r\n.\r\nQUIT\r\n", submission);
    test_each_moment(&door_submission, whole);
    snprintf(whole, sizeof whole, "%stext\r\n.\r\nQUIT\r\n", lmtp);
    test_each_moment(&door_lmtp, whole);
    return done_testing();
}
