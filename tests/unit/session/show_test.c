/* SPDX-License-Identifier: ISC */
/* Show all and Show exact: what cannot be read, what changes meanwhile, and what becomes read. */
#include "session_fixture.h"
#include "store_faults.h"

#include "store/mailbox_private.h"

#define IN    "Start|1|2\nLogin|2|ann|pw\n"
#define OPEN  "Answer|2|Yes|2|\nAnswer|1|Yes|\n"
#define FIRST "0000000001-" /* how the name of the first message's file begins */
#define LONG  20000         /* bytes of a message that is read in two pieces */

static struct world w;
static struct mailbox *box; /* of ann */

static void begin(void)
{
    world_begin(&w, 100000, 100000);
    box = fixture_account(w.service.store, "ann");
    is_int(account_set_hash(w.service.store, mailbox_who(box), "pw"), ST_OK, "ann's password");
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

/* --- damage that is found when the answer has begun --- */

static void deliver_spoiled(void)
{
    static char text[LONG + 1];
    char name[MESSAGE_FILE_NAME_BYTES];

    memset(text, 'x', LONG);
    fixture_deliver(box, "bob", text);
    fixture_file(box->dir, FIRST, name);
    int fd = os_lock_open(box->dir, name);
    if (!os_file_write_at(fd, "y", 1, LONG))
        exit(1);
    os_file_close(fd);
}

/* Whether a message begins so in the last answer, which has no end. */
static bool is_cut(const char *got, const char *message)
{
    const char open[] = OPEN "Answer|";

    return strncmp(got, open, strlen(open)) == 0 && strstr(got, message) &&
           !strchr(got + strlen(open), '\n');
}

static void test_spoiled(void)
{
    begin();
    deliver_spoiled();
    fixture_deliver(box, "bob", "other");
    const char *got = world_run(&w, SPAN(IN "Show exact|1|1\nNoop\n"));
    ok(is_cut(got, "1^bob^"), "Show exact: damage at the end: the answer is not finished");
    ok(strstr(w.fixture.last, "message 1 set aside"), "... and what for is reported: %s",
       w.fixture.last);
    says(IN "Show exact|1|1\n", OPEN "Answer|2|Noop|no such message|\n", "... it was set aside");
    end();

    begin();
    deliver_spoiled();
    fixture_deliver(box, "bob", "other");
    says(IN "Show all\nShow list\n",
         OPEN "Answer|2|Yes|2^bob^2017-12-03T15:51:33Z^5^2^other^|\n"
              "Answer|2|Yes|2^bob^2017-12-03T15:51:33Z^5^0^other^|\n",
         "Show all: damage at the end of a message: the answer is without it");
    ok(strstr(w.fixture.last, "message 1 set aside"), "... and it was set aside");
    end();
}

/* --- a message that is never there when its turn comes --- */

static int missing; /* how often its file will not be found */

static void miss_again(void)
{
    if (--missing > 0)
        faults_meanwhile("os_file_open_any", FIRST, 1, miss_again, ENOENT);
}

/* Each attempt looks for the file twice. */
static void test_missing(void)
{
    begin();
    fixture_deliver(box, "bob", "text");
    missing = 8;
    faults_meanwhile("os_file_open_any", FIRST, 1, miss_again, ENOENT);
    says(IN "Show list\n", OPEN "Answer|2|Noop|storage error, nothing was changed|\n",
         "Show list: a message that is missing in four attempts");
    is_int(missing, 0, "... there is no fifth attempt");
    missing = 6;
    faults_meanwhile("os_file_open_any", FIRST, 1, miss_again, ENOENT);
    says(IN "Show list\n", OPEN "Answer|2|Yes|1^bob^2017-12-03T15:51:33Z^4^2^text^|\n",
         "Show list: in three attempts, and then it is there");
    end();
}

/* --- what becomes read --- */

/* Those that were read before are looked up together, and not one of them is marked. */
static void test_mark(void)
{
    begin();
    for (int i = 0; i < 64; i++)
        fixture_deliver(box, "bob", "text");
    world_run(&w, SPAN(IN "Show all\n"));
    fixture_deliver(box, "bob", "new");
    says(IN "Show unread\n", OPEN "Answer|2|Yes|65^bob^2017-12-03T15:51:33Z^3^2^new^|\n",
         "Show all has marked all as read");
    fixture_deliver(box, "bob", "newer");
    ok(strstr(world_run(&w, SPAN(IN "Show all\n")), "66^bob^2017-12-03T15:51:33Z^5^2^newer^|"),
       "Show all: an unread message after many read ones");
    says(IN "Show unread\n", OPEN "Answer|1|Yes|\n", "... is read then, too");
    end();
}

/* The connection breaks before the message has left. */
static void test_broken(void)
{
    begin();
    fixture_deliver(box, "bob", "text");
    w.room = 0;
    says(IN "Show exact|1|1\n", "", "Show exact: the connection is broken");
    w.room = UINT64_MAX;
    says(IN "Show unread\n", OPEN "Answer|2|Yes|1^bob^2017-12-03T15:51:33Z^4^2^text^|\n",
         "... the message stays unread");
    end();
}

int main(void)
{
    test_spoiled();
    test_missing();
    test_mark();
    test_broken();
    return done_testing();
}
