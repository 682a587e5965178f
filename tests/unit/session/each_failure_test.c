/* SPDX-License-Identifier: ISC */
/*
 * A session uses all commands while a call of the store, or an allocation, fails: in one run only
 * this call, in another run also all later ones. What was answered is true afterwards, answers are
 * whole, and nothing leaks. With STRIDE=1 the test does all runs, otherwise a part of them.
 */
#include "each_call.h"
#include "session_fixture.h"

#define ANN   "Login|2|ann|pw\n"
#define TOKEN "0123456789abcdef"

/* A request, and the text that it puts into a user's mailbox, if it does. */
static const struct {
    const char *line, *user, *text;
} requests[] = {
    {"Start|1|2\n", NULL, NULL},
    {ANN, NULL, NULL},
    {"Help|1|Send mes\n", NULL, NULL},
    {"Send mes|3|bob|first|" TOKEN "\n", "bob", "first"},
    {"Send mes|3|bob|first|" TOKEN "\n", "bob", "first"},
    {"Send mes|2|bob|second\n", "bob", "second"},
    {"Import mes|4|2017-12-03T12:51:33Z|0|imported|" TOKEN "\n", "ann", "imported"},
    {"Check user|1|bob\n", NULL, NULL},
    {"Show list\n", NULL, NULL},
    {"Show all\n", NULL, NULL},
    {"Show exact|1|1\n", NULL, NULL},
    {"Peek mes|1|2\n", NULL, NULL},
    {"Mark mes|2|1|2\n", NULL, NULL},
    {"Show unread\n", NULL, NULL},
    {"Resend|3|bob|2|" TOKEN "1\n", "bob", "two"},
    {"Resend|3|bob|2|" TOKEN "1\n", "bob", "two"},
    {"Delete mes|1|1\n", NULL, NULL},
    {"Show deleted\n", NULL, NULL},
    {"Restore mes|1|1\n", NULL, NULL},
    {"Watch\n", NULL, NULL},
    {"Send mes|2|ann|news\n", "ann", "news"},
    {"Status\n", NULL, NULL},
    {"Password|2|pw|new\n", NULL, NULL},
    {"Login|2|ann|new\n", NULL, NULL},
    {"Logout\n", NULL, NULL},
    {"Register|2|carl|pw\n", NULL, NULL},
    {"Login|2|carl|pw\n", NULL, NULL},
    {"Watch\n", NULL, NULL},
    {"Delete user\n", NULL, NULL},
    {"Exit\n", NULL, NULL},
};

enum { REQUESTS = sizeof requests / sizeof *requests };

static struct world w;
static char said[4096];
/* --- what was answered, and what is there --- */

enum answer { NONE, NOOP, MAYBE, YES };

static enum answer answers[REQUESTS];

static void read_answers(const char *got)
{
    int i = 0;

    memset(answers, 0, sizeof answers);
    /* Before the server has heard anything, Exit has the other form. */
    bool lines = *got == 'A' || *got == 'E';
    for (; lines && *got && i < REQUESTS; got = strchr(got, '\n') + 1) {
        if (strncmp(got, "Answer|", 7) == 0)
            answers[i++] = strstr(got, "|Yes|") == got + 8 ? YES : NOOP;
        else if (strncmp(got, "Exit|", 5) == 0)
            answers[i++] = MAYBE;
        if (!strchr(got, '\n')) {
            is_wrong("an answer is not whole");
            return;
        }
    }
    if (i < REQUESTS) /* the connection was closed in or before the next answer */
        answers[i] = MAYBE;
}

static int count_text(struct store *s, const char *user, const char *text)
{
    struct mailbox *mb;
    struct who who = {.generation = ""};
    struct mail m = {.id = 0};
    uint32_t mark = 0;
    int n = 0;

    snprintf(who.name, sizeof who.name, "%s", user);
    if (mailbox_open(s, &who, &mb) != ST_OK) {
        is_wrong("the mailbox of %s cannot be opened afterwards", user);
        return 0;
    }
    while (messages_next(mb, &mark, &m) == ST_OK)
        n += fixture_body(mb, &m, span_str(text)) == ST_OK;
    mailbox_close(mb);
    return n;
}

/* Requests that put the same text into a mailbox have the same token: they count as one. */
static void check_messages(struct store *s)
{
    for (int i = 0; i < REQUESTS; i++) {
        int least = answers[i] == YES, most = answers[i] >= MAYBE, n;
        if (!requests[i].user || !requests[i].text)
            continue;
        for (int j = 0; j < REQUESTS; j++)
            if (requests[j].text && strcmp(requests[j].text, requests[i].text) == 0) {
                least = least || answers[j] == YES;
                most = most || answers[j] >= MAYBE;
            }
        n = count_text(s, requests[i].user, requests[i].text);
        if (n < least || n > most)
            is_wrong("\"%s\" is there %d times, not %d to %d", requests[i].text, n, least, most);
    }
}

/* --- a run --- */

static void make_accounts(struct store *s)
{
    struct who who = {.name = "ann"};
    struct mailbox *ann;

    if (account_register(s, "ann", "pw") != ST_OK || account_register(s, "bob", "pw") != ST_OK ||
        mailbox_open(s, &who, &ann) != ST_OK)
        exit(1);
    fixture_deliver(ann, "bob", "one");
    fixture_deliver(ann, "bob", "two");
    mailbox_close(ann);
}

static void begin(void)
{
    world_begin(&w, 100000, 200000);
    w.service.store->limits.trash_s = 86400;
    make_accounts(w.service.store);
    buf_reserve(&w.output, 1 << 20); /* what is written there must not fail */
    buf_reserve(&w.told, 1 << 20);
}

/* Returns whether the call was made, and so failed. */
static bool run(const void *ctx, int nth, int error, bool ever)
{
    struct each_held held = each_hold();

    (void)ctx;
    begin();
    faults_arm(nth, error, ever);
    const char *got = world_run(&w, span_str(said));
    bool failed = faults_disarm();
    read_answers(got);
    store_close(w.service.store);
    w.service.store = fixture_open(&w.fixture, true);
    check_messages(w.service.store);
    world_end(&w);
    each_check_held(&held);
    return failed;
}

static void test_without_faults(void)
{
    int n = 0;

    run(NULL, INT32_MAX, EIO, false);
    for (int i = 0; i < REQUESTS; i++)
        n += answers[i] == YES;
    is_int(n, REQUESTS, "without faults each request is answered Yes");
    is_int(wrong, 0, "... and %s", wrong ? first_wrong : "all is there");
    wrong = 0;
}

/* What the server allocates at its start. */
static void test_new_without_memory(void)
{
    static const unsigned char key[SIPHASH_KEY_BYTES] = "0123456789abcde";

    faults_arm(1, ENOMEM, true);
    ok(!login_throttle_new(key), "no memory for the throttle of logins");
    ok(!send_rate_new(key), "no memory for the rates of senders");
    faults_disarm();
    login_throttle_free(NULL);
    send_rate_free(NULL);
}

int main(void)
{
    const struct each_call each = {"a session", run, NULL, 100, faults_stride()};

    for (int i = 0; i < REQUESTS; i++)
        strcat(said, requests[i].line);
    test_new_without_memory();
    test_without_faults();
    each_call_fails(&each, 1, EIO, false);
    each_call_fails(&each, 2, EIO, true);
    each_call_fails(&each, 3, EMFILE, false);
    return done_testing();
}
