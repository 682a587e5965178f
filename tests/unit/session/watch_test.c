/* SPDX-License-Identifier: ISC */
/*
 * Watch, in sessions from memory: what comes between answers, and when. Letters arrive while the
 * session waits for more input.
 */
#include "session/watch.h"

#include <sys/resource.h>

#include "session_fixture.h"

#define DATE1 "Sun Dec  3 15:51:33 2017"
#define INCOMPLETE                                                                               \
    "Answer|2|Noop|the request is incomplete and was not carried out: its line does not end in " \
    "LF|\n"
#define YES                  "Answer|1|Yes|\n"
#define BEGIN                "Login|2|ann|pw\nWatch\n"
#define MAIL(id, size, line) "Mail|1|" #id "^bob^" DATE1 "^" #size "^2^" line "^|\n"
#define MANY                 250

static struct mailbox *box; /* ann's, empty at the beginning of each test */
static int step;            /* how often the session waited so far */
static bool prompt;         /* at the first wait: it had said that it expects to be woken */

static void arrive(struct world *w, const char *text)
{
    fixture_deliver(box, "bob", text);
    watch_tell(&w->watch, mailbox_who(box));
}

static void begin(struct world *w)
{
    world_begin(w, 3000, 65536);
    store_set_limits(w->service.store, &(struct store_limits){.trash_s = 3600});
    box = fixture_account(w->service.store, "ann");
    world_run(w, SPAN("Login|2|ann|hash\nPassword|2|hash|pw\n"));
    step = 0;
}

static void end(struct world *w)
{
    mailbox_close(box);
    world_end(w);
}

/* Runs one session on a store of its own, in which ann has two messages already. */
static void scene(bool (*meanwhile)(struct world *w), const char *said, const char *want,
                  const char *name)
{
    struct world w;

    begin(&w);
    fixture_deliver(box, "bob", "old");
    fixture_deliver(box, "bob", "older");
    w.meanwhile = meanwhile;
    is_str(world_run(&w, span_str(said)), want, "%s", name);
    ok(w.fixture.troubles == 0, "... and the store is well: %s", w.fixture.last);
    watch_tell(&w.watch, mailbox_who(box));
    end(&w);
}

static bool two_letters(struct world *w)
{
    if (step++)
        return false;
    prompt = w->watching;
    arrive(w, "hello\nworld");
    arrive(w, "a|b^c\\");
    return true;
}

static void test_arrival(void)
{
    scene(two_letters, BEGIN, YES YES MAIL(3, 11, "hello") MAIL(4, 6, "a b c\\"),
          "new messages are announced, older ones are not");
    ok(prompt, "... and the session has said that it expects wakes");
    scene(two_letters, "Login|2|ann|pw\n<Watch|0|>\n",
          YES "<Answer|1|Yes|>\n" MAIL(3, 11, "hello") MAIL(4, 6, "a b c\\"),
          "announcements have no brackets");
    scene(two_letters, "Start|1|2\n" BEGIN,
          "Answer|2|Yes|2|\n" YES YES "Mail|1|3^bob^2017-12-03T15:51:33Z^11^2^hello^|\n"
          "Mail|1|4^bob^2017-12-03T15:51:33Z^6^2^a\\pb\\cc\\\\^|\n",
          "in version 2 announcements have escapes");
    scene(two_letters, "0000000015Login|2|ann|pw|0000000008Watch|0|",
          "0000000013Answer|1|Yes|0000000013Answer|1|Yes|"
          "0000000050Mail|1|3^bob^" DATE1 "^11^2^hello^|"
          "0000000050Mail|1|4^bob^" DATE1 "^6^2^a b c\\^|",
          "announcements in length form");
    scene(two_letters, BEGIN "Logout\n", YES YES YES, "no announcements after Logout");
    ok(!prompt, "... and the session has said that it expects no more wakes");
    scene(two_letters, BEGIN "Login|2|ann|pw\n", YES YES YES,
          "no announcements after another Login");
    scene(two_letters, BEGIN "Login|2|ann|no\n",
          YES YES "Answer|2|Noop|wrong name or password|\n" MAIL(3, 11, "hello")
              MAIL(4, 6, "a b c\\"),
          "announcements go on after a failed Login");
    scene(two_letters, BEGIN "Watch\n", YES YES YES MAIL(3, 11, "hello") MAIL(4, 6, "a b c\\"),
          "each message is announced once after several Watch");
    scene(two_letters, "Watch\nLogin|2|ann|pw\n", "Answer|2|Noop|log in first|\n" YES,
          "Watch needs a login");
}

static void test_own(void)
{
    scene(NULL, BEGIN "Send mes|2|ann|me\nResend|2|ann|1\nShow list|2|4|1\n",
          YES YES "Answer|2|Yes|3^ann^" DATE1 "^2^2^^|\nMail|1|3^ann^" DATE1 "^2^2^me^|\n"
                  "Answer|2|Yes|4^ann^" DATE1 "^3^2^^|\nMail|1|4^ann^" DATE1 "^3^2^old^|\n"
                  "Answer|2|Yes|4^ann^" DATE1 "^3^2^old^|\n",
          "messages to oneself are announced between the answers");
    scene(NULL,
          BEGIN "Start|1|2\nSend mes|3|ann|me|00000000000000aa\n"
                "Send mes|3|ann|me|00000000000000aa\nResend|3|ann|1|00000000000000aa\nNoop\n",
          YES YES "Answer|2|Yes|2|\nAnswer|2|Yes|3^ann^2017-12-03T15:51:33Z^2^2^^|\n"
                  "Mail|1|3^ann^2017-12-03T15:51:33Z^2^2^me^|\n"
                  "Answer|2|Yes|3^ann^2017-12-03T15:51:33Z^2^2^^|\n"
                  "Answer|2|Yes|3^ann^2017-12-03T15:51:33Z^2^2^^|\n" YES,
          "a repeated message is not announced");
    scene(NULL, BEGIN "Delete mes|1|1\nRestore mes|1|1\nNoop\n", YES YES YES YES YES,
          "a restored message is not announced");
}

/* Of three letters the first is deleted and the second read before they can be announced. */
static bool overtaken(struct world *w)
{
    uint32_t id;

    switch (step++) {
    case 0:
        messages_delete(box, fixture_deliver(box, "bob", "deleted"));
        id = fixture_deliver(box, "bob", "read");
        messages_mark_read(box, &id, 1);
        arrive(w, "third");
        return true;
    case 1:
        messages_restore(box, 3);
        watch_tell(&w->watch, mailbox_who(box));
        return true;
    case 2:
        messages_delete(box, fixture_deliver(box, "bob", "x"));
        watch_tell(&w->watch, mailbox_who(box));
        return true;
    case 3:
        messages_restore(box, 6);
        watch_tell(&w->watch, mailbox_who(box));
        return true;
    default:
        return false;
    }
}

/* A letter comes in the midst of a frame, of which the rest comes later. */
static bool within_a_frame(struct world *w)
{
    switch (step++) {
    case 0:
        arrive(w, "x");
        return true;
    case 1:
        world_ms += 29999;
        w->input = SPAN("op\nNo");
        return false;
    case 2:
        arrive(w, "y");
        world_ms += 29999;
        return true;
    default:
        return false;
    }
}

static bool damaged(struct world *w)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    if (step++)
        return false;
    int dir = fixture_directory(&w->fixture, "ann");
    fixture_deliver(box, "bob", "damaged");
    if (fixture_file(dir, "0000000003", name)) {
        os_file_remove(dir, name);
        os_file_close(os_file_create(dir, name));
    }
    os_file_close(dir);
    arrive(w, "whole");
    return true;
}

static void test_overtaken(void)
{
    struct world w;

    scene(overtaken, BEGIN, YES YES MAIL(4, 4, "read") MAIL(5, 5, "third"),
          "a message deleted meanwhile is skipped; all others are announced as unread");
    scene(within_a_frame, BEGIN "No", YES YES MAIL(3, 1, "x") YES MAIL(4, 1, "y") INCOMPLETE,
          "no announcement inside a frame");
    begin(&w);
    w.meanwhile = damaged;
    fixture_deliver(box, "bob", "old");
    fixture_deliver(box, "bob", "older");
    is_str(world_run(&w, SPAN(BEGIN)), YES YES MAIL(4, 5, "whole"),
           "a damaged message is not announced");
    end(&w);
}

/* The deadlines are those of what the client sends: news change none. */
static bool only_news(struct world *w)
{
    world_ms += 600000;
    arrive(w, "x");
    return ++step < 3;
}

static void test_idle(void)
{
    struct world w;

    begin(&w);
    int64_t began_ms = world_ms;
    w.meanwhile = only_news;
    w.end = IO_TIMEOUT;
    is_str(world_run(&w, SPAN(BEGIN)),
           YES YES MAIL(1, 1, "x") MAIL(2, 1, "x") "Exit|1|idle timeout|\n",
           "a watcher that sends nothing is idle");
    is_int(world_ms - began_ms, 1800000, "... since its last request");
    end(&w);
}

/* Many letters at once, and requests behind them. */
static bool crowd(struct world *w)
{
    switch (step++) {
    case 0:
        for (int i = 0; i < MANY; i++)
            fixture_deliver(box, "bob", "x");
        watch_tell(&w->watch, mailbox_who(box));
        return true;
    case 1:
        w->input = SPAN("Noop\n");
        return false;
    default:
        return step < 5;
    }
}

static void test_many(void)
{
    struct world w;
    const char *at;
    char start[40];
    int told = 0, before = 0;

    begin(&w);
    w.meanwhile = crowd;
    at = strstr(world_run(&w, SPAN(BEGIN)), "Mail|");
    for (; at && *at; at = strchr(at, '\n') + 1) {
        snprintf(start, sizeof start, "Mail|1|%d^bob^", told + 1);
        if (strncmp(at, start, strlen(start)) == 0)
            told++;
        else if (strncmp(at, YES, strlen(YES)) == 0)
            before = told;
    }
    is_int(told, MANY, "many messages are all announced, in order, once");
    ok(before > 0 && before < MANY, "a request does not wait for all announcements: %d", before);
    ok(w.woken >= 1 + MANY / 100, "the session wakes itself for the remaining announcements");
    end(&w);
}

static void allow_files(rlim_t most)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = most;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* The first letter cannot be opened when it is to be announced; then another comes. */
static bool hindered(struct world *w)
{
    static rlim_t before;
    struct rlimit limit;

    switch (step++) {
    case 0:
        arrive(w, "first");
        getrlimit(RLIMIT_NOFILE, &limit);
        before = limit.rlim_cur;
        allow_files(0);
        return true;
    case 1:
        allow_files(before);
        ok(strstr(w->fixture.last, "cannot read users/ann/0000000003-") &&
               strstr(w->fixture.last, ": Too many open files"),
           "the failure is reported: %s", w->fixture.last);
        w->fixture.troubles = 0;
        w->woken = 0;
        arrive(w, "second");
        is_int(w->woken, 1, "after a failure the next message wakes the watcher");
        return true;
    default:
        return false;
    }
}

static void test_hindered(void)
{
    scene(hindered, BEGIN, YES YES MAIL(3, 5, "first") MAIL(4, 6, "second"),
          "a message that could not be announced is announced with the next");
}

static void test_broken(void)
{
    struct world w;

    begin(&w);
    w.room = strlen(YES YES);
    w.meanwhile = two_letters;
    is_str(world_run(&w, SPAN(BEGIN)), YES YES,
           "a connection that breaks during an announcement ends");
    ok(strstr(w.told.p, "the connection is broken") != NULL, "... for this reason");
    end(&w);
}

/* Who else is woken: nobody. */
static void test_lists(void)
{
    struct world w;
    struct watcher x, y;
    struct who ann, other;

    begin(&w);
    ann = other = *mailbox_who(box);
    memset(other.generation, '0', sizeof other.generation - 1);
    x = (struct watcher){.who = ann, .host = &w.host};
    y = (struct watcher){.who = ann, .host = &w.host};
    watch_join(&w.watch, &x);
    watch_join(&w.watch, &y);
    watch_tell(&w.watch, &other);
    is_int(w.woken, 0, "another account of the same name is not told");
    watch_tell(&w.watch, &ann);
    watch_tell(&w.watch, &ann);
    is_int(w.woken, 2, "each watcher is woken once until it looks");
    watch_leave(&w.watch, &x);
    atomic_store(&y.news, false);
    watch_tell(&w.watch, &ann);
    is_int(w.woken, 3, "after one watcher leaves, the other is woken");
    watch_leave(&w.watch, &y);
    watch_tell(&w.watch, &ann);
    is_int(w.woken, 3, "after both leave, nobody is woken");
    end(&w);
}

/* More watchers than lists: those that share one are told apart. */
static void test_shared_lists(void)
{
    static const unsigned char key[SIPHASH_KEY_BYTES] = "0123456789abcde";
    static struct world worlds[2]; /* one for the watcher that is told, one for the others */
    static struct watcher watchers[2 * WATCH_LISTS];
    static struct watch watch;

    watch_init(&watch, key);
    for (size_t i = 0; i < 2 * WATCH_LISTS; i++) {
        worlds[i == 7].host.wake = world_wake;
        watchers[i] = (struct watcher){.host = &worlds[i == 7].host};
        snprintf(watchers[i].who.name, sizeof watchers[i].who.name, "u%zu", i);
        watch_join(&watch, &watchers[i]);
    }
    for (size_t i = 0; i < 2 * WATCH_LISTS; i++)
        if (i != 7)
            watch_tell(&watch, &watchers[i].who);
    is_int(worlds[1].woken, 0, "shared lists: a watcher is not woken for others");
    is_int(worlds[0].woken, 2 * WATCH_LISTS - 1, "shared lists: ... and each of them is");
    watch_tell(&watch, &watchers[7].who);
    is_int(worlds[1].woken, 1, "shared lists: then it is");
    for (size_t i = 0; i < 2 * WATCH_LISTS; i++)
        watch_leave(&watch, &watchers[i]);
    watch_destroy(&watch);
}

int main(void)
{
    test_arrival();
    test_own();
    test_overtaken();
    test_idle();
    test_many();
    test_hindered();
    test_broken();
    test_lists();
    test_shared_lists();
    return done_testing();
}
