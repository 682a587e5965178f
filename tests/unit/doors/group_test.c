/* SPDX-License-Identifier: ISC */
/*
 * Mail to a group by submission and LMTP: each member has it once, with a token that shows that a
 * door stored it, also if the member is a recipient, too.
 */
#include "doors/smtp.h"
#include "store/group.h"

#include "doors_fixture.h"

#define LOGIN "EHLO x\nAUTH PLAIN AGFubgBwdw==\n"
#define TEXT  "From: ann@mail.test\nMessage-ID: <1@x>\n\nhello\n.\nQUIT\n"
#define MARK  "MIME-Version: 1.0\n"
#define BODY  MARK "From: ann@mail.test\r\nMessage-ID: <1@x>\r\n\r\nhello\r\n"

static struct world w;

static void begin(const struct conversation *talk)
{
    static const char *const users[] = {"ann", "bob", "carl"};
    static const struct group members = {.n = 2, .members = {{.name = "bob"}, {.name = "carl"}}};
    struct group_refusal why = {.why = NULL};
    doors_begin(&w, talk, 3000, 200000);
    for (size_t i = 0; i < 3; i++)
        account_register(w.service.store, users[i], "pw");
    is_int(group_add(w.service.store, "staff", &members, &why), ST_OK, "bob and carl are staff");
}

/* How many messages a user has; the last one is *last. */
static int count(const char *user, struct mail *last)
{
    struct mailbox *mb;
    struct who who = {.generation = ""};
    struct mail m;
    uint32_t mark = 0;
    int n = 0;
    snprintf(who.name, sizeof who.name, "%s", user);
    if (mailbox_open(w.service.store, &who, &mb) != ST_OK)
        return -1;
    for (; messages_next(mb, &mark, &m) == ST_OK; n++)
        *last = m;
    mailbox_close(mb);
    return n;
}

static void delete_user(const char *name)
{
    struct who who;
    struct account a;
    account_find(w.service.store, name, &who, &a);
    is_int(account_delete(w.service.store, &who), ST_OK, "%s's account is deleted", name);
}

static void set_most(void *most, struct account *a)
{
    a->quota_messages = *(uint64_t *)most;
}

/* How many messages a user may have. */
static void limit(const char *name, uint64_t most)
{
    struct who who;
    struct account a;
    account_find(w.service.store, name, &who, &a);
    is_int(account_change(w.service.store, &who, set_most, &most), ST_OK, "%s may have %d messages",
           name, (int)most);
}

static bool logged(const char *text)
{
    return w.told.n > 0 && memmem(w.told.p, w.told.n, text, strlen(text));
}

static void test_submission(void)
{
    static const char all[] = LOGIN "MAIL FROM:<ann@mail.test>\nRCPT TO:<staff@mail.test>\n"
                                    "RCPT TO:<bob@mail.test>\nDATA\n" TEXT;
    struct mail m = {.id = 0};
    begin(&door_submission);
    for (int i = 0; i < 2; i++) {
        ok(strstr(doors_say(&w, all), i ? "\n250 2.0.0 already stored for 2 recipients\n"
                                        : "\n250 2.0.0 stored for 2 recipients\n"),
           "submission: to a group and one of its members%s", i ? ", once more" : "");
        is_int(count("carl", &m), 1, "submission: carl has it once");
        is_int(count("bob", &m), 1, "submission: bob, too, who is both");
    }
    ok(door_key_proves(doors_service.key, SPAN("ann"), SPAN("bob"), SPAN(BODY), m.token),
       "submission: his token shows that a door stored it");
    delete_user("carl");
    ok(strstr(doors_say(&w, LOGIN "MAIL FROM:<ann@mail.test>\nRCPT TO:<staff@mail.test>\nDATA\n"
                                  "Message-ID: <2@x>\n.\n"),
              "\n250 2.0.0 stored as message 2\n"),
       "submission: one member is gone");
    is_int(count("ann", &m), 1, "submission: the sender has a letter");
    is_str(m.from, NAME_SERVER, "submission: ... of the server");
    doors_end(&w);
}

static void test_lmtp(void)
{
    static const char all[] = "LHLO x\nMAIL FROM:<joe@far.test>\nRCPT TO:<staff>\nDATA\n" TEXT;
    struct mail m = {.id = 0};
    begin(&door_lmtp);
    ok(strstr(doors_say(&w, all), "\n250 2.0.0 staff: stored as message 1\n"), "LMTP: to a group");
    ok(count("bob", &m) == 1 && count("carl", &m) == 1, "LMTP: each member has it");
    ok(door_key_proves(doors_service.key, SPAN("joe@far.test"), SPAN("carl"), SPAN(BODY), m.token),
       "LMTP: ... with a token of his own");
    delete_user("carl");
    ok(strstr(doors_say(&w, all), "\n250 2.0.0 staff: already stored as message 1\n"),
       "LMTP: again, when one is gone");
    ok(logged(" to=bob group=staff id=1 repeat=yes bytes=") &&
           logged(" result=ok from=mail-outside to=staff repeat=yes bytes="),
       "LMTP: ... the log says that it is a repeat");
    is_int(count("bob", &m), 1, "LMTP: nobody has it twice");
    ok(logged("event=undelivered result=fail group=staff members=1 reason=\"no such user\" "),
       "LMTP: the sender cannot be told, which is logged");
    doors_end(&w);
}

/* The other mail server must send the message again for a member who can get it later. */
static void test_later(const struct conversation *talk)
{
    static const char mail[] = "LHLO x\nEHLO x\nMAIL FROM:<joe@far.test>\n";
    struct mail m = {.id = 0};
    char all[300], one[300];
    snprintf(all, sizeof all, "%sRCPT TO:<staff>\nDATA\n" TEXT, mail);
    snprintf(one, sizeof one, "%sRCPT TO:<carl>\nDATA\nMessage-ID: <2@x>\n.\n", mail);
    begin(talk);
    address_parse_net(SPAN("192.0.2.0/24"), &doors_trusted);
    doors_service.ntrusted = 1;
    doors_say(&w, one);
    limit("carl", 1);
    for (int i = 0; i < 2; i++) {
        const char *got = doors_say(&w, all);
        ok(strstr(got, "\n452 4.2.2 ") && strstr(got, "staff: the mailbox is full\n"),
           "later: the mailbox of one member is full%s", i ? ", still" : "");
        is_int(count("bob", &m), 1, "later: ... the other one has it");
    }
    ok(!logged("event=undelivered"), "later: ... and that is not the last word");
    limit("carl", 2);
    ok(strstr(doors_say(&w, all), "\n250 2.0.0 "), "later: now there is room");
    ok(count("bob", &m) == 1 && count("carl", &m) == 2, "later: ... each member has it once");
    delete_user("bob");
    ok(strstr(doors_say(&w, all), "\n452 4.2.2 the mailbox is full\n"),
       "later: one is gone, and the other one's mailbox is full again");
    limit("carl", 3);
    ok(strstr(doors_say(&w, all), "\n250 2.0.0 "), "later: one is gone, and the other one has it");
    ok(logged("event=undelivered result=fail group=staff members=1 reason=\"no such user\" "),
       "later: ... which is logged");
    doors_end(&w);
}

/* A group whose members have no accounts, and then a group without members. */
static void test_nobody(void)
{
    static const char all[] = "LHLO x\nMAIL FROM:<joe@far.test>\nRCPT TO:<staff>\n";
    static const struct group members = {.n = 2, .members = {{.name = "bob"}, {.name = "carl"}}};
    struct group_refusal why = {.why = NULL};
    begin(&door_lmtp);
    delete_user("bob");
    delete_user("carl");
    ok(strstr(doors_say(&w, all), "\n550 5.1.1 the group has no members\n"),
       "nobody: all members are gone");
    ok(logged(
           " result=fail from=mail-outside to=staff bytes=0 reason=\"the group has no members\""),
       "nobody: ... which is logged");
    is_int(group_remove(w.service.store, "staff", &members, &why), ST_OK, "... and are removed");
    ok(strstr(doors_say(&w, all), "\n550 5.1.1 the group has no members\n"),
       "nobody: nobody is in the group");
    doors_end(&w);
}

/* Some members have a message that is not answered 250 yet. */
static void test_warned(void)
{
    struct mail m = {.id = 0};
    begin(&door_lmtp);
    store_set_limits(w.service.store,
                     &(struct store_limits){.quota_warning = 50,
                                            .index_bytes = 1 << 20,
                                            .idle_mailboxes = 10}); /* as in a server */
    limit("bob", 2);
    limit("carl", 1);
    doors_say(&w, "LHLO x\nMAIL FROM:<joe@far.test>\nRCPT TO:<carl>\nDATA\nMessage-ID: <2@x>\n.\n");
    ok(strstr(doors_say(&w, "LHLO x\nMAIL FROM:<joe@far.test>\nRCPT TO:<staff>\nDATA\n" TEXT),
              "\n452 4.2.2 staff: the mailbox is full\n"),
       "warned: the mailbox of one member is full");
    ok(count("bob", &m) == 2 && strcmp(m.from, NAME_SERVER) == 0,
       "warned: ... the other one has the message, and a warning that their mailbox is nearly "
       "full");
    doors_end(&w);
}

/* What a user sends is answered once, and a letter tells of those who do not have it. */
static void test_told(void)
{
    struct mail m = {.id = 0};
    begin(&door_submission);
    doors_say(&w, LOGIN "MAIL FROM:<ann@mail.test>\nRCPT TO:<carl>\nDATA\nMessage-ID: <2@x>\n.\n");
    limit("carl", 1);
    ok(strstr(doors_say(&w, LOGIN "MAIL FROM:<ann@mail.test>\nRCPT TO:<staff>\nDATA\n" TEXT),
              "\n250 2.0.0 stored as message 1\n"),
       "told: a user sends, and the mailbox of one member is full");
    ok(count("ann", &m) == 1 && strcmp(m.from, NAME_SERVER) == 0,
       "told: ... the sender has a letter");
    ok(logged("event=undelivered result=ok user=ann group=staff members=1 "), "told: ... logged");
    doors_end(&w);
}

int main(void)
{
    test_submission();
    test_lmtp();
    test_later(&door_lmtp);
    test_later(&door_submission);
    test_nobody();
    test_warned();
    test_told();
    return done_testing();
}
