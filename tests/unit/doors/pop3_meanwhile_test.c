/* SPDX-License-Identifier: ISC */
/*
 * What becomes of a mailbox in sessions of POP3, and what becomes of sessions when others change
 * the mailbox, a file is damaged, memory is short, or the server must end.
 */
#include "doors/pop3.h"
#include "session/auth.h"
#include "session_fixture.h"

#define MEMORY 300000
#define HELLO  "+OK Pochta POP3 server ready\r\n"
#define LOGIN  "USER ann\r\nPASS pw\r\n"
#define NAMED  "+OK send the password\r\n"
#define IN(n)  HELLO NAMED "+OK " n "\r\n"
#define BYE    "+OK bye\r\n"
#define SHORT  "-ERR [SYS/TEMP] the server is short of memory, try again later\r\n"
#define GONE   "-ERR no such message\r\n"

static struct world w;
static struct mailbox *ann;

static void talk(const char *said, const char *want, const char *name)
{
    is_str(world_run(&w, span_str(said)), want, "%s", name);
}

/* The same for the beginning. */
static void starts(const char *said, const char *want, const char *name)
{
    const char *got = world_run(&w, span_str(said));

    ok(strncmp(got, want, strlen(want)) == 0, "%s", name);
    if (strncmp(got, want, strlen(want)) != 0)
        diag("got \"%s\"", got);
}

static bool has(const char *words)
{
    return strstr(w.output.p, words) != NULL;
}

static bool logged(const char *words)
{
    return memmem(w.told.p, w.told.n, words, strlen(words)) != NULL;
}

/* The state of a message, or 0: it cannot be found. */
static int state(uint32_t id)
{
    struct mail m;

    return messages_find(ann, id, &m) == ST_OK ? (int)m.state : 0;
}

/* What is said once all before has been answered, and what happens first. */
static const char *then_said;
static void (*then_happens)(void);

static bool go_on(struct world *world)
{
    const char *said = then_said;

    then_said = NULL;
    if (said) {
        then_happens();
        world->input = span_str(said);
    }
    return said != NULL;
}

static void talk_around(const char *said, void (*happens)(void), const char *then, const char *want,
                        const char *name)
{
    w.meanwhile = go_on;
    then_happens = happens;
    then_said = then;
    starts(said, want, name);
    w.meanwhile = NULL;
}

static void test_marks(void)
{
    fixture_deliver(ann, "bob", "one");
    world_run(&w, SPAN(LOGIN "STAT\r\nLIST\r\nUIDL\r\nTOP 1 100\r\nQUIT\r\n"));
    is_int(state(1), MAIL_UNREAD, "lists and TOP leave a message unread");
    w.room = 200;
    world_run(&w, SPAN(LOGIN "RETR 1\r\n"));
    w.room = UINT64_MAX;
    is_int(state(1), MAIL_UNREAD, "and RETR, if the mail could not be sent as a whole");
    world_run(&w, SPAN(LOGIN "RETR 1\r\n"));
    is_int(state(1), MAIL_NORMAL, "a message that was sent has been read");
    fixture_deliver(ann, "bob", "two");
}

static void test_deletion(void)
{
    talk(LOGIN "DELE 1\r\n", IN("2 messages") "+OK message 1 will be deleted\r\n",
         "a connection is lost without QUIT");
    is_int(state(1), MAIL_NORMAL, "nothing was deleted");
    talk(LOGIN "DELE 1\r\nRSET\r\nQUIT\r\n",
         IN("2 messages") "+OK message 1 will be deleted\r\n+OK 2 messages\r\n" BYE, "RSET");
    is_int(state(1), MAIL_NORMAL, "nothing was deleted");
    talk(LOGIN "DELE 1\r\nQUIT\r\n", IN("2 messages") "+OK message 1 will be deleted\r\n" BYE,
         "QUIT deletes");
    is_int(state(1), 0, "the message is gone");
    is_int(messages_restore(ann, 1), ST_OK, "it was in the trash");
    ok(logged("event=delete result=ok user=ann messages=1"), "the log has it");
    talk("QUIT\r\n", HELLO BYE, "QUIT before login");
}

static void delete_first(void)
{
    is_int(messages_delete(ann, 1), ST_OK, "somebody else deletes a message");
}

static void deliver(void)
{
    fixture_deliver(ann, "bob", "three");
}

static void test_others(void)
{
    talk_around(LOGIN, delete_first, "DELE 1\r\nDELE 2\r\nRSET\r\nRETR 1\r\nTOP 1 0\r\nUIDL 1\r\n",
                IN("2 messages") GONE
                "+OK message 2 will be deleted\r\n+OK 2 messages\r\n" GONE GONE GONE,
                "a message that is gone is an error for it alone");
    messages_restore(ann, 1);
    talk_around(
        LOGIN "NOOP\r\n", delete_first, "LIST\r\nSTAT\r\nLIST 1\r\nUIDL 1\r\n",
        IN("2 messages") "+OK done\r\n+OK 1 message\r\n2 237\r\n.\r\n+OK 1 237\r\n" GONE GONE,
        "lists are without it");
    messages_restore(ann, 1);
    talk_around(LOGIN "DELE 1\r\n", delete_first, "QUIT\r\n",
                IN("2 messages") "+OK message 1 will be deleted\r\n" BYE,
                "what is gone already need not be deleted");
    messages_restore(ann, 1);
    talk_around(LOGIN, deliver, "STAT\r\nRETR 3\r\nDELE 3\r\nQUIT\r\n",
                IN("2 messages") "+OK 2 474\r\n-ERR no such message; there are 2\r\n"
                                 "-ERR no such message; there are 2\r\n" BYE,
                "what arrives during a session is for the next one");
    is_int(world_count(&w, LOGIN, "+OK 3 messages"), 1, "which has it");
}

static void test_damage(void)
{
    char name[MESSAGE_FILE_NAME_BYTES], said[] = LOGIN "RETR 1\r\nLIST 1\r\nRETR 2\r\nSTAT\r\n";
    int dir = fixture_directory(&w.fixture, "ann");
    char before[200];

    snprintf(before, sizeof before, "%s", world_run(&w, SPAN(LOGIN "STAT\r\n")));
    ok(fixture_file(dir, "0000000001", name), "the file of a message");
    int fd = os_file_open_append(dir, name);
    ok(fd >= 0 && os_file_write(fd, "!", 1), "is damaged");
    os_file_close(fd);
    talk(LOGIN "STAT\r\n", before, "sizes that one session has found out are known to the next");
    world_run(&w, span_str(said));
    ok(has("-ERR [SYS/PERM] the message is damaged and has been set aside\r\n" GONE "+OK "),
       "one that is damaged is an error for it alone");
    ok(has("+OK 2 478"), "the others are listed");
    os_file_close(dir);
}

static void take_memory(void)
{
    budget_resize(&w.budget, 1);
}

static void test_memory(void)
{
    take_memory();
    talk(LOGIN LOGIN,
         HELLO NAMED "-ERR [SYS/TEMP] the server is short of memory, try again "
                     "later\r\n" NAMED "-ERR [SYS/TEMP] the server is short of memory, try again "
                     "later\r\n",
         "without memory for a list of messages, nobody is logged in");
    budget_resize(&w.budget, MEMORY);
    talk_around(LOGIN, take_memory, "RETR 2\r\nSTAT\r\nTOP 2 0\r\nUIDL\r\nDELE 2\r\nNOOP\r\n",
                IN("2 messages") SHORT SHORT SHORT,
                "RETR, TOP and STAT need memory; the session goes on");
    ok(has("\r\n.\r\n+OK message 2 will be deleted\r\n+OK done\r\n"), "UIDL and DELE need none");
    budget_resize(&w.budget, MEMORY);
    talk_around(
        LOGIN "DELE 2\r\n", take_memory, "QUIT\r\n",
        IN("2 messages") "+OK message 2 will be deleted\r\n-ERR [SYS/TEMP] some deleted messages "
                         "not removed (1 of 1): the server is short of memory, try again later\r\n",
        "QUIT says if it could not delete");
    budget_resize(&w.budget, MEMORY);
    is_int(state(2), MAIL_NORMAL, "nothing was deleted");
}

static int goes_on; /* how often the host is asked before it says that the session must end */

static const char *end_later(struct session_host *host)
{
    (void)host;
    return goes_on-- > 0 ? NULL : "the server is stopping";
}

/* To read all messages of a large mailbox takes a while. */
static void test_end_while_measuring(void)
{
    const char *(*end_reason)(struct session_host *) = w.host.end_reason;

    w.host.end_reason = end_later;
    goes_on = 3; /* before each command */
    talk(LOGIN "LIST\r\n", IN("2 messages") "-ERR [SYS/TEMP] the server is stopping\r\n",
         "the server stops while it measures messages");
    w.host.end_reason = end_reason;
}

/* The server's last words are answers of POP3, too. */
static void test_ends(void)
{
    w.end = IO_TIMEOUT;
    talk(LOGIN, IN("2 messages") "-ERR [SYS/TEMP] idle timeout\r\n", "a client says nothing");
    w.end = IO_INTERRUPT;
    w.reason = "the server is stopping";
    talk(LOGIN "DELE 2\r\n",
         IN("2 messages") "+OK message 2 will be deleted\r\n"
                          "-ERR [SYS/TEMP] the server is stopping\r\n",
         "the server stops");
    is_int(state(2), MAIL_NORMAL, "nothing was deleted");
    w.reason = NULL;
    w.end = IO_CLOSED;
    ok(logged("event=disconnect reason=\"the server is stopping\" user=ann"), "the log says why");
}

static void test_too_often(void)
{
    world_guessed(&w);
    talk(LOGIN,
         HELLO NAMED "-ERR [SYS/TEMP] too often: wrong passwords from this address; try again in "
                     "10 s\r\n",
         "wrong passwords delay others from the same address");
    w.rivals = false;
}

static void register_again(void)
{
    struct who who = *mailbox_who(ann);

    is_int(account_delete(w.service.store, &who), ST_OK, "the account is deleted");
    mailbox_close(ann);
    is_int(account_register(w.service.store, "ann", "pw"), ST_OK, "and registered again");
    ann = fixture_mailbox(w.service.store, "ann");
    fixture_deliver(ann, "bob", "for another");
}

#define NOBODY "-ERR [SYS/PERM] no such user\r\n"

static void test_another_account(void)
{
    w.address = "192.0.2.7";
    talk_around(LOGIN "DELE 2\r\n", register_again, "RETR 1\r\nSTAT\r\nDELE 1\r\nQUIT\r\n",
                IN("2 messages") "+OK message 2 will be deleted\r\n" NOBODY NOBODY NOBODY
                                 "-ERR [SYS/PERM] some deleted messages not removed (1 of 1): no "
                                 "such user\r\n",
                "a session does not go on in another account of the same name");
}

int main(void)
{
    world_begin(&w, 100000, MEMORY);
    w.talk = &door_pop3;
    w.service.store->limits.trash_s = 86400;
    is_int(account_register(w.service.store, "ann", "pw"), ST_OK, "an account");
    ann = fixture_mailbox(w.service.store, "ann");
    test_marks();
    test_deletion();
    test_others();
    test_damage();
    test_memory();
    test_end_while_measuring();
    test_ends();
    test_too_often();
    test_another_account();
    mailbox_close(ann);
    world_end(&w);
    return done_testing();
}
