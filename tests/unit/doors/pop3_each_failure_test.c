/* SPDX-License-Identifier: ISC */
/*
 * A session of POP3 uses all commands while a call of the store, or an allocation, fails: in one
 * run only this call, in another run also all later ones. Answers are whole, a mail has the size
 * that was announced, what was answered is true afterwards, no other message is lost, and nothing
 * leaks. With STRIDE=1 the test does all runs, otherwise a part of them.
 */
#include "each_call.h"

#include "doors/pop3.h"
#include "session_fixture.h"

static const char said[] = "USER ann\r\nPASS pw\r\nSTAT\r\nLIST\r\nUIDL\r\nRETR 1\r\nTOP 2 1\r\n"
                           "DELE 1\r\nDELE 2\r\nRSET\r\nDELE 3\r\nRETR 2\r\nQUIT\r\n";

enum { ANSWERS = 14 }; /* with the greeting */

static struct world w;

static const char *const texts[] = {"one", "MIME-Version: 1.0\nFrom: a@b.c\n\n.two", "three"};

static void begin(void)
{
    struct who who = {.name = "ann"};
    struct mailbox *ann;
    world_begin(&w, 100000, 200000);
    w.talk = &door_pop3;
    w.service.store->limits.trash_s = 86400;
    if (account_register(w.service.store, "ann", "pw") != ST_OK ||
        mailbox_open(w.service.store, &who, &ann) != ST_OK)
        exit(1);
    for (size_t i = 0; i < 3; i++)
        fixture_deliver(ann, "bob", texts[i]);
    mailbox_close(ann);
    buf_reserve(&w.output, 1 << 20); /* what is written there must not fail */
    buf_reserve(&w.told, 1 << 20);
}

/* Reads the lines of a mail that has this size. False: the connection was closed before its end. */
static bool read_mail(struct span *out, struct span size)
{
    struct span line;
    uint64_t announced = 0, n = 0;
    span_u64(span_take(&size, ' '), UINT64_MAX, &announced);
    while (span_cut(out, '\n', &line)) {
        if (span_eq(line, SPAN(".\r"))) {
            if (n != announced)
                is_wrong("a mail has another size than was announced");
            return true;
        }
        n += line.n + 1 - span_starts(line, SPAN("."));
    }
    return false;
}

/* Reads what was answered. Returns the number of answers with +OK; *deleted: message 3 must be. */
static int read_answers(struct span out, bool *deleted)
{
    struct span line;
    int good = 0;
    bool marked = false;
    *deleted = false;
    while (span_cut(&out, '\n', &line)) {
        bool mail = span_ends(line, SPAN(" bytes\r"));
        if (!span_starts(line, SPAN("+OK ")) && !span_starts(line, SPAN("-ERR ")))
            continue; /* a line of a list */
        good += line.p[0] == '+';
        marked = marked || span_eq(line, SPAN("+OK message 3 will be deleted\r"));
        *deleted = marked && span_eq(line, SPAN("+OK bye\r"));
        if (mail && !read_mail(&out, span_skip(line, 4)))
            break;
    }
    return good;
}

static void check_messages(bool deleted)
{
    struct who who = {.name = "ann"};
    struct mailbox *ann;
    if (mailbox_open(w.service.store, &who, &ann) != ST_OK) {
        is_wrong("the mailbox cannot be opened afterwards");
        return;
    }
    for (uint32_t id = 1; id <= 2; id++)
        if (fixture_text(ann, id, texts[id - 1]) != ST_OK)
            is_wrong("message %u is gone", (unsigned)id);
    if (deleted && fixture_text(ann, 3, texts[2]) == ST_OK)
        is_wrong("a message is there that was deleted");
    mailbox_close(ann);
}

/* Returns whether the call was made, and so failed. */
static bool run(const void *ctx, int nth, int error, bool ever)
{
    struct each_held held = each_hold();
    bool deleted;
    (void)ctx;
    begin();
    faults_arm(nth, error, ever);
    world_run(&w, SPAN(said));
    bool failed = faults_disarm();
    int good = read_answers(buf_span(&w.output), &deleted);
    if (nth == INT32_MAX && good != ANSWERS)
        is_wrong("without faults %d of %d answers are +OK", good, ANSWERS);
    store_close(w.service.store);
    w.service.store = fixture_open(&w.fixture, true);
    check_messages(deleted);
    world_end(&w);
    each_check_held(&held);
    return failed;
}

int main(void)
{
    const struct each_call each = {"a session of POP3", run, NULL, 50, faults_stride()};
    run(NULL, INT32_MAX, EIO, false);
    is_int(wrong, 0, "without faults %s", wrong ? first_wrong : "all is answered");
    wrong = 0;
    each_call_fails(&each, 1, EIO, false);
    each_call_fails(&each, 2, EIO, true);
    each_call_fails(&each, 3, EMFILE, false);
    return done_testing();
}
