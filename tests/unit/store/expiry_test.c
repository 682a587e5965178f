/* SPDX-License-Identifier: ISC */
/*
 * Read mail that is old enough moves to the trash, and nothing else does. The clock here can be
 * ahead of the system's, and files change when it says so.
 */
#include <errno.h>

#include "os/clock.h"
#include "store/backup.h"
#include "store/changes.h"
#include "store/expiry.h"
#include "store/housekeeper.h"
#include "store/mailbox_private.h"
#include "store/restore.h"
#include "store_fixture.h"

#define DAY_S  INT64_C(86400)
#define KEEP_S (30 * DAY_S)
#define MANY   600 /* messages: so many that the lock is given back in between */

static struct fixture f;
static struct store *s;
static struct mailbox *mb; /* of ann */
static int64_t ahead_s;
static int64_t changed[MANY + 1]; /* when the file with each id was named last; 0: not here */
static int reports, syncs, lists;
static uint64_t reported;
static bool clock_was_set;
static uint32_t no_rename; /* the id of a message that cannot be renamed, or 0 */
static uint32_t no_file;   /* the id of a message whose file is gone, or 0 */
static bool late_gone;     /* ... it goes only after it was looked at */
static bool no_list;
static bool no_sync;

/* The linker gives us all calls of these. */
#define REPLACED(type, name, parameters)                  \
    type real_##name parameters __asm__("__real_" #name); \
    type here_##name parameters __asm__("__wrap_" #name); \
    type here_##name parameters

REPLACED(int64_t, os_clock_now, (void))
{
    return real_os_clock_now() + ahead_s;
}

static bool is_message(const char *name, struct mail *m)
{
    return message_file_parse_name(name, m) && m->id <= MANY;
}

REPLACED(bool, os_file_rename_new, (int from_dir, const char *from, int to_dir, const char *to))
{
    struct mail m;
    bool ours = is_message(to, &m);

    if (ours && (m.id == no_rename || m.id == no_file)) {
        errno = m.id == no_file ? ENOENT : EIO;
        return false;
    }
    if (ours)
        changed[m.id] = os_clock_now();
    return real_os_file_rename_new(from_dir, from, to_dir, to);
}

REPLACED(bool, os_file_look, (int dir, const char *name, struct os_file_info *info))
{
    struct mail m;
    bool done = real_os_file_look(dir, name, info);

    if (done && !late_gone && is_message(name, &m) && m.id == no_file) {
        errno = ENOENT;
        return false;
    }
    if (done && is_message(name, &m) && changed[m.id] > 0)
        info->changed = changed[m.id];
    return done;
}

REPLACED(bool, os_file_sync_dir, (int dir))
{
    syncs += mb && dir == mb->dir;
    errno = EIO;
    return !(no_sync && mb && dir == mb->dir) && real_os_file_sync_dir(dir);
}

REPLACED(bool, os_file_each, (int dir, bool (*each)(void *ctx, const char *name), void *ctx))
{
    lists++;
    errno = EIO;
    return !no_list && real_os_file_each(dir, each, ctx);
}

static void note_expired(void *ctx, const char *user, uint64_t n)
{
    (void)ctx;
    ok(strcmp(user, "ann") == 0, "... ann's mail, which is reported");
    reports++;
    reported += n;
}

static void note_clock(void *ctx, int64_t seconds)
{
    (void)ctx, (void)seconds;
    clock_was_set = true;
}

static void open_store(void)
{
    s = fixture_open(&f, true);
    s->events.expired = note_expired;
    s->events.clock_set = note_clock;
    s->limits.trash_s = 10 * DAY_S;
    s->limits.keep_s = KEEP_S;
    fixture_steady(s);
}

/* ann has this many messages. */
static void begin(uint32_t messages)
{
    ahead_s = 0;
    memset(changed, 0, sizeof changed);
    fixture_begin_in(&f, "/dev/shm");
    open_store();
    mb = fixture_account(s, "ann");
    for (uint32_t id = 1; id <= messages; id++)
        if (fixture_deliver(mb, "bob", "text") != id)
            exit(1);
}

static void close_store(void)
{
    mailbox_close(mb);
    mb = NULL;
    store_close(s);
}

static void end(void)
{
    close_store();
    fixture_end(&f);
}

static void pass(int64_t seconds)
{
    ahead_s += seconds;
    store_keep(s);
    fixture_steady(s);
}

/* Returns how many messages were moved, as reported. */
static uint64_t a_round(void)
{
    reports = syncs = lists = 0;
    reported = 0;
    housekeeper_round(s, fixture_never, NULL);
    return reported;
}

/* The state that the name of a message's file says. */
static enum mail_state state_of(uint32_t id)
{
    char name[MESSAGE_FILE_NAME_BYTES], start[20];
    int dir = fixture_directory(&f, "ann");
    struct mail m = {.state = MAIL_GONE};

    snprintf(start, sizeof start, "%010u-", (unsigned)id);
    if (fixture_file(dir, start, name))
        message_file_parse_name(name, &m);
    os_file_close(dir);
    return m.state;
}

static void read_messages(uint32_t first, uint32_t last)
{
    for (uint32_t id = first; id <= last; id++)
        if (messages_mark(mb, id, MAIL_NORMAL) != ST_OK)
            exit(1);
}

static void test_read(void)
{
    begin(4);
    read_messages(1, 3);
    is_int(messages_delete(mb, 3), ST_OK, "read: one was deleted before");
    pass(KEEP_S - 60);
    is_int(a_round(), 0, "read: mail stays for as long as it is kept");
    pass(DAY_S + 120);
    is_int(a_round(), 2, "read: then two messages are moved");
    is_int(reports, 1, "read: ... reported together");
    is_int(state_of(1), MAIL_DELETED, "read: the first is in the trash");
    is_int(state_of(4), MAIL_UNREAD, "read: unread mail stays");
    pass(DAY_S + 60);
    is_int(a_round(), 0, "read: nobody moves it again");
    is_int(messages_restore(mb, 1), ST_OK, "read: one can be restored");
    is_int(fixture_text(mb, 1, "text"), ST_OK, "read: ... whole");
    pass(10 * DAY_S);
    is_int(a_round(), 0, "read: what was restored stays, old as it is");
    is_int(state_of(1), MAIL_NORMAL, "read: ... as mail that was read");
    is_int(state_of(2), MAIL_EXPUNGED, "read: the other is purged when trash-days are over");
    pass(KEEP_S);
    is_int(a_round(), 1, "read: what was restored is moved when it is old again");
    end();
}

static void test_unread(void)
{
    begin(2);
    pass(10 * KEEP_S);
    is_int(a_round(), 0, "unread: old mail that nobody has read stays");
    read_messages(1, 1);
    pass(DAY_S + 60);
    is_int(a_round(), 0, "unread: nor does it go the day after it was read");
    pass(KEEP_S);
    is_int(a_round(), 1, "unread: but later");
    is_int(state_of(2), MAIL_UNREAD, "unread: ... without the other");
    end();
}

static void import(int64_t time)
{
    const struct delivery_as as = {.time = time, .state = MAIL_NORMAL};
    struct mail m;

    is_int(delivery_put_as(mb, "bob", SPAN("old"), SPAN(""), as, &m, NULL), ST_OK, "an import");
}

static void test_imported(void)
{
    begin(0);
    int64_t now = os_clock_now();
    import(now - 3000 * DAY_S);
    import(now + 60 * DAY_S);
    pass(DAY_S);
    is_int(a_round(), 0, "imported: a letter of long ago stays");
    pass(KEEP_S);
    is_int(a_round(), 1, "imported: it goes when it has been here for as long as other mail");
    is_int(state_of(2), MAIL_NORMAL, "imported: without one whose date is in the future");
    pass(60 * DAY_S);
    is_int(a_round(), 1, "imported: which goes in its time");
    end();
}

static void tell_nothing(void *ctx, const char *account, const char *file, const char *what)
{
    (void)ctx;
    ok(false, "%s/%s: %s", account, file ? file : "", what);
}

/* A store gets mail back, whose files are new, though all of it is old. */
static void test_backup(void)
{
    char path[] = "/tmp/pochta_test.XXXXXX";
    begin(0);
    import(1000000000);
    changed[1] = 1000000000;
    ok(expiry_is_due(s, "ann"), "backup: an old letter");
    int place = mkdtemp(path) ? os_file_open_dir(path) : -1;
    struct backup b = {.store = s, .dir = place, .path = path, .told.finding = tell_nothing};
    is_int(backup_run(&b), ST_OK, "backup: it is in a backup");
    end();

    memset(changed, 0, sizeof changed);
    fixture_begin_in(&f, "/dev/shm");
    open_store();
    struct restore r = {.store = s, .dir = place, .path = path, .told.finding = tell_nothing};
    is_int(restore_all(&r), ST_OK, "backup: another store gets it");
    is_int(a_round(), 0, "backup: there it stays");
    is_int(state_of(1), MAIL_NORMAL, "backup: ... as it was");
    mb = fixture_mailbox(s, "ann");
    os_file_close(place);
    os_file_remove_tree(OS_FILE_CWD, path);
    end();
}

/* As after a start with the clock of a dead battery, and when it is put right. */
static void test_clock(void)
{
    int64_t looked;

    begin(1);
    read_messages(1, 1);
    s->age.steady += 2 * AGE_STEADY_S;
    ahead_s = 10 * KEEP_S;
    clock_was_set = false;
    is_int(a_round(), 0, "clock: nothing is moved when it was set");
    ok(clock_was_set, "clock: ... which is reported");
    ok(!changes_time(s, CHANGES_EXPIRY, &looked), "clock: ... and this look does not count");
    ahead_s = 0;
    a_round();
    fixture_steady(s);
    is_int(a_round(), 0, "clock: nor once it is right");
    is_int(state_of(1), MAIL_NORMAL, "clock: the message is there");
    ahead_s = 10 * KEEP_S;
    is_int(expiry_is_due(s, "ann"), false, "clock: set in between, it does not count either");
    end();
}

/* Returns whether a round looks at the old mail of all accounts. */
static bool looks(void)
{
    int64_t before = 0, after = 0;

    changes_time(s, CHANGES_EXPIRY, &before);
    a_round();
    return changes_time(s, CHANGES_EXPIRY, &after) && after != before;
}

static void test_each_day(void)
{
    begin(1);
    s->limits.keep_s = 0;
    ok(!looks(), "each day: not without keep-days");
    s->limits.keep_s = KEEP_S;
    pass(10);
    ok(looks(), "each day: at once when it is set");
    int all = lists;
    pass(3600);
    ok(!looks() && lists < all, "each day: not an hour later");
    close_store();
    open_store();
    mb = fixture_mailbox(s, "ann");
    pass(DAY_S - 7200);
    ok(!looks(), "each day: nor in a new server");
    pass(3600);
    ok(looks(), "each day: but a day later");
    pass(-3 * DAY_S);
    ok(looks(), "each day: and if the clock was set back");
    end();
}

static void test_off(void)
{
    begin(1);
    read_messages(1, 1);
    s->limits.keep_s = 0;
    pass(1000 * KEEP_S);
    is_int(a_round(), 0, "off: without keep-days nothing goes");
    expiry_move(mb);
    ok(!expiry_is_due(s, "ann") && state_of(1) == MAIL_NORMAL, "off: ... nor is anything due");
    ok(!expiry_is_due(s, "nobody"), "off: nor without an account");
    end();
}

static void test_many(void)
{
    begin(MANY);
    read_messages(1, MANY);
    pass(KEEP_S + 60);
    is_int(a_round(), MANY, "many: all are moved");
    ok(reports == 1 && syncs == 1, "many: reported together, with one sync");
    end();
}

static void test_failures(void)
{
    begin(3);
    read_messages(1, 3);
    pass(KEEP_S + 60);
    no_rename = 2;
    is_int(a_round(), 1, "failures: what can be moved before one is moved");
    is_int(state_of(3), MAIL_NORMAL, "failures: the rest stays");
    no_rename = 0;
    pass(DAY_S);
    is_int(a_round(), 2, "failures: until the next day");
    end();
    begin(1);
    read_messages(1, 1);
    pass(KEEP_S + 60);
    no_sync = true;
    is_int(a_round(), 0, "failures: nothing is reported that may not be durable");
    no_sync = false;
    end();
}

/* Another process, or somebody by hand, takes a file away: the others are moved. */
static void test_gone(void)
{
    for (int late = 0; late < 2; late++) {
        late_gone = late;
        begin(3);
        read_messages(1, 3);
        pass(KEEP_S + 60);
        no_file = 2;
        is_int(a_round(), 2, "gone: a file goes %s it is looked at", late ? "after" : "before");
        ok(state_of(1) == MAIL_DELETED && state_of(3) == MAIL_DELETED, "gone: the others move");
        is_int(state_of(2), MAIL_NORMAL, "gone: ... and nothing else");
        is_int(f.troubles, late, "gone: ... what was not found is not tried");
        no_file = 0;
        end();
    }
    late_gone = false;
}

/* Where nothing can be changed, nothing is; what cannot be listed may have old mail. */
static void test_shut(void)
{
    struct account a;
    struct who who;

    begin(1);
    read_messages(1, 1);
    no_list = true;
    ok(expiry_is_due(s, "ann"), "shut: mail that cannot be listed may be old");
    no_list = false;
    ok(!expiry_is_due(s, "ann"), "shut: ... which it is not");
    pass(KEEP_S + 60);
    ok(expiry_is_due(s, "ann"), "shut: now it is");
    s->failed = true;
    expiry_move(mb);
    is_int(state_of(1), MAIL_NORMAL, "shut: it stays while the store can only be read");
    s->failed = false;
    s->events.expired = NULL;
    expiry_move(mb);
    is_int(state_of(1), MAIL_DELETED, "shut: then it moves, also if nobody wants to know");
    s->events.expired = note_expired;
    is_int(messages_restore(mb, 1), ST_OK, "shut: it is restored");
    pass(KEEP_S + 60);
    reports = 0;
    is_int(account_find(s, "ann", &who, &a), ST_OK, "shut: ann");
    is_int(account_delete(s, &who), ST_OK, "shut: ... is deleted");
    expiry_move(mb);
    is_int(reports, 0, "shut: mail of a deleted account stays");
    end();
}

static bool stop_once_moved(void *ctx)
{
    (void)ctx;
    return reports > 0;
}

/* What is no account, or cannot be opened, does not keep the mail of others. */
static void test_odd_accounts(void)
{
    begin(1);
    read_messages(1, 1);
    pass(KEEP_S + 60);
    int file = os_file_create(s->dirs[LAYOUT_USERS], "aaron");
    ok(file >= 0 && os_file_make_dir(s->dirs[LAYOUT_USERS], "not a name"), "odd: two in users/");
    os_file_close(file);
    is_int(a_round(), 1, "odd: ann's mail is moved");
    ok(os_file_exists(s->dirs[LAYOUT_USERS], "aaron"), "odd: ... and the others are there");
    end();
}

/* A look at the accounts that was not complete does not count. */
static void test_half_looks(void)
{
    int64_t looked;

    begin(1);
    read_messages(1, 1);
    pass(KEEP_S + 60);
    no_list = true;
    is_int(a_round(), 0, "half: the accounts cannot be listed");
    no_list = false;
    ok(!changes_time(s, CHANGES_EXPIRY, &looked), "half: ... which does not count");
    reports = 0;
    housekeeper_round(s, stop_once_moved, NULL);
    is_int(reports, 1, "half: the server stops when ann's mail is moved");
    ok(!changes_time(s, CHANGES_EXPIRY, &looked), "half: ... nor does that");
    ok(looks(), "half: the next round looks");
    end();
}

static void test_no_trash(void)
{
    struct snapshot snap;
    struct mail m;

    begin(2);
    read_messages(1, 2);
    messages_find(mb, 1, &m);
    s->limits.trash_s = 0;
    pass(KEEP_S + 60);
    is_int(snapshot_take(&snap, mb, INDEX_LIVE, 0, UINT64_MAX, fixture_measure, NULL), ST_OK,
           "no trash: somebody reads");
    is_int(a_round(), 2, "no trash: old mail goes");
    is_int(fixture_body(mb, &m, SPAN("text")), ST_OK, "no trash: who reads it reads on");
    snapshot_drop(&snap);
    is_int(state_of(1), MAIL_EXPUNGED, "no trash: then it is gone for good");
    import(1000000000);
    pass(KEEP_S + 60);
    is_int(a_round(), 1, "no trash: while nobody reads, it goes");
    is_int(state_of(3), MAIL_EXPUNGED, "no trash: ... at once");
    end();
}

int main(void)
{
    test_read();
    test_unread();
    test_imported();
    test_backup();
    test_clock();
    test_each_day();
    test_off();
    test_many();
    test_failures();
    test_gone();
    test_shut();
    test_odd_accounts();
    test_half_looks();
    test_no_trash();
    return done_testing();
}
