/* SPDX-License-Identifier: ISC */
/*
 * Files that a server which had lost its lock wrote late: with the id of another message, or with
 * the sender and the token of one. No message goes out of sight, and none is there twice.
 */
#include "store_faults.h"

#include "redo_left.h"
#include "store/fsck.h"
#include "store/mailbox_private.h"

#define TOKEN "0123456789abcdef"
#define OTHER "fedcba9876543210"
#define EARLY 1000
#define LATER 2000

static struct mailbox *mb; /* of ann */
static int dir;            /* its directory */

static void begin(bool server)
{
    left_begin();
    s = left_open(server);
    mb = fixture_mailbox(s, "ann");
    dir = fixture_directory(&f, "ann");
}

static void end(void)
{
    mailbox_close(mb);
    os_file_close(dir);
    left_end();
}

/* Puts a file into the mailbox, as one who does not lock; the text is also the sender. */
static struct mail put(uint32_t id, enum mail_state state, int64_t time, const char *text,
                       const char *token)
{
    struct mail m = redo_mail(id, text, token);
    char header[MESSAGE_FILE_HEADER_BYTES], name[MESSAGE_FILE_NAME_BYTES];
    struct buf file;

    m.state = state;
    m.time = time;
    snprintf(m.from, sizeof m.from, "%s", text);
    message_file_name(&m, name);
    size_t n = message_file_header(&m, span_str(text), header);
    buf_init(&file, 1000);
    buf_add(&file, span_of(header, n));
    buf_add(&file, span_str(text));
    if (!os_file_replace(dir, name, state == MAIL_EXPUNGED ? SPAN("") : buf_span(&file)))
        exit(1);
    buf_free(&file);
    return m;
}

static enum status read_again(void)
{
    buf_clear(&left_texts);
    atomic_store(&mb->doubtful, true);
    enum status st = mailbox_lock(mb);
    if (st == ST_OK)
        mailbox_unlock(mb);
    return st;
}

/* Another server reads the mailbox, which knows nothing of it. */
static void start_again(bool server)
{
    mailbox_close(mb);
    left_close();
    s = left_open(server);
    mb = fixture_mailbox(s, "ann");
}

static void is_there(uint32_t id, const char *text, const char *what)
{
    is_int(fixture_text(mb, id, text), ST_OK, "%s: message %u is that of %s", what, (unsigned)id,
           text);
}

static void has(const char *start, const char *what)
{
    is_int(left_count(dir, start), 1, "%s: there is a file %s", what, start);
}

/* --- one id --- */

static void test_unknown(void)
{
    begin(true);
    put(1, MAIL_UNREAD, EARLY, "late", OTHER);
    put(1, MAIL_UNREAD, LATER, "answered", TOKEN);
    start_again(true);
    is_there(1, "answered", "unknown");
    is_there(2, "late", "unknown");
    ok(left_said("mailbox ann: two files have the same id: 0000000001-u,t=2000,") &&
           left_said(" stays, 0000000001-u,t=1000,") && left_said("is message 2 from now on"),
       "unknown: both files are named");
    is_int(fixture_deliver(mb, "bob", "third"), 3, "unknown: nobody else gets the id");
    start_again(true);
    is_int((int64_t)left_texts.n, 0, "unknown: the next start finds nothing");
    is_there(1, "answered", "unknown");
    is_there(2, "late", "unknown");
    is_there(3, "third", "unknown");
    end();
}

/* What this server has shown under an id stays there, whatever the names say. */
static void test_known(void)
{
    begin(true);
    put(1, MAIL_UNREAD, EARLY, "answered", "");
    read_again();
    put(1, MAIL_NORMAL, LATER, "late", "");
    put(1, MAIL_UNREAD, LATER, "later", "");
    read_again();
    is_there(1, "answered", "known");
    is_there(2, "late", "known");
    is_there(3, "later", "known");
    end();
}

static void test_seen(void)
{
    begin(true);
    put(1, MAIL_NORMAL, EARLY, "read", "");
    put(1, MAIL_UNREAD, LATER, "late", "");
    put(2, MAIL_EXPUNGED, EARLY, "purged", "");
    put(2, MAIL_UNREAD, LATER, "later", "");
    start_again(true);
    is_there(1, "read", "seen");
    is_int(fixture_text(mb, 2, "later"), ST_NO_MESSAGE,
           "seen: the id of a purged message gets no other message");
    is_there(3, "late", "seen");
    is_there(4, "later", "seen");
    has("0000000002-x", "seen");
    end();
}

/* --- one sender and token --- */

static void test_repeat(void)
{
    begin(true);
    put(1, MAIL_UNREAD, LATER, "answered", "");
    put(1, MAIL_UNREAD, EARLY, "twice", TOKEN);
    put(2, MAIL_UNREAD, LATER, "twice", TOKEN);
    put(3, MAIL_UNREAD, EARLY, "again", TOKEN);
    put(3, MAIL_UNREAD, LATER, "again", TOKEN);
    start_again(true);
    is_there(1, "answered", "repeat");
    is_there(2, "twice", "repeat");
    is_there(3, "again", "repeat");
    has("0000000001-b", "repeat");
    has("0000000003-b", "repeat");
    is_int(left_count(dir, "0000000004-"), 0, "repeat: no message is there twice");
    ok(left_said("is a repeat and was set aside"),
       "repeat: ... and the log says what became of the repeat");
    end();
}

static void test_other_id(void)
{
    begin(true);
    put(1, MAIL_UNREAD, LATER, "twice", TOKEN);
    put(2, MAIL_UNREAD, EARLY, "twice", TOKEN);
    put(3, MAIL_EXPUNGED, EARLY, "twice", TOKEN);
    put(4, MAIL_UNREAD, EARLY, "once", TOKEN);
    start_again(true);
    is_there(1, "twice", "other id");
    is_there(4, "once", "other id");
    has("0000000002-b", "other id");
    has("0000000003-x", "other id");
    ok(left_said("two files have the same sender and token: 0000000001-u") &&
           left_said("stays, 0000000002-u") && left_said("was set aside"),
       "other id: both files are named");
    end();
}

/* A file that is set aside must not replace one that was. */
static void test_name_taken(void)
{
    begin(true);
    put(1, MAIL_UNREAD, LATER, "answered", "");
    put(1, MAIL_UNREAD, EARLY, "twice", TOKEN);
    put(1, MAIL_BROKEN, EARLY, "twice", TOKEN);
    put(2, MAIL_UNREAD, LATER, "twice", TOKEN);
    put(3, MAIL_UNREAD, EARLY, "twice", TOKEN);
    put(3, MAIL_BROKEN, EARLY, "twice", TOKEN);
    start_again(true);
    is_there(1, "answered", "name taken");
    is_there(2, "twice", "name taken");
    has("0000000001-u,t=1000", "name taken");
    has("0000000003-u", "name taken");
    ok(left_said("is left out"), "name taken: ... and the log says that it is left out");
    end();
}

/* --- a reading that cannot change anything --- */

static void test_failed_rename(void)
{
    begin(true);
    put(1, MAIL_UNREAD, LATER, "answered", "");
    put(1, MAIL_UNREAD, EARLY, "late", "");
    faults_meanwhile("os_file_rename_new", "0000000001-u", 1, NULL, EIO);
    read_again();
    ok(faults_happened() && left_said("is left out"), "failed rename: the file is left out");
    is_there(1, "answered", "failed rename");
    read_again();
    is_there(2, "late", "failed rename: the next reading");
    end();
}

static void test_no_more_ids(void)
{
    begin(true);
    put(MAIL_ID_MAX, MAIL_UNREAD, LATER, "answered", "");
    put(MAIL_ID_MAX, MAIL_UNREAD, EARLY, "late", "");
    read_again();
    ok(left_said("is left out"), "no more ids: the file is left out");
    is_there(MAIL_ID_MAX, "answered", "no more ids");
    end();
}

static void test_only_reads(bool server)
{
    const char *what = server ? "read-only server" : "tool";

    begin(server);
    put(1, MAIL_UNREAD, LATER, "answered", "");
    put(1, MAIL_UNREAD, EARLY, "late", "");
    put(2, MAIL_UNREAD, LATER, "twice", TOKEN);
    put(3, MAIL_UNREAD, EARLY, "twice", TOKEN);
    if (server)
        store_fail(s, "a test");
    read_again();
    ok(left_said("mailbox ann: 1 files have the id of another file"), "%s: it logs that", what);
    is_there(1, "answered", what);
    is_int(left_count(dir, "0000000001-u"), 2, "%s: it renames nothing", what);
    is_int(left_count(dir, "0000000003-u"), 1, "%s: ... for a repeated token, either", what);
    end();
}

/* Without the sync nobody sees what was renamed, and the old index stays true. */
static void test_failed_sync(void)
{
    begin(true);
    put(1, MAIL_UNREAD, EARLY, "answered", "");
    read_again();
    put(1, MAIL_UNREAD, LATER, "late", "");
    faults_meanwhile("os_file_sync_dir", NULL, 1, NULL, EIO);
    read_again();
    ok(faults_happened(), "failed sync: after the reading");
    is_there(1, "answered", "failed sync");
    is_int(fixture_text(mb, 2, "late"), ST_NO_MESSAGE,
           "failed sync: the other message is not seen yet");
    is_int(fixture_deliver(mb, "bob", "x"), 0, "failed sync: no id is given");
    start_again(true);
    is_there(1, "answered", "failed sync: the next start");
    is_there(2, "late", "failed sync: the next start");
    end();
}

static void test_memory(void)
{
    static const char *const calls[] = {"calloc", "realloc"};

    for (size_t c = 0; c < sizeof calls / sizeof *calls; c++) {
        int told = 0, nth = 1;
        bool more = true;
        for (; more && nth < 100; nth++) {
            begin(true);
            for (uint32_t i = 1; i <= 17; i++) { /* so that the moved one needs more room */
                put(i, MAIL_UNREAD, LATER, "answered", "");
                put(i, MAIL_UNREAD, EARLY, "late", "");
            }
            buf_space(&left_texts, 1 << 16); /* what is told takes no memory */
            faults_meanwhile(calls[c], NULL, nth, NULL, ENOMEM);
            told += read_again() == ST_NO_MEMORY;
            more = faults_happened();
            read_again();
            for (uint32_t i = 1; i <= 34; i++)
                if (fixture_text(mb, i, i <= 17 ? "answered" : "late") != ST_OK)
                    ok(false, "memory: message %u is missing after %s %d", (unsigned)i, calls[c],
                       nth);
            end();
        }
        is_int(told, nth - 2, "memory: each failure of %s is reported, and loses nothing",
               calls[c]);
    }
}

/* --- while a delivery is under way --- */

static void put_late(void)
{
    put(4, MAIL_UNREAD, EARLY, "late", "");
    put(2, MAIL_UNREAD, EARLY, "bob", TOKEN);
    read_again();
}

static void test_under_way(void)
{
    struct mail m;
    const char *why;

    begin(true);
    ok(store_start_log(s, 1 << 20, &why), "under way: there is a log");
    put(3, MAIL_EXPUNGED, EARLY, "purged", "");
    read_again();
    faults_meanwhile("os_file_rename_new", LAYOUT_TEMPORARY, 1, put_late, 0);
    is_int(delivery_put(mb, "bob", SPAN("answered"), SPAN(TOKEN), &m, NULL), ST_OK,
           "under way: a delivery");
    ok(faults_happened() && m.id == 4, "under way: ... whose id is used by another file meanwhile");
    is_there(4, "answered", "under way");
    is_there(5, "late", "under way: the message that got its id then is seen");
    is_int(fixture_deliver(mb, "bob", "next"), 6, "under way: the next id");
    end();
}

static void read_without_memory(void)
{
    for (int nth = 1; nth <= 4; nth++) {
        faults_meanwhile("realloc", NULL, nth, NULL, ENOMEM);
        enum status st = read_again();
        ok(faults_happened() && st == ST_NO_MEMORY, "under way: realloc %d of a reading", nth);
    }
}

static void test_under_way_memory(void)
{
    const char *why;

    begin(true);
    ok(store_start_log(s, 1 << 20, &why), "under way: there is a log, and no memory");
    faults_meanwhile("os_file_rename_new", LAYOUT_TEMPORARY, 1, read_without_memory, 0);
    is_int(fixture_deliver(mb, "bob", "answered"), 1, "under way: a delivery");
    is_there(1, "answered", "under way: later");
    end();
}

/* Whether two names are those of one file cannot be told: both messages stay in sight. */
static void test_unlooked(void)
{
    begin(true);
    put(1, MAIL_UNREAD, LATER, "answered", "");
    put(1, MAIL_UNREAD, EARLY, "late", "");
    faults_meanwhile("os_file_look", "0000000001-u", 1, NULL, EIO);
    read_again();
    ok(faults_happened(), "unlooked: a file cannot be looked at");
    is_there(1, "answered", "unlooked");
    is_there(2, "late", "unlooked");
    end();
}

/* --- fsck --- */

static char findings[1 << 16];

static void note(void *ctx, const char *mailbox, const char *file, const char *what, bool aside)
{
    size_t n = strlen(findings);

    (void)ctx;
    snprintf(findings + n, sizeof findings - n, "%s %.12s: %s%s\n", mailbox, file ? file : "-",
             what, aside ? " (aside)" : "");
}

/* Checks the mailbox of ann; the text is found, and n findings in all. */
static void check(bool repair, int n, const char *text, const char *what)
{
    struct fsck fsck = {.store = s, .repair = repair, .finding = note};

    findings[0] = '\0';
    is_int(fsck_mailbox(&fsck, "ann"), ST_OK, "%s: fsck can check the mailbox", what);
    is_int((int64_t)fsck.findings, n, "%s: findings", what);
    ok(strstr(findings, text), "%s: ... among them %s", what, text);
    if (!strstr(findings, text) || (int)fsck.findings != n)
        diag("%s", findings);
}

static void test_fsck(void)
{
    static const char one[] =
        "ann 0000000001-u: another file has the same id: 0000000001-u,t=2000,s=8,e=0,l=8+0,"
        "f=answered";

    begin(false);
    put(1, MAIL_UNREAD, LATER, "answered", "");
    put(1, MAIL_UNREAD, EARLY, "late", OTHER);
    put(2, MAIL_NORMAL, LATER, "read", TOKEN);
    put(2, MAIL_EXPUNGED, EARLY, "purged", "");
    check(false, 1, one, "fsck");
    is_int(left_count(dir, "0000000001-u"), 2, "fsck: it renames nothing");
    check(true, 1, "f=answered: given the id 3\n", "fsck --repair");
    has("0000000003-u,t=1000", "fsck --repair");
    check(true, 0, "", "fsck --repair: a second one");
    start_again(true);
    is_there(1, "answered", "fsck --repair");
    is_there(3, "late", "fsck --repair");
    end();
}

/* The one that was answered is not the one that is set aside, although its id is higher. */
static void test_fsck_repeat(void)
{
    begin(false);
    put(1, MAIL_UNREAD, LATER, "answered", "");
    put(1, MAIL_UNREAD, EARLY, "twice", TOKEN);
    put(2, MAIL_UNREAD, LATER, "twice", TOKEN);
    put(3, MAIL_UNREAD, EARLY, "twice", TOKEN);
    check(false, 2, "ann 0000000001-u: another file has the same id: 0000000001-u", "fsck: repeat");
    ok(strstr(findings, "ann 0000000003-u: another message has the same sender and token: "
                        "0000000002-u"),
       "fsck: repeat: ... and a message under two ids");
    check(true, 2, "f=answered (aside)\n", "fsck --repair: repeat");
    has("0000000001-b", "fsck --repair: repeat");
    has("0000000002-u", "fsck --repair: repeat");
    has("0000000003-b", "fsck --repair: repeat");
    check(true, 0, "", "fsck --repair: repeat, a second one");
    end();
}

static void test_fsck_no_id(void)
{
    begin(false);
    put(MAIL_ID_MAX, MAIL_UNREAD, LATER, "answered", "");
    put(MAIL_ID_MAX, MAIL_UNREAD, EARLY, "late", "");
    check(true, 1, "f=answered\n", "fsck: no more ids");
    end();
    begin(false);
    put(1, MAIL_UNREAD, LATER, "answered", "");
    put(1, MAIL_UNREAD, EARLY, "late", "");
    faults_meanwhile("os_file_rename_new", "0000000001-u", 1, NULL, EIO);
    check(true, 1, "f=answered\n", "fsck: a rename fails");
    ok(faults_happened(), "fsck: ... as it should");
    end();
}

static void test_fsck_name_taken(void)
{
    begin(false);
    put(1, MAIL_UNREAD, LATER, "answered", "");
    put(1, MAIL_UNREAD, EARLY, "twice", TOKEN);
    put(1, MAIL_BROKEN, EARLY, "twice", TOKEN);
    put(2, MAIL_UNREAD, LATER, "twice", TOKEN);
    check(true, 1, "f=answered\n", "fsck: a name is taken");
    has("0000000001-b", "fsck: a name is taken");
    has("0000000001-u,t=1000", "fsck: a name is taken");
    end();
}

/* The server knows which of the two it has shown, which the names do not tell. */
static void test_fsck_beside_a_server(void)
{
    begin(true);
    struct store *server = s;
    struct mailbox *its = mb;
    is_int(fixture_deliver(mb, "bob", "answered"), 1, "fsck, a server: a message");
    s = left_open(false);
    put(1, MAIL_NORMAL, EARLY, "late", "");
    check(true, 1, "f=late\n", "fsck, a server");
    store_close(s);
    s = server;
    mb = its;
    is_int(left_count(dir, "0000000001-"), 2, "fsck, a server: it renames nothing");
    is_there(1, "answered", "fsck, a server: the server");
    is_there(2, "late", "fsck, a server: the server gives the other its id");
    end();
}

int main(void)
{
    test_unknown();
    test_known();
    test_seen();
    test_repeat();
    test_other_id();
    test_name_taken();
    test_failed_rename();
    test_no_more_ids();
    test_only_reads(false);
    test_only_reads(true);
    test_failed_sync();
    test_memory();
    test_under_way();
    test_under_way_memory();
    test_unlooked();
    test_fsck();
    test_fsck_repeat();
    test_fsck_no_id();
    test_fsck_name_taken();
    test_fsck_beside_a_server();
    return done_testing();
}
