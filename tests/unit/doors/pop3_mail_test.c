/* SPDX-License-Identifier: ISC */
/*
 * What mails POP3 sends: whose header is believed, under which domain, and that sizes are exact
 * whatever a message is made of.
 */
#include "doors/pop3.h"
#include "session/doors_service.h"
#include "session_fixture.h"

#define LOGIN "USER ann\r\nPASS pw\r\n"
#define MARK  "MIME-Version: 1.0\n"
#define MAIL                                                                  \
    "From: Eve <eve@far.example>\r\nDate: Mon, 1 Jan 2001 00:00:00 +0000\r\n" \
    "Message-ID: <1@far.example>\r\nSubject: hi\r\nContent-Type: text/plain\r\n\r\n.\r\nx\r\n"

static struct world w;
static struct mailbox *ann;
static struct door_key *key;
static struct service_doors doors;

/* What is answered to these lines after a login. */
static const char *answered(const char *said)
{
    char all[20000];

    snprintf(all, sizeof all, LOGIN "%s", said);
    const char *got = strstr(world_run(&w, span_str(all)), " message");
    return got ? strchr(got, '\n') + 1 : "no login";
}

static void put(const char *from, const char *token, const char *body)
{
    struct mail m;

    is_int(delivery_put(ann, from, span_str(body), span_str(token), &m, NULL), ST_OK,
           "a message is delivered");
}

/* The last message leaves in this way. */
static void leaves(uint64_t number, const char *want, const char *name)
{
    char said[40];

    snprintf(said, sizeof said, "RETR %" PRIu64 "\r\n", number);
    const char *got = answered(said);
    got = strchr(got, '\n') ? strchr(got, '\n') + 1 : got;
    ok(strncmp(got, want, strlen(want)) == 0, "%s", name);
    if (strncmp(got, want, strlen(want)) != 0)
        diag("got \"%s\"", got);
}

static void test_login(void)
{
    static const char *const users[] = {"ann@ship.example", "Ann@SHIP.example", "ann@localhost"};
    char said[100];

    for (size_t i = 0; i < 3; i++) {
        snprintf(said, sizeof said, "USER %s\r\nPASS pw\r\n", users[i]);
        is_int(world_count(&w, said, "+OK 0 messages"), 1, "%s can log in", users[i]);
    }
    is_int(world_count(&w, "USER ann@far.example\r\nPASS pw\r\n", "-ERR [AUTH]"), 1,
           "a domain that is not ours is wrong");
    is_int(world_count(&w, "USER ann@\r\nPASS pw\r\n", "-ERR [AUTH]"), 1, "an empty one, too");
    is_int(world_count(&w, "USER @ship.example\r\nPASS pw\r\n", "-ERR [AUTH]"), 1,
           "a domain alone is wrong");
}

static void test_origins(void)
{
    char token[DOOR_TOKEN_DIGITS + 1];

    put("mail-outside", "", MARK MAIL);
    leaves(1, "From: Eve <eve@far.example>\r\n", "mail from outside leaves as it came");
    ok(strstr(w.output.p, "\r\n\r\n..\r\nx\r\n.\r\n"), "with a dot more where that is needed");
    put("eve", "", MARK MAIL);
    leaves(2, "From: eve@ship.example\r\nTo: ann@ship.example\r\n",
           "a header from our own protocol is not believed");
    ok(strstr(w.output.p, "\r\nX-Original-From: Eve <eve@far.example>\r\n"), "but kept");
    door_key_token(key, SPAN("eve"), SPAN("ann"), SPAN(MAIL), token);
    put("eve", token, MARK MAIL);
    leaves(3, "From: Eve <eve@far.example>\r\n", "that of mail that a door has stored is");
    put("eve",
        token[0] == '0' ? "10000000000000000000000000000000" : "00000000000000000000000000000000",
        MARK MAIL);
    leaves(4, "From: eve@ship.example\r\n", "with another token it is not");
    put("bob", token, MARK MAIL);
    leaves(5, "From: bob@ship.example\r\n", "nor from another sender");
    put("ann", "", MARK MAIL);
    leaves(6, "MIME-Version: 1.0\r\nFrom: Eve <eve@far.example>\r\n",
           "the owner's own mail leaves as it is");
    put("mail-outside", "", "Subject: x\n\ny\n");
    leaves(7, "From: mail-outside@ship.example\r\n", "a text without the mark is a text");
    put("eve", "", "MIME-Version: 1.0\r\nFrom: x@y.example\r\n\r\nz\r\n");
    leaves(8, "From: eve@ship.example\r\n", "the words of the mark prove nothing");
}

static bool size_is_right(struct span size, struct span *answers)
{
    struct span line;
    uint64_t want, n = 0;

    if (!span_cut(answers, '\n', &line) || !span_starts(line, SPAN("+OK ")) ||
        !span_u64(size, UINT64_MAX, &want))
        return false;
    while (span_cut(answers, '\n', &line) && !span_eq(line, SPAN(".\r")))
        n += line.n + 1 - span_starts(line, SPAN("."));
    if (n != want)
        diag("%" PRIu64 " bytes were sent, and %" PRIu64 " announced", n, want);
    return n == want;
}

/* Random messages, made of what is difficult. */
static void test_sizes(void)
{
    static const char *const parts[] = {"\n",        ".",    "\r\n",  "\r",       "a",
                                        "x: y\n",    "\n\n", " ",     "привет",   "\xff",
                                        "Subject: ", "..\n", "\n.\n", "To: b\r\n"};
    static const char *const starts[] = {"", MARK, "MIME-Version: 1.0\r\n", MARK "From: ann@b.c\n"};
    static const char *const senders[] = {"ann", "eve", "mail-outside"};
    char body[400], said[4000] = "LIST\r\n";
    size_t good = 0;

    fixture_clear(w.service.store);
    mailbox_close(ann);
    is_int(account_register(w.service.store, "ann", "pw"), ST_OK, "an empty mailbox");
    ann = fixture_mailbox(w.service.store, "ann");
    for (int i = 0; i < 300; i++) {
        struct mail m;
        size_t n = (size_t)snprintf(body, sizeof body, "%s", starts[random_below(4)]);
        for (size_t k = random_below(12); k > 0; k--)
            n += (size_t)snprintf(body + n, sizeof body - n, "%s", parts[random_below(14)]);
        good += delivery_put(ann, senders[random_below(3)], span_of(body, n), SPAN(""), &m, NULL) ==
                ST_OK;
        snprintf(said + strlen(said), sizeof said - strlen(said), "RETR %d\r\n", i + 1);
    }
    is_int(good, 300, "300 messages are delivered");
    struct span answers = span_str(answered(said)), line, list = answers;
    do {
        span_cut(&answers, '\n', &line);
    } while (!span_eq(line, SPAN(".\r")) && answers.n > 0);
    span_cut(&list, '\n', &line);
    for (good = 0; span_cut(&list, '\n', &line) && !span_eq(line, SPAN(".\r")); good++) {
        span_take(&line, ' ');
        if (!size_is_right(span_first(line, line.n - 1), &answers))
            break;
    }
    is_int(good, 300, "all sizes are those of what is sent");
}

/* The same message gives the same bytes, after a restart and under another domain. */
static void test_for_ever(void)
{
    static char before[100000];
    static const char said[] = "UIDL\r\nLIST\r\nRETR 1\r\nRETR 2\r\nRETR 3\r\nTOP 4 1\r\n";

    snprintf(before, sizeof before, "%s", answered(said));
    mailbox_close(ann);
    door_key_free(key);
    store_close(w.service.store);
    w.service.store = fixture_open(&w.fixture, true);
    is_int(door_key_open(w.service.store, "port.example", &key), ST_OK, "another domain");
    static const char *const domains[] = {"port.example"};
    doors = (struct service_doors){.domains = domains, .ndomains = 1, .key = key};
    ann = fixture_mailbox(w.service.store, "ann");
    is_str(answered(said), before, "everything is the same");
}

int main(void)
{
    static const char *const domains[] = {"ship.example"};

    world_begin(&w, 100000, 1000000);
    w.talk = &door_pop3;
    is_int(account_register(w.service.store, "ann", "pw"), ST_OK, "an account");
    ann = fixture_mailbox(w.service.store, "ann");
    is_int(door_key_open(w.service.store, "ship.example", &key), ST_OK, "the key");
    doors = (struct service_doors){.domains = domains, .ndomains = 1, .key = key};
    w.service.doors = &doors;
    test_login();
    test_origins();
    test_sizes();
    test_for_ever();
    mailbox_close(ann);
    door_key_free(key);
    world_end(&w);
    return done_testing();
}
