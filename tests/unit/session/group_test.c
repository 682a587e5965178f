/* SPDX-License-Identifier: ISC */
/*
 * A message to a group while something happens, or a call fails: in one run only this call, in
 * another run also all later ones. What was answered Yes, each member has, or the sender was told
 * of those who have not; a repeat completes it; nobody has anything twice. With STRIDE=1 the test
 * does all runs, otherwise a part of them.
 */
#include "each_call.h"
#include "session_fixture.h"
#include "store/group.h"

#define DORA  "Start|1|2\nLogin|2|dora|pw\n"
#define TOKEN "0123456789abcdef"
#define SEND  "Send mes|3|staff|text|" TOKEN "\n"

static const char *const names[] = {"ann", "bob", "carl"};
enum { MEMBERS = 3 };

static struct world w;
static struct mailbox *boxes[MEMBERS];

/* --- the store --- */

static void begin(void)
{
    static const struct group members = {
        .n = MEMBERS, .members = {{.name = "ann"}, {.name = "bob"}, {.name = "carl"}}};
    struct group_refusal why = {.why = NULL};

    world_begin(&w, 100000, 200000);
    buf_reserve(&w.output, 1 << 16); /* what is written there must not fail */
    buf_reserve(&w.told, 1 << 16);
    bool ok = account_register(w.service.store, "dora", "pw") == ST_OK;
    for (int i = 0; i < MEMBERS; i++)
        ok = ok && account_register(w.service.store, names[i], "pw") == ST_OK;
    if (!ok || group_add(w.service.store, "staff", &members, &why) != ST_OK)
        exit(1);
}

static void reopen(void)
{
    store_close(w.service.store);
    w.service.store = fixture_open(&w.fixture, true);
}

/* So that a delivery reads no mailbox first. */
static void open_boxes(void)
{
    for (int i = 0; i < MEMBERS; i++) {
        struct who who = {.generation = ""};
        snprintf(who.name, sizeof who.name, "%s", names[i]);
        if (mailbox_open(w.service.store, &who, &boxes[i]) != ST_OK)
            exit(1);
        fixture_deliver(boxes[i], "bob", "earlier");
    }
}

static void close_boxes(void)
{
    for (int i = 0; i < MEMBERS; i++)
        mailbox_close(boxes[i]);
}

/* How many messages with this text, or from the server if it is NULL, somebody has. */
static int count(const char *user, const char *text)
{
    struct mailbox *mb;
    struct who who = {.generation = ""};
    struct mail m = {.id = 0};
    uint32_t mark = 0;
    int n = 0;

    snprintf(who.name, sizeof who.name, "%s", user);
    if (mailbox_open(w.service.store, &who, &mb) != ST_OK)
        return -1;
    while (messages_next(mb, &mark, &m) == ST_OK)
        n +=
            text ? fixture_body(mb, &m, span_str(text)) == ST_OK : strcmp(m.from, NAME_SERVER) == 0;
    mailbox_close(mb);
    return n;
}

/* What the members have, a digit each, and the letters of the sender. */
static const char *counts(void)
{
    static char text[40];

    snprintf(text, sizeof text, "%d %d %d, %d", count("ann", "text"), count("bob", "text"),
             count("carl", "text"), count("dora", NULL));
    return text;
}

static const char *last_answer(const char *said)
{
    const char *got = world_run(&w, span_str(said));
    const char *last = got;

    for (; got && *got; got = strchr(got, '\n') ? strchr(got, '\n') + 1 : NULL)
        last = got;
    return last;
}

/* --- something happens --- */

static void test_unknown(void)
{
    begin();
    open_boxes();
    faults_meanwhile("os_file_sync_dir", NULL, 2, NULL, EIO);
    is_str(last_answer(DORA SEND), "Exit|1|storage error, outcome unknown|\n",
           "unknown: the sync for the second member fails");
    ok(faults_happened(), "unknown: ... it did");
    is_int(count("ann", "text") + count("carl", "text"), 2, "unknown: the others have the message");
    is_int(count("dora", NULL), 0, "unknown: ... and the sender has no letter");
    w.service.limits.per_minute = 1;
    is_str(last_answer(DORA SEND), "Exit|1|storage error, outcome unknown|\n",
           "unknown: a repeat over the limit learns no more");
    w.service.limits.per_minute = 0;
    close_boxes();
    reopen();
    ok(strstr(last_answer(DORA SEND), "|Yes|"), "unknown: after a restart, a repeat is sent");
    is_str(counts(), "1 1 1, 0", "unknown: ... and each has it once");
    world_end(&w);
}

static void must_end(void)
{
    w.reason = "the server stops";
    w.interrupted = true;
}

/* More members than are handled at once. */
static void add_many(void)
{
    static struct group many;
    struct group_refusal why = {.why = NULL};

    many.n = 0;
    for (int i = 0; i < 40; i++) {
        struct who who = {.generation = ""};
        snprintf(who.name, sizeof who.name, "u%02d", i);
        account_register(w.service.store, who.name, "pw");
        group_insert(&many, &who);
    }
    is_int(group_add(w.service.store, "all", &many, &why), ST_OK, "ended: a group of 40");
}

static int count_many(void)
{
    char name[NAME_BYTES + 1];
    int n = 0;

    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "u%02d", i);
        n += count(name, "text");
    }
    return n;
}

static void test_ended(void)
{
    static const char send[] = DORA "Send mes|3|all|text|" TOKEN "\n";

    begin();
    add_many();
    faults_meanwhile("os_file_create", LAYOUT_TEMPORARY, 2, must_end, 0);
    is_str(last_answer(send), "Exit|1|the server stops|\n",
           "ended: the session must end while it delivers");
    ok(faults_happened(), "ended: ... it did");
    is_int(count_many(), 32, "ended: the last ones wait for the repeat");
    w.reason = NULL;
    ok(strstr(last_answer(send), "|Yes|"), "ended: which is sent");
    is_int(count_many(), 40, "ended: ... and each has it once");
    is_int(count("u39", "text"), 1, "ended: ... the last one, too");
    world_end(&w);
}

static void delete_bob(void)
{
    struct who who = {.name = "bob"};
    struct account a;

    if (account_find(w.service.store, "bob", &who, &a) != ST_OK ||
        account_delete(w.service.store, &who) != ST_OK)
        exit(1);
}

/* A member whose account is deleted at this moment. */
static void test_deleted(void)
{
    begin();
    open_boxes();
    mailbox_close(boxes[1]);
    boxes[1] = NULL;
    faults_meanwhile("os_file_create", LAYOUT_TEMPORARY, 1, delete_bob, 0);
    ok(strstr(last_answer(DORA SEND), "|Yes|"), "deleted: a member is deleted meanwhile");
    ok(faults_happened(), "deleted: ... it is");
    is_str(counts(), "1 -1 1, 1", "deleted: the others have it, and the sender a letter");
    last_answer(DORA SEND);
    is_str(counts(), "1 -1 1, 1", "deleted: ... a repeat changes nothing");
    close_boxes();
    world_end(&w);
}

/* The sender has reached the limit, and repeats what was answered. */
static void test_repeat_at_limit(void)
{
    begin();
    open_boxes();
    delete_bob();
    w.service.limits.per_minute = 1;
    ok(strstr(last_answer(DORA SEND), "|Yes|"), "limit: a message to a group with one who is gone");
    ok(strstr(last_answer(DORA SEND), "|Yes|"), "limit: ... a repeat");
    ok(strstr(last_answer(DORA "Send mes|3|staff|other|" TOKEN "0\n"), "|Noop|too often"),
       "limit: ... another message is one too many");
    ok(strstr(last_answer(DORA SEND), "|Yes|"), "limit: ... a repeat is not");
    is_str(counts(), "1 -1 1, 1", "limit: ... nobody has it twice");
    close_boxes();
    world_end(&w);
}

/* The first time, the sender needed no letter. */
static void test_no_letter_at_limit(void)
{
    begin();
    open_boxes();
    w.service.limits.per_minute = 1;
    ok(strstr(last_answer(DORA SEND), "|Yes|"), "no letter: all members have the message");
    delete_bob();
    ok(strstr(last_answer(DORA SEND), "|Noop|too often"),
       "no letter: a repeat after one was deleted counts against the limit");
    is_str(counts(), "1 -1 1, 0", "no letter: ... and changes nothing");
    close_boxes();
    world_end(&w);
}

static bool delete_dora(struct world *world)
{
    struct who who = {.name = "dora"};
    struct account a;

    world->meanwhile = NULL;
    world->input = SPAN(SEND);
    return account_find(world->service.store, "dora", &who, &a) == ST_OK &&
           account_delete(world->service.store, &who) == ST_OK;
}

/* Nobody can look whether a sender has the letter whose account is deleted in this session. */
static void test_no_sender(void)
{
    begin();
    open_boxes();
    delete_bob();
    w.service.limits.per_minute = 1;
    ok(strstr(last_answer(DORA SEND), "|Yes|"), "no sender: a message, and a letter to the sender");
    w.meanwhile = delete_dora;
    ok(strstr(last_answer(DORA), "|Noop|too often"),
       "no sender: a repeat of one who was deleted counts against the limit");
    is_str(counts(), "1 -1 1, -1", "no sender: ... and changes nothing");
    close_boxes();
    world_end(&w);
}

/* --- each call fails --- */

static void check(const char *when, bool yes)
{
    int have = 0;

    for (int i = 0; i < MEMBERS; i++) {
        int n = count(names[i], "text");
        if (n < 0 || n > 1)
            is_wrong("%s: %s has it %d times", when, names[i], n);
        have += n == 1;
    }
    int letters = count("dora", NULL);
    if (letters < 0 || letters > 1)
        is_wrong("%s: the sender has %d letters", when, letters);
    if (yes && have == 0)
        is_wrong("%s: answered Yes, but nobody has it", when);
}

static bool run(const void *ctx, int nth, int error, bool ever)
{
    struct each_held held = each_hold();

    (void)ctx;
    begin();
    faults_arm(nth, error, ever);
    bool yes = strstr(last_answer(DORA "Check user|1|staff\n" SEND), "|Yes|1^dora^");
    bool again = strstr(last_answer(DORA SEND), "|Yes|1^dora^");
    bool failed = faults_disarm();
    reopen();
    check("before", yes || again);
    if (!strstr(last_answer(DORA SEND), "|Yes|1^dora^"))
        is_wrong("a repeat without faults is not answered Yes");
    check("after", true);
    if (strncmp(counts(), "1 1 1, ", 7) != 0)
        is_wrong("not all have it after a repeat: %s", counts());
    world_end(&w);
    each_check_held(&held);
    return failed;
}

int main(void)
{
    const struct each_call each = {"a group", run, NULL, 100, faults_stride()};

    test_unknown();
    test_ended();
    test_deleted();
    test_repeat_at_limit();
    test_no_letter_at_limit();
    test_no_sender();
    each_call_fails(&each, 1, EIO, false);
    each_call_fails(&each, 2, ENOSPC, true);
    each_call_fails(&each, 3, ENOMEM, false);
    return done_testing();
}
