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

static void delete_carl(void)
{
    struct who who;
    struct account a;
    account_find(w.service.store, "carl", &who, &a);
    is_int(account_delete(w.service.store, &who), ST_OK, "carl's account is deleted");
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
        ok(strstr(doors_say(&w, all), "\n250 2.0.0 stored for 2 recipients\n"),
           "submission: to a group and one of its members%s", i ? ", once more" : "");
        is_int(count("carl", &m), 1, "submission: carl has it once");
        is_int(count("bob", &m), 1, "submission: bob, too, who is both");
    }
    ok(door_key_proves(doors_service.key, SPAN("ann"), SPAN("bob"), SPAN(BODY), m.token),
       "submission: his token shows that a door stored it");
    delete_carl();
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
    delete_carl();
    ok(strstr(doors_say(&w, all), "\n250 2.0.0 staff: stored as message 1\n"),
       "LMTP: again, when one is gone");
    is_int(count("bob", &m), 1, "LMTP: nobody has it twice");
    ok(logged("event=undelivered result=fail user=mail-outside group=staff members=1 "),
       "LMTP: the sender cannot be told, which is logged");
    doors_end(&w);
}

int main(void)
{
    test_submission();
    test_lmtp();
    return done_testing();
}
