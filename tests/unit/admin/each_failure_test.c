/* SPDX-License-Identifier: ISC */
/*
 * The administrator's verbs while a call of the store, or an allocation, fails: in one run only
 * this call, in another run also all later ones. What a verb says it has done is done, after an
 * error that is certain it is not, each error has its words, and nothing leaks. With STRIDE=1 the
 * test does all runs, otherwise a part of them.
 */
#include "each_call.h"

#include "admin/admin.h"
#include "store/account.h"
#include "store/group.h"
#include "store/invite.h"
#include "store_fixture.h"

#include <sysexits.h>

enum step {
    ADD,
    PASSWD,
    QUOTA,
    DISABLE,
    ENABLE,
    LIST,
    LIST_ANN,
    LETTERS,
    SHOW,
    TAKE,
    GIVE,
    DELETE,
    RESTORE,
    INVITE,
    INVITES,
    REVOKE,
    JOIN,
    GROUPS,
    LEAVE,
    DISSOLVE,
    STEPS
};

static const struct {
    enum verb_id verb;
    size_t n;
    const char *args[VERB_ARGS_MAX]; /* a single ? stands for the code of the invite */
} steps[STEPS] = {
    [ADD] = {VERB_user_add, 2, {"carl", "word"}},
    [PASSWD] = {VERB_user_passwd, 2, {"ann", "other"}},
    [QUOTA] = {VERB_user_quota, 3, {"ann", "5K", "7"}},
    [DISABLE] = {VERB_user_disable, 1, {"ann"}},
    [ENABLE] = {VERB_user_enable, 1, {"ann"}},
    [LIST] = {VERB_user_list, 0, {NULL}},
    [LIST_ANN] = {VERB_user_list, 1, {"ann"}},
    [LETTERS] = {VERB_mailbox, 2, {"ann", "list"}},
    [SHOW] = {VERB_mailbox, 3, {"ann", "show", "1"}},
    [TAKE] = {VERB_mailbox, 3, {"ann", "delete", "1"}},
    [GIVE] = {VERB_mailbox, 3, {"ann", "restore", "1"}},
    [DELETE] = {VERB_user_delete, 1, {"bob"}},
    [RESTORE] = {VERB_user_restore, 1, {"bob"}},
    [INVITE] = {VERB_invite_add, 0, {NULL}},
    [INVITES] = {VERB_invite_list, 0, {NULL}},
    [REVOKE] = {VERB_invite_delete, 1, {"?"}},
    [JOIN] = {VERB_group_add, 2, {"staff", "ann bob"}},
    [GROUPS] = {VERB_group_list, 0, {NULL}},
    [LEAVE] = {VERB_group_remove, 2, {"old", "ann"}},
    [DISSOLVE] = {VERB_group_delete, 1, {"dissolved"}},
};

static struct fixture f;
static int codes[STEPS];       /* of the last run */
static char texts[STEPS][512]; /* what was answered: all parts */
static char invite_code[64];
static int ended, deleted; /* how often the server was told */

/* --- what a running server adds --- */

static bool hash_cheaply(void *ctx, const char *password, char hash[OS_CRYPT_HASH_BYTES])
{
    (void)ctx;
    snprintf(hash, OS_CRYPT_HASH_BYTES, "%s", password);
    return true;
}

static void count_ended(void *ctx, const struct who *who, const char *reason)
{
    (void)ctx, (void)reason;
    ended += strcmp(who->name, "ann") == 0 || strcmp(who->name, "bob") == 0;
}

static void count_deleted(void *ctx)
{
    (void)ctx;
    deleted++;
}

static bool keep_rows(void *ctx, const struct buf *rows)
{
    char *text = ctx;
    size_t n = strlen(text);

    snprintf(text + n, sizeof texts[0] - n, "%.*s", SPAN_PRINTF(buf_span(rows)));
    return true;
}

/* --- a run --- */

static void run_step(const struct admin *admin, enum step i)
{
    struct admin_answer a = {.code = EX_OK, .take = keep_rows, .ctx = texts[i]};
    struct span args[VERB_ARGS_MAX];

    for (size_t k = 0; k < steps[i].n; k++)
        args[k] = span_str(*steps[i].args[k] == '?' ? invite_code : steps[i].args[k]);
    texts[i][0] = '\0';
    buf_init(&a.text, 1 << 16);
    admin_run(admin, verb_get(steps[i].verb), args, steps[i].n, &a);
    keep_rows(texts[i], &a.text);
    codes[i] = a.code;
    buf_free(&a.text);
    if (i == INVITE)
        snprintf(invite_code, sizeof invite_code, "%.*s", (int)strcspn(texts[i], "\n"), texts[i]);
}

static void make_groups(struct store *s)
{
    static const struct group both = {.n = 2, .members = {{.name = "ann"}, {.name = "bob"}}};
    struct group_refusal why = {.why = NULL};

    if (group_add(s, "old", &both, &why) != ST_OK ||
        group_add(s, "dissolved", &both, &why) != ST_OK)
        exit(1);
}

static void make_accounts(struct store *s)
{
    struct who who = {.name = "ann"};
    struct mailbox *ann;

    s->limits.trash_s = 86400; /* a deleted account can be restored */
    if (account_register(s, "ann", "old") != ST_OK || account_register(s, "bob", "old") != ST_OK ||
        mailbox_open(s, &who, &ann) != ST_OK)
        exit(1);
    fixture_deliver(ann, "bob", "one");
    mailbox_close(ann);
    make_groups(s);
}

/* --- what was answered, and what is there --- */

/* An error after which nothing was changed for sure. ST_UNKNOWN and an unsafe sync are EX_IOERR. */
static bool is_certain(int code)
{
    return code == EX_OSERR || code == EX_TEMPFAIL || code == EX_NOUSER;
}

static void must(enum step i, bool is_so, const char *what)
{
    if (codes[i] == EX_OK && !is_so)
        is_wrong("%s: answered, but not done", what);
    if (is_certain(codes[i]) && is_so)
        is_wrong("%s: error %d, but done", what, codes[i]);
}

static void check_accounts(struct store *s)
{
    struct who who;
    struct account a = {.hash = ""};
    bool ann = account_find(s, "ann", &who, &a) == ST_OK;

    if (!ann)
        is_wrong("ann's account cannot be read afterwards");
    must(PASSWD, strcmp(a.hash, "other") == 0, "user passwd");
    must(QUOTA, a.quota_bytes == 5120 && a.quota_messages == 7, "user quota");
    if (codes[DISABLE] == EX_OK) /* otherwise the account was enabled before */
        must(ENABLE, !a.disabled, "user enable");
    must(ADD, account_find(s, "carl", &who, &a) == ST_OK, "user add");
    bool bob = account_find(s, "bob", &who, &a) == ST_OK;
    if (codes[DELETE] == EX_OK)
        must(RESTORE, bob, "user restore");
    if (is_certain(codes[DELETE]) && !bob)
        is_wrong("user delete: error %d, but done", codes[DELETE]);
}

/* The letter is deleted only if that was done, or may have been, and restoring it was not. */
static void check_letter(struct store *s)
{
    struct who who = {.name = "ann"};
    struct mailbox *ann;
    struct mail m = {.id = 0};

    if (mailbox_open(s, &who, &ann) != ST_OK || messages_find_any(ann, 1, &m) != ST_OK)
        is_wrong("the letter is gone");
    else if (codes[GIVE] == EX_OK && m.state == MAIL_DELETED)
        is_wrong("mailbox restore: answered, but not done");
    else if (codes[TAKE] == EX_OK && is_certain(codes[GIVE]) && m.state != MAIL_DELETED)
        is_wrong("mailbox delete: answered, but not done");
    else if (is_certain(codes[TAKE]) && m.state == MAIL_DELETED)
        is_wrong("mailbox delete: error %d, but done", codes[TAKE]);
    mailbox_close(ann);
    if (codes[LETTERS] == EX_OK && !strstr(texts[LETTERS], "bob\t3\tone\n"))
        is_wrong("mailbox list: \"%s\"", texts[LETTERS]);
    if (codes[SHOW] == EX_OK && !strstr(texts[SHOW], "bob\t3\tone\none"))
        is_wrong("mailbox show: \"%s\"", texts[SHOW]);
}

static void check_groups(struct store *s)
{
    static struct group g;
    bool there = false;

    must(JOIN, group_find(s, "staff", &g) == ST_OK && g.n == 2, "group add");
    if (group_find(s, "old", &g) != ST_OK)
        is_wrong("a group is gone, or damaged");
    group_position(&g, "ann", &there);
    must(LEAVE, !there, "group remove");
    must(DISSOLVE, group_find(s, "dissolved", &g) == ST_NO_USER, "group delete");
    if (codes[GROUPS] == EX_OK && !strstr(texts[GROUPS], "old\tann\t") &&
        !strstr(texts[GROUPS], "old\t-\tb")) /* broken, or busy */
        is_wrong("group list: \"%s\"", texts[GROUPS]);
}

static void check_lists(void)
{
    if (codes[LIST] == EX_OK && (!strstr(texts[LIST], "ann\t") || !strstr(texts[LIST], "bob\t")))
        is_wrong("user list without a word about somebody: %s", texts[LIST]);
    if (codes[LIST_ANN] == EX_OK && !strstr(texts[LIST_ANN], "ann\t"))
        is_wrong("user list ann: \"%s\"", texts[LIST_ANN]);
    if (codes[INVITE] == EX_OK && strlen(invite_code) != INVITE_DIGITS)
        is_wrong("invite add: \"%s\"", texts[INVITE]);
    for (int i = 0; i < STEPS; i++) {
        /* Without memory for the words, pochtactl says "out of memory". */
        if (codes[i] != EX_OK && !faults.ever && !texts[i][0])
            is_wrong("step %d: error %d without a word", i, codes[i]);
        if (codes[i] != EX_OK && (codes[i] < EX__BASE || codes[i] > EX__MAX))
            is_wrong("step %d: code %d", i, codes[i]);
    }
    int changes = (codes[PASSWD] == EX_OK) + (codes[DISABLE] == EX_OK) + (codes[DELETE] == EX_OK);
    if (ended != changes || deleted != (codes[DELETE] == EX_OK))
        is_wrong("sessions ended %d times after %d changes", ended, changes);
}

/* The tool works on the store itself: there are no sessions to end. */
static bool run(const void *ctx, int nth, int error, bool ever)
{
    const bool *tool = ctx;
    struct each_held held = each_hold();
    struct admin admin = {NULL, hash_cheaply, count_ended, NULL, count_deleted};

    fixture_begin_in(&f, "/dev/shm");
    admin.store = fixture_open(&f, true);
    make_accounts(admin.store);
    ended = deleted = 0;
    strcpy(invite_code, "none");
    if (*tool)
        admin.end_sessions = NULL;
    faults_arm(nth, error, ever);
    for (enum step i = 0; i < STEPS; i++)
        run_step(&admin, i);
    bool failed = faults_disarm();
    store_close(admin.store);
    if (*tool)
        ended = (codes[PASSWD] == EX_OK) + (codes[DISABLE] == EX_OK) + (codes[DELETE] == EX_OK);
    admin.store = fixture_open(&f, true);
    admin.store->limits.trash_s = 86400;
    check_accounts(admin.store);
    check_letter(admin.store);
    check_groups(admin.store);
    check_lists();
    store_close(admin.store);
    fixture_end(&f);
    each_check_held(&held);
    return failed;
}

static const bool server = false, tool = true;

static void test_without_faults(void)
{
    int n = 0;

    run(&server, INT32_MAX, EIO, false);
    for (int i = 0; i < STEPS; i++)
        n += codes[i] == EX_OK;
    is_int(n, STEPS, "without faults all is done");
    is_int(wrong, 0, "... and %s", wrong ? first_wrong : "all is there");
    wrong = 0;
}

int main(void)
{
    const struct each_call for_server = {"in a server", run, &server, 100, faults_stride()};
    const struct each_call for_tool = {"in a tool", run, &tool, 100, faults_stride()};

    test_without_faults();
    each_call_fails(&for_server, 1, EIO, false);
    each_call_fails(&for_server, 11, EIO, true);
    each_call_fails(&for_tool, 3, EMFILE, false);
    return done_testing();
}
