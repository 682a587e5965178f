/* SPDX-License-Identifier: ISC */
/* What a session of POP3 does when the store is lost, at each moment at which it asks. */
#include "doors/pop3.h"

#include "session_fixture.h"
#include "store/fence.h"

#define HELLO "+OK Pochta POP3 server ready\r\n"
#define LOGIN "USER ann\r\nPASS pw\r\n"
#define LOST  "-ERR [SYS/TEMP] storage error, outcome unknown\r\n"

bool here_fence_holds(const struct store *s) __asm__("__wrap_fence_holds");

static struct world w;
static int asked, lost_at; /* the how manieth question is answered with no; 0: none */

bool here_fence_holds(const struct store *s)
{
    (void)s;
    asked++;
    return lost_at == 0 || asked < lost_at;
}

static const char *run(const char *said, int at)
{
    asked = 0;
    lost_at = at;
    return world_run(&w, span_str(said));
}

static void begin(void)
{
    world_begin(&w, 200000, 1 << 20);
    w.talk = &door_pop3;
    asked = lost_at = 0;
    is_int(account_register(w.service.store, "ann", "pw"), ST_OK, "an account");
}

static void deliver(const char *text)
{
    struct mailbox *ann = fixture_mailbox(w.service.store, "ann");
    fixture_deliver(ann, "bob", text);
    mailbox_close(ann);
}

static bool is_there(uint32_t id)
{
    asked = lost_at = 0;
    struct mailbox *ann = fixture_mailbox(w.service.store, "ann");
    struct mail m;
    bool there = messages_find(ann, id, &m) == ST_OK;
    mailbox_close(ann);
    return there;
}

/* Whether it is the words of a server that has lost its store, and no answer. */
static bool is_lost(const char *got)
{
    return strcmp(got, LOST) == 0 || strcmp(got, HELLO LOST) == 0;
}

/* A server that has lost its store ends, so each moment has a store of its own. */
static void test_each_moment(void)
{
    static const char said[] = LOGIN "NOOP\r\nTOP 1 1\r\nDELE 1\r\nNOOP\r\nQUIT\r\n";
    int questions = 1, same = 0;
    for (int i = 0; i <= questions; i++) {
        begin();
        deliver("text");
        const char *got = run(said, i);
        if (i == 0)
            questions = asked;
        same += is_lost(got);
        world_end(&w);
    }
    ok(questions > 8, "the fence is asked for each command and for the answers");
    is_int(same, questions, "lost at any of %d questions: no answer, but words", questions);
}

/* What may not be answered is not begun, whatever the store itself would do. */
static void test_each_command(void)
{
    begin();
    deliver("text");
    run("NOOP\r\n", 0);
    int questions = asked;
    run("NOOP\r\nNOOP\r\n", 0);
    is_int(asked, questions + 1, "the fence is asked for a command that needs no store");
    run(LOGIN "DELE 1\r\n", 0);
    questions = asked; /* the last one is for the answers; QUIT's comes instead */
    run(LOGIN "DELE 1\r\nQUIT\r\n", questions);
    ok(is_there(1), "QUIT that is not begun deletes nothing");
    run(LOGIN "DELE 1\r\nQUIT\r\n", 0);
    ok(!is_there(1), "otherwise it does");
    world_end(&w);
}

/* An answer of which a part was sent ends within it: last words would be taken for a part of it. */
static void test_long_answer(void)
{
    static char text[150000];
    int cut = 0, questions;
    begin();
    memset(text, 'x', sizeof text - 1);
    for (size_t i = 70; i < sizeof text - 1; i += 71)
        text[i] = '\n';
    deliver(text);
    ok(strlen(run(LOGIN "TOP 1 9999\r\n", 0)) > 150000, "a long answer is sent");
    questions = asked;
    for (int i = 1; i <= questions; i++) {
        const char *got = run(LOGIN "TOP 1 9999\r\n", i);
        bool begun = strlen(got) > 1000;
        cut += begun && strlen(got) < 150000;
        ok(begun ? !strstr(got, "-ERR") : is_lost(got),
           "lost at question %d of %d of a long answer: no words within it", i, questions);
    }
    ok(cut > 0, "... and %d times the answer was cut", cut);
    world_end(&w);
}

int main(void)
{
    random_begin();
    test_each_moment();
    test_each_command();
    test_long_answer();
    return done_testing();
}
