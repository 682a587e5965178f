/* SPDX-License-Identifier: ISC */
/*
 * A list of accounts looks only at those that have changed since the last list, and is still right.
 * In the last test each call fails.
 */
#include "each_call.h"

#include "store/account_list.h"
#include "store/changes.h"
#include "store/changes_known.h"
#include "store/fsck.h"
#include "store/housekeeper.h"
#include "store_fixture.h"

#define ACCOUNTS 110
#define HOUR_S   CHANGES_HOUR_S
#define DAY_S    (24 * HOUR_S)
#define NOON     INT64_C(1764504000) /* 2025-11-30, 12:00:00 UTC */
#define FILE     LAYOUT_CHANGES "/accounts"
#define CHEAP    40 /* calls at most of a list without changes */
#define EACH     4  /* calls at most for an account */

static struct fixture f;
static struct store *s;
static int64_t now_s = NOON;

/* The linker gives us all calls of os_clock_now. */
int64_t now_here(void) __asm__("__wrap_os_clock_now");

int64_t now_here(void)
{
    return now_s;
}

/* --- lists --- */

static struct {
    char lines[ACCOUNTS + 20][ACCOUNT_ROWS_LINE_BYTES];
    int n;
    int stop;            /* after this many accounts; 0: never */
    void (*first)(void); /* happens while the first account is shown */
    int calls;           /* system calls that it made */
} list;

static bool show(void *ctx, const struct account_row *row)
{
    (void)ctx;
    if (list.n == 0 && list.first)
        list.first();
    if (list.n < ACCOUNTS + 20)
        snprintf(list.lines[list.n++], sizeof *list.lines, "%s %d %d %llu %llu", row->name,
                 row->st == ST_OK, row->disabled, (unsigned long long)row->quota_bytes,
                 (unsigned long long)row->quota_messages);
    return list.n != list.stop;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(a, b);
}

static bool make_list(void)
{
    memset(list.lines, 0, sizeof list.lines);
    list.n = 0;
    faults_arm(1000000, EIO, false);
    bool read = account_list_each(s, show, NULL);
    list.calls = atomic_load(&faults.calls);
    faults_disarm();
    qsort(list.lines, (size_t)list.n, sizeof *list.lines, compare_lines);
    return read;
}

/* The line of an account in the last list, or "". */
static const char *line_of(const char *name)
{
    for (int i = 0; i < list.n; i++)
        if (strncmp(list.lines[i], name, strlen(name)) == 0 && list.lines[i][strlen(name)] == ' ')
            return list.lines[i];
    return "";
}

/* Whether the last list shows what the files say. */
static bool is_true(void)
{
    static char shown[ACCOUNTS + 20][ACCOUNT_ROWS_LINE_BYTES];
    int n = list.n, calls = list.calls;
    void (*first)(void) = list.first;

    memcpy(shown, list.lines, sizeof shown);
    account_list_drop(s);
    list.first = NULL;
    make_list();
    list.first = first;
    list.calls = calls;
    return n == list.n && memcmp(shown, list.lines, (size_t)n * sizeof *shown) == 0;
}

static bool is_remembered(void)
{
    return os_file_exists(s->dir, FILE);
}

/* --- accounts --- */

static void name_of(int i, char name[NAME_BYTES + 1])
{
    snprintf(name, NAME_BYTES + 1, "u%d", i);
}

static void add_accounts(int n)
{
    static struct account_new all[ACCOUNTS];

    for (int i = 0; i < n; i++) {
        name_of(i, all[i].name);
        all[i].account = account_file_standard;
        strcpy(all[i].account.hash, "hash");
    }
    if (account_register_many(s, all, (size_t)n) != ST_OK)
        exit(1);
}

static void begin_with(int accounts)
{
    now_s = NOON;
    list.first = NULL;
    list.stop = 0;
    fixture_begin(&f);
    s = fixture_open(&f, true);
    s->limits.trash_s = 1000;
    add_accounts(accounts);
    now_s += 3 * HOUR_S;
}

/* Many accounts, and a list of them. */
static void begin(void)
{
    begin_with(ACCOUNTS);
    ok(make_list() && list.n == ACCOUNTS, "all accounts are listed");
    now_s += 3 * HOUR_S;
}

static void end(void)
{
    store_close(s);
    fixture_end(&f);
}

static void set_quota(void *ctx, struct account *a)
{
    (void)ctx;
    a->quota_messages = a->quota_messages == 17 ? 18 : 17;
}

static void disable(void *ctx, struct account *a)
{
    (void)ctx;
    a->disabled = true;
}

static void change(const char *name, void (*how)(void *ctx, struct account *a))
{
    struct who who = {.generation = ""};

    snprintf(who.name, sizeof who.name, "%s", name);
    if (account_change(s, &who, how, NULL) != ST_OK)
        exit(1);
}

/* --- what a list costs, and what it shows --- */

static void test_unchanged(void)
{
    begin();
    ok(list.calls >= 3 * ACCOUNTS, "the first list looks at all accounts");
    struct mailbox *mb = fixture_mailbox(s, "u3");
    fixture_deliver(mb, "bob", "one");
    mailbox_close(mb);
    ok(make_list() && list.calls < CHEAP, "the next list does not look at accounts: %d calls",
       list.calls);
    ok(list.n == ACCOUNTS && is_true(), "... and shows the same accounts");
    store_close(s);
    s = fixture_open(&f, true);
    ok(make_list() && list.calls < CHEAP, "nor does the first list after a stop in order");
    store_close(s);
    s = fixture_open(&f, false);
    ok(make_list() && list.calls < CHEAP, "nor does a list that a tool makes");
    end();
}

static void test_changed(void)
{
    struct who who = {.name = "u7"};

    begin();
    change("u5", set_quota);
    change("u6", disable);
    is_int(account_delete(s, &who), ST_OK, "an account is deleted");
    is_int(account_register(s, "zoe", "hash"), ST_OK, "another account is made");
    ok(make_list() && list.calls < CHEAP + 4 * EACH,
       "a list looks only at accounts that have changed: %d", list.calls);
    is_str(line_of("u5"), "u5 1 0 18446744073709551615 17", "... shows a changed quota");
    is_str(line_of("u6"), "u6 1 1 18446744073709551615 18446744073709551615",
           "... a changed state");
    is_str(line_of("u7"), "", "... no deleted account");
    ok(*line_of("zoe"), "... a new account");
    ok(list.n == ACCOUNTS && is_true(), "... and the accounts that have not changed");
    now_s += 3 * HOUR_S;
    is_int(deleted_accounts_restore(s, "u7"), ST_OK, "a deleted account is restored");
    ok(make_list() && *line_of("u7") && list.calls < CHEAP + 5 * EACH, "... and listed");
    ok(is_true(), "... once");
    end();
}

static void change_some(void)
{
    struct who who = {.name = "u9"};

    change("u8", disable);
    is_int(account_delete(s, &who), ST_OK, "meanwhile: an account is deleted");
    is_int(account_register(s, "zoe", "hash"), ST_OK, "meanwhile: another account is made");
}

/* What changes while the first list, or a later one, is made. */
static void test_meanwhile(void)
{
    begin_with(ACCOUNTS);
    list.first = change_some;
    make_list();
    list.first = NULL;
    now_s += HOUR_S;
    ok(make_list() && list.calls < CHEAP + 4 * EACH && is_true(),
       "meanwhile: the next list shows what changed during the first one");
    end();
    begin();
    list.first = change_some;
    make_list();
    list.first = NULL;
    now_s += 5 * HOUR_S;
    ok(make_list() && list.calls < CHEAP + 4 * EACH && is_true(),
       "meanwhile: ... or during a later one");
    end();
}

/* --- when it is written --- */

static void test_few(void)
{
    begin_with(ACCOUNT_LIST_LEAST - 1);
    ok(make_list() && !is_remembered(), "a list of a few accounts is not remembered");
    is_int(account_register(s, "zoe", "hash"), ST_OK, "few: one more account");
    ok(make_list() && is_remembered(), "a list of 100 accounts is remembered");
    end();
}

static void test_stop(void)
{
    begin_with(ACCOUNTS);
    list.stop = ACCOUNTS - 1;
    ok(make_list() && list.n == list.stop && !is_remembered() &&
           !os_file_exists(s->dir, FILE LAYOUT_UNFINISHED),
       "half a list is not remembered");
    list.stop = 0;
    make_list();
    now_s += 3 * HOUR_S;
    list.stop = 5;
    ok(make_list() && list.n == 5 && list.calls < CHEAP,
       "a list from the file can be stopped, too");
    change("u5", set_quota);
    change("u6", set_quota);
    list.stop = ACCOUNTS - 1;
    ok(make_list() && list.n == list.stop, "... also between two accounts that have changed");
    list.stop = 0;
    ok(make_list() && is_true(), "... and the one after that is whole");
    end();
}

static void test_again(void)
{
    begin();
    for (int i = 0; i <= 100; i++) {
        char name[NAME_BYTES + 1];
        name_of(i, name);
        change(name, set_quota);
    }
    now_s += 3 * HOUR_S;
    ok(make_list() && list.calls > 100, "after many changes a list looks at many accounts");
    ok(make_list() && list.calls < CHEAP, "... and is written again, so the next one does not");
    ok(is_true(), "... and shows what the files say");
    now_s += 2 * DAY_S;
    change("u1", set_quota);
    make_list();
    now_s += 3 * HOUR_S;
    ok(make_list() && list.calls < CHEAP, "after a day, it is written again, too");
    ok(is_true(), "... and shows what the files say");
    end();
}

/* Whether a list is written while all accounts are listed. */
static bool is_written(void)
{
    faults_meanwhile("os_file_create", "accounts", 1, NULL, 0);
    make_list();
    return faults_happened();
}

/* Notes have no time but their hour, so a list of the same hour would look at as many accounts. */
static void test_same_hour(void)
{
    begin_with(ACCOUNTS);
    ok(is_written(), "same hour: the first list is written");
    for (int i = 0; i <= 100; i++) {
        char name[NAME_BYTES + 1];
        name_of(i, name);
        change(name, set_quota);
    }
    ok(!is_written(), "same hour: after many changes it is not written again");
    now_s += HOUR_S;
    ok(is_written(), "same hour: but in the next hour");
    ok(is_true(), "same hour: ... and is right");
    end();
}

static bool count(void *ctx, const struct account_row *row)
{
    int *n = ctx;
    *n += row->st == ST_OK && row->quota_bytes == UINT64_MAX - 1;
    return true;
}

/* A file that is written, and read, in several pieces. */
static void test_large(void)
{
    static struct account_new all[900];
    const int n = (int)(sizeof all / sizeof *all);
    int first = 0, second = 0;

    for (int i = 0; i < n; i++) {
        snprintf(all[i].name, sizeof all[i].name, "%032d", i);
        all[i].account = account_file_standard;
        all[i].account.quota_bytes = all[i].account.quota_messages = UINT64_MAX - 1;
    }
    begin_with(0);
    is_int(account_register_many(s, all, (size_t)n), ST_OK, "large: many accounts are made");
    now_s += 3 * HOUR_S;
    ok(account_list_each(s, count, &first) && first == n, "large: all of them are listed");
    now_s += 3 * HOUR_S;
    faults_arm(1000000, EIO, false);
    ok(account_list_each(s, count, &second) && second == n, "large: from the file, too");
    ok(atomic_load(&faults.calls) < 2 * CHEAP, "large: ... which is read in pieces");
    faults_disarm();
    end();
}

static void test_read_only(void)
{
    begin_with(ACCOUNTS);
    atomic_store(&s->failed, true);
    ok(make_list() && list.n == ACCOUNTS && !is_remembered(),
       "read-only: in a store that has failed nothing is written");
    end();
}

/* changes/ cannot be used. */
static void test_no_notes(void)
{
    begin();
    struct changes *c = s->changes;
    s->changes = NULL;
    ok(make_list() && list.n == ACCOUNTS && list.calls >= 3 * ACCOUNTS,
       "no notes: all accounts are looked at");
    account_list_forget(s);
    account_list_drop(s);
    s->changes = c;
    ok(is_remembered(), "no notes: the file stays");
    end();
}

/* Names in users/ that no account can have. */
static void test_other_names(void)
{
    begin_with(ACCOUNTS);
    if (!os_file_make_dir(s->dirs[LAYOUT_USERS], "Ann") ||
        !os_file_make_dir(s->dirs[LAYOUT_USERS], "not a name"))
        exit(1);
    ok(make_list() && list.n == ACCOUNTS, "other names: they are not listed");
    end();
}

static void test_no_room(void)
{
    begin_with(ACCOUNTS);
    s->limits.reserve_bytes = UINT64_C(1) << 62;
    ok(make_list() && list.n == ACCOUNTS && !is_remembered(), "no room: a list is not remembered");
    s->limits.reserve_bytes = 0;
    end();
}

/* --- when it is not believed --- */

static void was_not_believed(const char *what)
{
    ok(make_list() && list.calls >= 3 * ACCOUNTS, "%s: all accounts are looked at", what);
    ok(is_true(), "%s: the list is right", what);
}

static void test_other_boot(void)
{
    struct changes_known k;

    begin();
    int changes = os_file_open_subdir(s->dir, LAYOUT_CHANGES);
    changes_known_load(changes, &k);
    store_close(s);
    strcpy(k.boot, "another");
    k.clean = false;
    changes_known_write(changes, &k, false);
    os_file_close(changes);
    s = fixture_open(&f, true);
    was_not_believed("another boot");
    end();
}

static void alter(void (*how)(struct buf *text))
{
    struct buf text;

    buf_init(&text, SIZE_MAX);
    int changes = os_file_open_subdir(s->dir, LAYOUT_CHANGES);
    if (!os_file_load(changes, "accounts", &text))
        exit(1);
    buf_add_char(&text, '\0'); /* a string */
    text.n--;
    how(&text);
    if (!os_file_replace(changes, "accounts", buf_span(&text)))
        exit(1);
    buf_free(&text);
    os_file_close(changes);
}

static void cut_end(struct buf *text)
{
    text->n = (size_t)(strstr(text->p, "complete ") - text->p);
}

static void cut_row(struct buf *text)
{
    char *row = strstr(text->p, "u50 ");
    size_t n = span_find(span_str(row), '\n') + 1;

    memmove(row, row + n, text->n - n - (size_t)(row - text->p));
    text->n -= n;
}

static void change_name(struct buf *text)
{
    *strstr(text->p, "u50 ") = 'v';
}

static void add_text(struct buf *text)
{
    buf_add_str(text, "more");
}

static void clear_text(struct buf *text)
{
    memset(text->p, 0, text->n);
}

static void test_damaged(void)
{
    begin();
    alter(cut_end);
    was_not_believed("cut short");
    alter(cut_row);
    was_not_believed("a line is missing");
    alter(change_name);
    was_not_believed("another name");
    alter(add_text);
    was_not_believed("there is more after the last line");
    alter(clear_text);
    was_not_believed("zeros");
    end();
}

static void test_forgotten(void)
{
    begin();
    change("u5", set_quota);
    now_s += 5 * HOUR_S;
    account_list_forget(s);
    ok(make_list() && list.calls < CHEAP + EACH && is_true(),
       "forgotten: no notes that the list needs");
    change("u6", set_quota);
    now_s += 3 * DAY_S;
    account_list_forget(s);
    ok(make_list() && list.calls < ACCOUNTS && is_true(),
       "forgotten: ... even after days: %d calls", list.calls);
    end();
    begin_with(ACCOUNTS);
    make_list();
    change("u5", set_quota);
    changes_forget_accounts(s, now_s + 5 * HOUR_S);
    was_not_believed("forgotten");
    now_s += 70 * DAY_S;
    account_list_drop(s);
    account_list_forget(s);
    make_list();
    change("u5", set_quota);
    now_s += 70 * DAY_S;
    account_list_forget(s);
    was_not_believed("too old");
    end();
}

/* Notes of one account, or of that many accounts, that have changed just now. */
static void note_many(bool one)
{
    struct buf notes;

    buf_init(&notes, SIZE_MAX);
    for (int i = 0; i < 70000; i++)
        buf_printf(&notes, "\nmany%d\n", one ? 0 : i);
    int changes = os_file_open_subdir(s->dir, LAYOUT_CHANGES);
    if (!os_file_replace(changes, "account-2025113018", buf_span(&notes)))
        exit(1);
    os_file_close(changes);
    buf_free(&notes);
}

static void test_many_notes(void)
{
    begin();
    note_many(true);
    ok(make_list() && list.calls < 2 * ACCOUNTS, "many notes of one account: %d calls", list.calls);
    note_many(false);
    ok(make_list() && list.calls < 10 * ACCOUNTS,
       "notes of very many accounts: all accounts are looked at: %d calls", list.calls);
    ok(is_true(), "... and the list is right");
    end();
}

static void test_not_noted(void)
{
    begin();
    faults_meanwhile("os_file_append", NULL, 2, NULL, ENOSPC);
    change("u5", set_quota);
    ok(faults_happened(), "not noted: a change of an account");
    was_not_believed("not noted");
    end();
}

static void put_by_hand(const char *path, struct span text)
{
    if (!os_file_replace(s->dir, path, text))
        exit(1);
}

/* An account that could not be read is looked at again, also if no change is noted. */
static void test_broken(void)
{
    struct buf good;

    buf_init(&good, 1000);
    begin_with(ACCOUNTS);
    if (!os_file_load(s->dir, "users/u5/account", &good))
        exit(1);
    put_by_hand("users/u5/account", SPAN("damaged"));
    ok(make_list() && list.n == ACCOUNTS, "broken: it is listed");
    now_s += 3 * HOUR_S;
    ok(make_list() && list.calls < CHEAP + EACH && strncmp(line_of("u5"), "u5 0 ", 5) == 0,
       "broken: in the next list, too");
    put_by_hand("users/u5/account", buf_span(&good));
    ok(make_list() && list.calls < CHEAP + EACH && strncmp(line_of("u5"), "u5 1 ", 5) == 0,
       "broken: ... until it is repaired");
    buf_free(&good);
    end();
}

static void find_nothing(void *ctx, const char *mailbox, const char *file, const char *what,
                         bool set_aside)
{
    (void)ctx;
    (void)mailbox;
    (void)file;
    (void)what;
    (void)set_aside;
}

/* What was changed by hand is seen after a check. */
static void test_fsck(void)
{
    struct fsck fsck = {.finding = find_nothing};

    begin();
    fsck.store = s;
    if (!os_file_remove_tree(s->dirs[LAYOUT_USERS], "u5"))
        exit(1);
    ok(fsck_all(&fsck), "by hand: the store is checked");
    ok(make_list() && !*line_of("u5") && is_true(), "by hand: the next list looks at all accounts");
    end();
}

static void test_one(void)
{
    struct account_row row;

    begin();
    change("u5", disable);
    account_list_find(s, "u5", &row);
    ok(row.st == ST_OK && row.disabled && strcmp(row.name, "u5") == 0,
       "account_list_find: one account");
    account_list_find(s, "nobody", &row);
    is_int(row.st, ST_NO_USER, "no account");
    end();
}

/* --- each call fails --- */

/* Whether each account that the last list could read is as before. */
static bool fits(const char *const *before, int n)
{
    for (int i = 0; i < n; i++) {
        char name[NAME_BYTES + 1];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(before[i], " "), before[i]);
        const char *line = line_of(name);
        if (strcmp(line, before[i]) != 0 && strncmp(line + strlen(name), " 0 ", 3) != 0)
            return false;
    }
    return list.n == n;
}

static bool run(const void *ctx, int nth, int error, bool ever)
{
    static char copy[ACCOUNTS + 20][ACCOUNT_ROWS_LINE_BYTES];
    const char *before[ACCOUNTS + 20];
    const bool *all = ctx;
    int n;

    account_list_drop(s);
    if (!make_list())
        exit(1);
    n = list.n;
    memcpy(copy, list.lines, sizeof copy);
    for (int i = 0; i < n; i++)
        before[i] = copy[i];
    now_s += 30 * HOUR_S;
    if (*all)
        account_list_drop(s);
    changes_note_account(s, "u5", NULL);
    struct each_held held = each_hold();
    memset(list.lines, 0, sizeof list.lines);
    list.n = 0;
    faults_arm(nth, error, ever);
    bool read = account_list_each(s, show, NULL);
    bool failed = faults_disarm();
    if (read && !fits(before, n))
        is_wrong("a list of %d accounts differs from the one of %d before", list.n, n);
    if (!make_list() || !fits(before, n))
        is_wrong("the next list differs from the one before");
    if (!is_true())
        is_wrong("the next list is not true");
    each_check_held(&held);
    return failed;
}

int main(void)
{
    const bool all = true, old = false;
    const struct each_call of_all = {"all accounts", run, &all, .least = 100, faults_stride()};
    const struct each_call of_old = {"remembered", run, &old, .least = 20, 3};

    test_unchanged();
    test_changed();
    test_meanwhile();
    test_few();
    test_stop();
    test_again();
    test_same_hour();
    test_large();
    test_read_only();
    test_no_notes();
    test_other_names();
    test_no_room();
    test_other_boot();
    test_damaged();
    test_forgotten();
    test_many_notes();
    test_not_noted();
    test_broken();
    test_fsck();
    test_one();
    begin();
    change("u5", set_quota);
    each_call_fails(&of_old, 1, EIO, false);
    each_call_fails(&of_old, 2, ENOSPC, true);
    each_call_fails(&of_old, 3, ENOMEM, false);
    each_call_fails(&of_all, 1, EIO, false);
    each_call_fails(&of_all, 1, EMFILE, true);
    end();
    return done_testing();
}
