/* SPDX-License-Identifier: ISC */
/*
 * Sessions, while others change accounts and messages between two calls, and memory or room runs
 * out within an answer.
 */
#include "session_fixture.h"
#include "store_faults.h"

#include <sched.h>

#include "store/mailbox_private.h"
#include "store/quota_warning.h"

#define ANN   "Login|2|ann|pw\n"
#define YES   "Answer|1|Yes|\n"
#define SHORT "the server is short of memory, try again later"
#define START "Answer|2|Yes|2|\n"
#define LONG  20000 /* bytes of a message */

static struct world w;
static struct mailbox *box; /* of ann */
static char text[LONG + 1];
static int step; /* how often the session has waited */

static void begin(uint64_t message_bytes, size_t memory_bytes)
{
    world_begin(&w, message_bytes, memory_bytes);
    w.service.store->limits.trash_s = 86400;
    box = fixture_account(w.service.store, "ann");
    is_int(account_register(w.service.store, "bob", "pw"), ST_OK, "register bob");
    is_int(account_set_hash(w.service.store, mailbox_who(box), "pw"), ST_OK, "ann's password");
    memset(text, 'x', LONG);
}

static void end(void)
{
    mailbox_close(box);
    world_end(&w);
}

static void says(const char *said, const char *want, const char *what)
{
    is_str(world_run(&w, span_str(said)), want, "%s", what);
}

/* --- accounts --- */

static void disable(void *ctx, struct account *a)
{
    (void)ctx;
    a->disabled = true;
}

static void change_hash(void *ctx)
{
    struct who who = {.name = "ann"};

    account_set_hash(ctx, &who, "another");
}

static void change_disabled(void *ctx)
{
    struct who who = {.name = "ann"};

    account_change(ctx, &who, disable, NULL);
}

/* The same name and password, but another account. */
static void change_account(void *ctx)
{
    struct account a;
    struct who who;

    account_find(ctx, "ann", &who, &a);
    account_delete(ctx, &who);
    account_register(ctx, "ann", "pw");
}

static void test_changed(void)
{
    static const struct {
        void (*change)(void *ctx);
        const char *what;
    } rows[] = {{change_hash, "another password"},
                {change_disabled, "disabled"},
                {change_account, "another account"}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin(1000, 10000);
        world_meanwhile = rows[i].change;
        world_meanwhile_ctx = w.service.store;
        says(ANN "Status\n", "Answer|2|Noop|wrong name or password|\nAnswer|2|Noop|log in first|\n",
             rows[i].what);
        end();
    }
}

static void change_account_next(void *ctx)
{
    world_meanwhile = change_account;
    world_meanwhile_ctx = ctx;
}

static void test_login_again(void)
{
    begin(1000, 10000);
    world_meanwhile = change_account_next;
    world_meanwhile_ctx = w.service.store;
    fixture_deliver(box, "bob", "of the account before");
    says("Start|1|2\n" ANN "Login|2|ann|wrong\n" ANN "Status\n",
         START YES "Answer|2|Noop|wrong name or password|\n" YES "Answer|6|Yes|0|0|0|0|0|\n",
         "a login into an account that has replaced one of the same name");
    end();
}

#define LONG_MS 600000

/* Time goes by for who waits at the gate. */
static void *let_time_pass(void *arg)
{
    bool waits = false;

    while (!waits) {
        sched_yield();
        pthread_mutex_lock(&w.gate.mutex);
        waits = w.gate.waiting > 0;
        pthread_mutex_unlock(&w.gate.mutex);
    }
    atomic_fetch_add(&faults_slept_ms, LONG_MS);
    return arg;
}

/* While as many passwords are hashed as the server hashes at once. */
static void refuses_crowd(const char *said, const char *what)
{
    pthread_t thread;

    gate_enter(&w.gate, 1, 1, 0, NULL, NULL);
    gate_enter(&w.gate, 2, 2, 0, NULL, NULL);
    pthread_create(&thread, NULL, let_time_pass, NULL);
    const char *got = world_run(&w, span_str(said));
    pthread_join(thread, NULL);
    atomic_fetch_sub(&faults_slept_ms, LONG_MS);
    ok(strncmp(got, "Answer|2|Noop|", 14) == 0 && strstr(got, "again"), "crowded: %s: %.*s", what,
       (int)strcspn(got, "\n"), got);
    gate_leave(&w.gate);
    gate_leave(&w.gate);
    says(said, YES, "... but afterwards");
}

static void test_crowded(void)
{
    begin(1000, 10000);
    refuses_crowd("Register|2|carl|pw\n", "an account is not made");
    refuses_crowd(ANN, "nobody is logged in");
    is_int(w.counters.logins_failed, 0, "crowded: ... which is no wrong password");
    end();
}

/* --- Resend --- */

static void grow_first(void)
{
    char name[MESSAGE_FILE_NAME_BYTES], head[MESSAGE_FILE_HEADER_BYTES];
    struct mail m;
    struct buf file;

    fixture_file(box->dir, "0000000001-", name);
    message_file_parse_name(name, &m);
    os_file_remove(box->dir, name);
    message_file_measure(&m, span_of(text, LONG));
    message_file_name(&m, name);
    buf_init(&file, SIZE_MAX);
    buf_add(&file, span_of(head, message_file_header(&m, span_of(text, LONG), head)));
    buf_add(&file, span_of(text, LONG));
    os_file_make(box->dir, name, buf_span(&file));
    buf_free(&file);
    atomic_store(&box->doubtful, true);
}

static void spoil_end(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    fixture_file(box->dir, "0000000001-", name);
    int fd = os_lock_open(box->dir, name);
    os_file_write_at(fd, "y", 1, LONG);
    os_file_close(fd);
}

static void test_resend(void)
{
    begin(100000, 100000);
    fixture_deliver(box, "bob", "text");
    says(ANN "Resend|2|bob|9999999999999999999999999999999999999999\n",
         YES "Answer|2|Noop|no such message|\n", "Resend: an id that is too long to be a name");
    says(ANN "Resend|2|9999999999999999999999999999999999999999|bob\n",
         YES "Answer|2|Noop|no such message|\n", "Resend: ... also in the other order");
    faults_meanwhile("os_file_open_any", "0000000001-", 1, grow_first, 0);
    says(ANN "Resend|2|bob|1\n", YES "Answer|2|Noop|" SHORT "|\n",
         "Resend: a file that somebody replaces by a larger one");
    ok(faults_happened(), "... meanwhile");
    ok(strstr(world_run(&w, SPAN(ANN "Resend|2|bob|1\n")), YES "Answer|2|Yes|1^ann^"),
       "Resend: it is sent the next time");
    spoil_end();
    const char *got = world_run(&w, SPAN(ANN "Resend|2|bob|1\n"));
    ok(strncmp(got, YES "Answer|2|Noop|", sizeof YES + 13) == 0 && strstr(got, "damaged"),
       "Resend: a message that is damaged at its end is not sent");
    end();

    begin(100000, 1000);
    fixture_deliver(box, "bob", text);
    says(ANN "Resend|2|bob|1\n", YES "Answer|2|Noop|" SHORT "|\n",
         "Resend: a message that is larger than the memory for all");
    end();
}

/* --- requests --- */

static void test_requests(void)
{
    static char said[60000];
    int yes = 0;

    begin(100000, 1000);
    snprintf(said, sizeof said, "%s%s", ANN, text);
    says(said, YES, "a line that is dropped, and that the client does not end, has no answer");
    end();

    /* More than the buffer of each session is left in it when the long request is done. */
    begin(100000, 100000);
    size_t n = (size_t)snprintf(said, sizeof said, "%sSend mes|2|bob|%.17000s\n", ANN, text);
    for (int i = 0; i < 1000; i++)
        n += (size_t)snprintf(said + n, sizeof said - n, "Check user|1|bob\n");
    const char *got = world_run(&w, span_of(said, n));
    for (; (got = strstr(got, "|Yes|")); got++)
        yes++;
    is_int(yes, 1002, "requests that come with a long one are all answered");
    end();
}

/* --- answers --- */

static void test_too_long(void)
{
    begin(1000, 10000);
    for (int i = 1; i <= 3; i++) {
        char name[MESSAGE_FILE_NAME_BYTES];
        snprintf(name, sizeof name, "%010d-u,t=1,s=4294967295,e=0,l=0+0,f=bob", i);
        os_file_close(os_file_create(box->dir, name));
    }
    atomic_store(&box->doubtful, true);
    says("Start|1|2\n" ANN "Show all\n",
         START YES "Answer|2|Noop|the answer would be too long; Show list gives the messages in "
                   "parts|\n",
         "an answer of more bytes than ten digits can say");
    end();
}

/* Whether an answer ends in order: with a whole frame, and Exit if not all were given. */
static bool ends_well(const char *got, struct span said, int wanted)
{
    int answers = 0;

    for (const char *p = got; (p = strstr(p, "Answer|")); p++)
        answers++;
    return world_well_formed(&w, said) && (answers == wanted || strstr(got, "Exit|1|" SHORT));
}

/* What the world itself writes down must not fail. */
static void keep_room(void)
{
    buf_clear(&w.output);
    buf_clear(&w.told);
    if (!buf_reserve(&w.output, 10 * LONG) || !buf_reserve(&w.told, 10000))
        exit(1);
}

static int open_error;

static void not_opened(void)
{
    faults_meanwhile("os_file_open_any", NULL, 1, NULL, open_error);
}

/* The message's file is opened under its name, and once more under the lock. */
static void not_opened_twice(void)
{
    faults_meanwhile("os_file_open_any", NULL, 1, not_opened, open_error);
}

/* Requests with short answers, which are sent together with the next one. */
static struct span say_much(int before, const char *last)
{
    static char said[4000];
    size_t n = (size_t)snprintf(said, sizeof said, ANN);

    for (int i = 0; i < before; i++)
        n += (size_t)snprintf(said + n, sizeof said - n, "Check user|1|bob\n");
    n += (size_t)snprintf(said + n, sizeof said - n, "%s", last);
    return span_of(said, n);
}

/*
 * There is no memory for the next answer, at each allocation in turn. Most rows nearly fill the
 * buffer with short answers, so that it must grow where the next one begins.
 */
static void test_no_memory(int error, const char *what)
{
    static const int before[] = {0, 3, 8, 17, 35};
    int badly = 0, failed = 0;

    begin(1000, 10000);
    fixture_deliver(box, "bob", "text");
    open_error = error;
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        for (int nth = 2;; nth++) {
            struct span said = say_much(before[i], "Show list\n");
            keep_room();
            faults_meanwhile("realloc", NULL, nth, not_opened_twice, ENOMEM);
            const char *got = world_run(&w, said);
            failed += strstr(got, "Exit") != NULL;
            badly += !ends_well(got, said, before[i] + 2);
            bool happened = meanwhile.call == NULL || strcmp(meanwhile.call, "realloc") != 0;
            faults_happened();
            if (!happened)
                break;
        }
    ok(failed > 0, "no memory, and %s: %d times", what, failed);
    is_int(badly, 0, "no memory, and %s: the answers are whole, and then comes Exit", what);
    end();
}

/* A part of the answer has been sent when memory is short. */
static void test_no_memory_within(void)
{
    static char whole[10 * LONG];
    int badly = 0, cut = 0;

    static char longer[3 * LONG + 1];

    begin(100000, 100000);
    memset(longer, 'x', 3 * LONG);
    fixture_deliver(box, "bob", longer); /* it is written at once, and the next ones are kept */
    for (int i = 0; i < 4; i++)
        fixture_deliver(box, "bob", text);
    const struct span frames = SPAN("0000000010Start|1|2|0000000015Login|2|ann|pw|"
                                    "0000000011Show all|0|");
    world_run(&w, frames); /* marks all as read */
    snprintf(whole, sizeof whole, "%s", world_run(&w, frames));
    ok(strlen(whole) > 6 * LONG, "no memory within an answer: it is a long one");
    for (int nth = 1; nth < 40; nth++) {
        keep_room();
        faults_meanwhile("realloc", NULL, nth, NULL, ENOMEM);
        const char *got = world_run(&w, frames);
        bool happened = faults_happened();
        bool is_part = strncmp(got, whole, strlen(got)) == 0;
        cut += happened && is_part && strlen(got) > 1000 && strlen(got) < strlen(whole);
        badly += !is_part && !strstr(got, SHORT);
    }
    ok(cut > 0, "no memory within an answer: %d times", cut);
    is_int(badly, 0, "no memory within an answer: what was sent is the answer as far as it goes");
    end();
}

/* The answers before it cannot be sent, either. */
static void test_no_memory_and_broken(void)
{
    int sent = 0;
    bool happened = true;

    begin(1000, 10000);
    for (int nth = 2; happened; nth++) {
        w.room = 0;
        keep_room();
        faults_meanwhile("realloc", NULL, nth, NULL, ENOMEM);
        sent += *world_run(&w, say_much(20, "")) != '\0';
        happened = faults_happened();
    }
    is_int(sent, 0, "no memory, and the connection is broken: nothing is sent");
    end();
}

static bool arrive(struct world *world)
{
    if (step++ > 0)
        return false;
    for (int i = 0; i < 20; i++)
        fixture_deliver(box, "bob", "a first line that takes some room in the answer");
    watch_tell(&world->watch, mailbox_who(box));
    faults_meanwhile("realloc", NULL, 1, NULL, ENOMEM);
    return true;
}

static void test_no_memory_for_news(void)
{
    begin(1000, 10000);
    step = 0;
    w.meanwhile = arrive;
    says(ANN "Watch\n", YES YES "Exit|1|" SHORT "|\n",
         "no memory to announce messages: not one is announced by half");
    ok(faults_happened(), "... which it was for");
    w.meanwhile = NULL;
    end();
}

static enum status warned;

static void warn_first(void)
{
    struct quota_warning told;

    fixture_deliver(box, "carl", "text");
    warned = quota_warning_send(box, &told);
}

static bool warning_is_logged(void)
{
    const char warning[] = "event=quota_warning";

    return w.told.n > 0 && memmem(w.told.p, w.told.n, warning, strlen(warning));
}

/* Two messages nearly fill a mailbox, and the session that sent the second one warns first. */
static void test_warned_first(void)
{
    begin(1000, 10000);
    w.service.store->limits.quota_messages = 10;
    w.service.store->limits.quota_warning = 20;
    fixture_deliver(box, "carl", "text");
    faults_meanwhile("os_file_create", LAYOUT_TEMPORARY, 2, warn_first, 0);
    says("Login|2|bob|pw\nSend mes|2|ann|text\n",
         YES "Answer|2|Yes|2^bob^Sun Dec  3 15:51:33 2017^4^2^^|\n", "a message is delivered");
    ok(faults_happened() && warned == ST_OK, "... and another session sends the warning");
    ok(!warning_is_logged(), "... so ours does not log that it was sent");
    says(ANN "Show list|2|4|9\n",
         YES "Answer|2|Yes|4^mail-server^Sun Dec  3 15:51:33 2017^371^2^Your mailbox is nearly "
             "full^|\n",
         "... nor stores it again");
    end();
}

int main(void)
{
    test_changed();
    test_login_again();
    test_crowded();
    test_resend();
    test_requests();
    test_too_long();
    test_no_memory(EMFILE, "no descriptor");
    test_no_memory(ENOENT, "the message has gone");
    test_no_memory_within();
    test_no_memory_and_broken();
    test_no_memory_for_news();
    test_warned_first();
    return done_testing();
}
