/* SPDX-License-Identifier: ISC */
/*
 * Each call that the store makes fails: in one run only this call, in another run also all later
 * ones. The store is opened and recovers a log, mailboxes are changed, accounts and invites are
 * used, and a tool checks the store. What was answered is true afterwards, and nothing leaks. With
 * STRIDE=1 the test does all runs, which are thousands, otherwise a part of them.
 */
#include "each_call.h"

#include "redo_left.h"
#include "store/expiry.h"
#include "store/fsck.h"
#include "store/housekeeper.h"
#include "store/invite.h"
#include "store/mailbox_private.h"
#include "store/redo.h"
#include "store/trash.h"

#define TOKEN     "0123456789abcdef"
#define LOG_BYTES (UINT64_C(1) << 20)

/* --- what was answered --- */

static const char long_text[REDO_MESSAGE_MAX + 2] = {[0 ... REDO_MESSAGE_MAX] = 'x'};

/* A letter to ann, known by its text. */
static struct letter {
    const char *text;
    bool sent, maybe_sent, deleted, maybe_deleted;
    int found;
} letters[12];
static int n_letters;

static struct letter *letter_of(const char *text)
{
    int i = 0;

    while (i < n_letters && letters[i].text != text)
        i++;
    if (i == n_letters)
        letters[n_letters++] = (struct letter){.text = text};
    return &letters[i];
}

static uint32_t put(struct mailbox *mb, const char *text, const char *token)
{
    struct letter *l = letter_of(text);
    bool repeat = false;
    struct mail m;
    enum status st = delivery_put(mb, "bob", span_str(text), span_str(token), &m, &repeat);

    l->sent = l->sent || st == ST_OK;
    l->maybe_sent = l->maybe_sent || st == ST_UNKNOWN;
    return st == ST_OK ? m.id : UINT32_MAX;
}

static void take(struct mailbox *mb, uint32_t id, const char *text)
{
    struct letter *l = letter_of(text);
    enum status st = messages_delete(mb, id);

    l->deleted = st == ST_OK;
    l->maybe_deleted = st == ST_UNKNOWN;
}

static void take_two(struct mailbox *mb, const uint32_t ids[2], const char *const texts[2])
{
    enum status outcomes[2];

    messages_delete_many(mb, ids, 2, outcomes);
    for (int i = 0; i < 2; i++) {
        letter_of(texts[i])->deleted = outcomes[i] == ST_OK;
        letter_of(texts[i])->maybe_deleted = outcomes[i] == ST_UNKNOWN;
    }
}

static void give_back(struct mailbox *mb, uint32_t id, const char *text)
{
    struct letter *l = letter_of(text);
    enum status st = messages_restore(mb, id);

    l->deleted = l->deleted && st != ST_OK;
    l->maybe_deleted = l->maybe_deleted || st == ST_UNKNOWN;
}

static void look_up(struct mailbox *mb, const struct mail *m)
{
    for (int i = 0; i < n_letters; i++)
        if (fixture_body(mb, m, span_str(letters[i].text)) == ST_OK) {
            letters[i].found++;
            return;
        }
    is_wrong("message %u was never sent", (unsigned)m->id);
}

static void check_letters(void)
{
    struct who who = {.name = "ann"};
    struct mailbox *mb;
    struct snapshot snap;
    struct mail m;
    size_t n;

    if (mailbox_open(s, &who, &mb) != ST_OK ||
        snapshot_take(&snap, mb, INDEX_LIVE, 0, UINT64_MAX, fixture_measure, NULL) != ST_OK) {
        is_wrong("the mailbox cannot be read afterwards");
        return;
    }
    while (snapshot_next(&snap, &m, 1, &n) == ST_OK && n > 0)
        look_up(mb, &m);
    snapshot_drop(&snap);
    mailbox_close(mb);
    for (const struct letter *l = letters; l < letters + n_letters; l++) {
        int least = l->sent && !l->deleted && !l->maybe_deleted;
        int most = (l->sent || l->maybe_sent) && (!l->deleted || l->maybe_deleted);
        if (l->found < least || l->found > most)
            is_wrong("\"%.10s\" is there %d times, not %d to %d", l->text, l->found, least, most);
    }
}

/* cppcheck-suppress constParameter ; fsck hands it over so */
static void note_finding(void *ctx, const char *mailbox, const char *file, const char *what,
                         bool set_aside)
{
    (void)set_aside;
    if (ctx)
        is_wrong("%s %s: %s", mailbox, file ? file : "", what);
}

/* The next start, which nothing disturbs. */
static void check_store(void)
{
    struct fsck fsck = {.finding = note_finding, .ctx = &fsck};

    s = left_open(true);
    check_letters();
    fsck.store = s;
    if (!fsck_all(&fsck))
        is_wrong("the store cannot be checked afterwards");
    left_close();
}

/* --- a log is recovered --- */

static void leave_file(int dir, const char *name)
{
    if (!os_file_replace(dir, name, SPAN("")))
        exit(1);
}

/* A start that was interrupted, and a server that died. */
static void leave_log(void)
{
    static const char *const texts[] = {"new", "there", "known", "taken", "another"};
    char name[MESSAGE_FILE_NAME_BYTES];

    for (int i = 0; i < 5; i++)
        letter_of(texts[i])->sent = true;
    left_put(&ann, 1, "", texts[0]);
    left_put(&ann, 2, "", texts[1]);
    left_segment();
    left_put(&ann, 5, TOKEN, texts[2]);
    left_put(&ann, 6, "", texts[3]);
    left_put(&bob, 1, "", "for bob");
    left_segment();
    left_file(&ann, 2, MAIL_NORMAL, "", texts[1], name);
    left_file(&ann, 7, MAIL_UNREAD, TOKEN, texts[2], name);
    left_file(&ann, 6, MAIL_UNREAD, "", texts[4], name);
    int dir = fixture_directory(&f, "ann");
    leave_file(dir, LAYOUT_TEMPORARY "0123456789abcdef-1");
    leave_file(dir, LAYOUT_ACCOUNT LAYOUT_UNFINISHED);
    os_file_close(dir);
    dir = left_log_dir();
    leave_file(dir, REDO_OLD "stranger");
    leave_file(dir, REDO_SEGMENT "stranger");
    os_file_close(dir);
}

static void start(void)
{
    const struct store_events events = {.trouble = left_trouble, .died = left_died};
    const char *why = "";

    s = store_open(f.path, true, events, &why);
    if (!s && !*why)
        is_wrong("the store does not open, and no reason is given");
    if (s && !store_start_log(s, LOG_BYTES, &why) && !*why)
        is_wrong("there is no log, and no reason is given");
    left_close();
}

/* --- mailboxes --- */

static void open_with_log(void)
{
    const char *why;

    s = left_open(true);
    s->limits.trash_s = 86400;
    if (!store_start_log(s, LOG_BYTES, &why)) {
        diag("no log: %s", why);
        exit(1);
    }
}

static void read_all(struct mailbox *mb)
{
    struct reader *r = reader_new();
    struct snapshot snap;
    struct span piece;
    struct mail m;
    size_t n;

    if (r && snapshot_take(&snap, mb, INDEX_LIVE, 0, UINT64_MAX, fixture_measure, NULL) == ST_OK) {
        while (snapshot_next(&snap, &m, 1, &n) == ST_OK && n > 0)
            if (reader_open(r, mb, &m) == ST_OK) {
                while (reader_next(r, &piece) == ST_OK && piece.n > 0)
                    ;
                reader_close(r);
            }
        snapshot_drop(&snap);
    }
    free(r);
}

static void note_bytes(struct mailbox *mb, const uint32_t ids[2])
{
    uint64_t bytes[2] = {9, 9};

    messages_note_mail_bytes(mb, ids, (const uint64_t[2]){7, 8}, 2);
    messages_mail_bytes(mb, ids, bytes, 2);
    for (uint64_t i = 0; i < 2; i++)
        if (bytes[i] != 0 && bytes[i] != 7 + i)
            is_wrong("a number of bytes that nobody noted");
}

/* What was read: the second letter, and the third one if it could not be deleted. */
static void expire(struct mailbox *mb)
{
    struct letter *third = letter_of("third");

    letter_of("second")->maybe_deleted = true;
    third->maybe_deleted = third->maybe_deleted || !third->deleted;
    fixture_steady(s);
    s->limits.keep_s = (uint64_t)-86400; /* all that was read is older than tomorrow */
    if (expiry_is_due(s, "ann"))
        expiry_move(mb);
    s->limits.keep_s = 0;
}

static void use_mailbox(struct mailbox *mb)
{
    struct index_totals totals;
    struct mailbox_quota quota;

    put(mb, "first", TOKEN);
    put(mb, "first", TOKEN);
    put(mb, long_text, "");
    uint32_t second = put(mb, "second", ""), third = put(mb, "third", "");
    messages_mark(mb, second, MAIL_NORMAL);
    messages_mark_read(mb, &third, 1);
    take(mb, second, "second");
    give_back(mb, second, "second");
    take(mb, third, "third");
    atomic_store(&mb->doubtful, true);
    read_all(mb);
    s->limits.quota_messages = 4;
    put(mb, "fourth", "");
    s->limits.quota_messages = 0;
    uint32_t ids[] = {put(mb, "fifth", ""), put(mb, "sixth", "")};
    note_bytes(mb, ids);
    take_two(mb, ids, (const char *const[]){"fifth", "sixth"});
    expire(mb);
    delivery_check(mb, 10);
    mailbox_totals(mb, &totals, &quota);
}

static void use_mailboxes(void)
{
    struct who who = {.name = "ann"};
    struct mailbox *mb;

    if (mailbox_open(s, &who, &mb) == ST_OK) {
        use_mailbox(mb);
        mailbox_close(mb);
    }
    s->limits.trash_s = 0;
    s->limits.reserve_bytes = 1;
    fixture_steady(s);
    housekeeper_sweep(s, fixture_never, NULL);
    cache_let_go(s, 0);
    if (mailbox_open(s, &who, &mb) == ST_OK) {
        put(mb, "last", "");
        mailbox_close(mb);
    }
    store_keep(s);
    left_close();
}

/* --- accounts --- */

static char code[INVITE_DIGITS + 1];

static void open_with_invite(void)
{
    struct invite invite;

    open_with_log();
    if (invite_add(s, 0, &invite) != ST_OK)
        exit(1);
    memcpy(code, invite.code, sizeof code);
}

static struct {
    enum status carl, deleted, restored;
} answers;

static void use_accounts(void)
{
    struct who who = {.name = "bob"};
    struct invite invite;
    struct account a;
    char found[INVITE_DIGITS + 1];

    if (invite_add(s, 60, &invite) == ST_OK)
        invite_delete(s, span_str(invite.code));
    invite_check(s, span_str(code), found);
    answers.carl = account_register_invited(s, "carl", "hash", code);
    account_set_hash(s, &who, "other");
    account_replace_hash(s, &who, "other", "third");
    answers.deleted = account_delete(s, &who);
    answers.restored = deleted_accounts_restore(s, "bob");
    if (account_register(s, "dora", "hash") == ST_OK && account_find(s, "dora", &who, &a) == ST_OK)
        account_delete(s, &who);
    s->limits.kept_bytes = 1;
    deleted_accounts_purge(s, fixture_never, NULL);
    invite_purge(s);
    left_close();
}

static bool is_there(const char *name)
{
    struct account a;
    struct who who;

    return account_find(s, name, &who, &a) == ST_OK;
}

static void count_invite(void *ctx, const struct invite *invite)
{
    int *n = ctx;

    *n += strcmp(invite->code, code) == 0;
}

static void check_accounts(void)
{
    int n = 0;

    s = left_open(true);
    bool carl = is_there("carl"), bob_is = is_there("bob");
    invite_each(s, count_invite, &n);
    if (answers.carl != ST_UNKNOWN && carl != (answers.carl == ST_OK))
        is_wrong("carl is %s", carl ? "there" : "missing");
    if (n + carl != 1)
        is_wrong("the invite is there %d times", n);
    bool unsure = answers.deleted == ST_UNKNOWN || answers.restored == ST_UNKNOWN;
    if (!unsure && bob_is != (answers.deleted != ST_OK || answers.restored == ST_OK))
        is_wrong("bob is %s", bob_is ? "there" : "missing");
    left_close();
    check_store();
}

/* --- a tool --- */

static struct store *server;

/* A message whose bytes are wrong, two with one id, one that was set aside, and a stranger. */
static void leave_damage(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    letter_of("whole")->sent = letter_of("aside")->sent = true;
    letter_of("double")->maybe_sent = true;
    left_file(&ann, 1, MAIL_UNREAD, "", "whole", name);
    left_file(&ann, 1, MAIL_UNREAD, "", "double", name);
    left_file(&ann, 2, MAIL_BROKEN, "", "aside", name);
    letter_of("aside")->maybe_deleted = true;
    letter_of("whole")->maybe_deleted = true; /* of two with one id, either counts */
    left_file(&ann, 3, MAIL_UNREAD, "", "damaged", name);
    int dir = fixture_directory(&f, "ann");
    os_file_truncate(dir, name);
    leave_file(dir, "stranger");
    os_file_close(dir);
    server = left_open(true);
    left_place = (struct redo_place){.log = 2, .serial = 1, .sequence = 0, .oldest = 1};
    left_put(&bob, 2, "", "of the server");
    left_segment();
}

static void check_by_tool(void)
{
    const struct store_events events = {.trouble = left_trouble, .died = left_died};
    const char *why = "";
    struct fsck fsck = {.repair = true, .finding = note_finding};

    s = store_open(f.path, false, events, &why);
    if (!s && !*why)
        is_wrong("the store does not open, and no reason is given");
    if (s) {
        s->second_look_ms = 0;
        fsck.store = s;
        fsck_all(&fsck);
    }
    left_close();
    faults_disarm();
    store_close(server);
}

/* A check that nothing disturbs repairs the rest: what was whole is there. */
static void check_after_tool(void)
{
    struct fsck fsck = {.repair = true, .finding = note_finding};

    s = left_open(true);
    fsck.store = s;
    fsck_all(&fsck);
    check_letters();
    left_close();
}

/* --- all of them --- */

static const struct part {
    const char *what;
    /* cppcheck-suppress unusedStructMember ; main calls it */
    void (*prepare)(void), (*use)(void), (*check)(void);
} parts[] = {
    {"a start", leave_log, start, check_store},
    {"mailboxes", open_with_log, use_mailboxes, check_store},
    {"accounts", open_with_invite, use_accounts, check_accounts},
    {"a tool", leave_damage, check_by_tool, check_after_tool},
};

/* Returns whether the call was made, and so failed. */
static bool run(const void *ctx, int nth, int error, bool ever)
{
    const struct part *part = ctx;
    struct each_held held = each_hold();

    n_letters = 0;
    left_begin();
    part->prepare();
    faults_arm(nth, error, ever);
    part->use();
    bool failed = faults_disarm();
    part->check();
    left_end();
    each_check_held(&held);
    return failed;
}

int main(void)
{
    setenv("TMPDIR", "/dev/shm", 1);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const struct each_call each = {parts[i].what, run, &parts[i], 100, faults_stride()};
        each_call_fails(&each, 1, EIO, false);
        each_call_fails(&each, 2, EIO, true);
        each_call_fails(&each, 3, EDQUOT, false);
        each_call_fails(&each, 4, ENOSPC, true);
        each_call_fails(&each, 5, ENOMEM, false);
    }
    return done_testing();
}
