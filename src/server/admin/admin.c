/* SPDX-License-Identifier: ISC */
#include "admin/admin.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "admin/groups.h"
#include "admin/letters.h"
#include "admin/quota.h"
#include "os/clock.h"
#include "proto/message.h"
#include "store/account.h"
#include "store/account_list.h"
#include "store/cache.h"
#include "store/deleted_accounts.h"
#include "store/group_place.h"
#include "store/invite.h"

#define DAY_S           86400
#define INVITE_DAYS     7
#define INVITE_DAYS_MAX 36500

/* One run of a verb. */
struct call {
    const struct admin *admin;
    const struct span *args;
    size_t nargs;
    bool usage;                /* the argument --usage was given; it is not in args */
    char name[NAME_BYTES + 1]; /* the first argument if it is a user, else "" */
    struct admin_answer *answer;
};

static const char *tool_text(enum status st)
{
    return st == ST_NO_MEMORY ? "out of memory" : "too many open files";
}

int admin_exit_code(enum status st)
{
    static const struct {
        enum status st;
        int code;
    } codes[] = {{ST_OK, EX_OK},
                 {ST_NO_USER, EX_NOUSER},
                 {ST_NO_INVITE, EX_NOUSER},
                 {ST_NO_MESSAGE, EX_NOUSER},
                 {ST_USER_EXISTS, EX_CANTCREAT},
                 {ST_RESERVED, EX_CANTCREAT},
                 {ST_DISK_FULL, EX_TEMPFAIL},
                 {ST_READ_ONLY, EX_TEMPFAIL},
                 {ST_BUSY, EX_TEMPFAIL},
                 {ST_NO_MEMORY, EX_OSERR},
                 {ST_NO_FILES, EX_OSERR}};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].st == st)
            return codes[i].code;
    return EX_IOERR;
}

static void fail_status(struct call *c, enum status st)
{
    int code = admin_exit_code(st);
    if (st == ST_OK)
        return;
    const char *failure = c->admin->end_sessions ? store_failure() : "";
    /* A tool that works on the store itself has printed the failure already, and is no server. */
    const char *words =
        c->admin->end_sessions || code != EX_OSERR ? status_text(st) : tool_text(st);
    admin_answer_fail(c->answer, code, "%s%s%s%s%s", c->name, *c->name ? ": " : "", words,
                      *failure ? ": " : "", failure);
}

/* --- passwords --- */

static bool hash_password(struct call *c, struct span password, char hash[OS_CRYPT_HASH_BYTES])
{
    char text[PASSWORD_BYTES + 1];
    if (!name_password_ok(password)) {
        admin_answer_fail(c->answer, EX_DATAERR, PASSWORD_RULE);
        return false;
    }
    memcpy(text, password.p, password.n);
    text[password.n] = '\0';
    bool ok =
        c->admin->hash ? c->admin->hash(c->admin->ctx, text, hash) : os_crypt_hash(text, hash);
    os_crypt_wipe(text, sizeof text);
    if (!ok)
        admin_answer_fail(c->answer, EX_OSERR,
                          "cannot hash the password: out of memory, or no yescrypt in crypt(3)");
    return ok;
}

/* --- the verbs --- */

/* Ends a verb that was to make an account: says what has its name. */
static void finish_new(struct call *c, enum status st)
{
    if (st == ST_USER_EXISTS) {
        bool group = group_place_check_free(c->admin->store, c->name) == ST_USER_EXISTS;
        admin_answer_fail(c->answer, admin_exit_code(st), "%s: this name is taken by %s", c->name,
                          group ? "a group" : "an account");
    } else {
        fail_status(c, st);
    }
}

static void end_sessions(struct call *c, const struct who *who, const char *reason)
{
    if (c->admin->end_sessions)
        c->admin->end_sessions(c->admin->ctx, who, reason);
}

static void verb_user_add(struct call *c)
{
    char hash[OS_CRYPT_HASH_BYTES];
    if (hash_password(c, c->args[1], hash))
        finish_new(c, account_register(c->admin->store, c->name, hash));
    os_crypt_wipe(hash, sizeof hash);
}

/* Finds the account that the first argument names. False: the answer says why. */
static bool find_account(struct call *c, struct who *who, struct account *a)
{
    enum status st = account_find(c->admin->store, c->name, who, a);
    os_crypt_wipe(a->hash, sizeof a->hash);
    fail_status(c, st);
    return st == ST_OK;
}

/* Ends a change. Unless reason is NULL, ends the sessions of the account with it. */
static void finish_change(struct call *c, const struct who *who, enum status st, const char *reason)
{
    fail_status(c, st);
    if (st == ST_OK && reason)
        end_sessions(c, who, reason);
}

static void verb_user_delete(struct call *c)
{
    struct who who;
    struct account a;
    if (!find_account(c, &who, &a))
        return;
    enum status st = account_delete(c->admin->store, &who);
    finish_change(c, &who, st, "the account was deleted");
    if (st == ST_OK && c->admin->deleted)
        c->admin->deleted(c->admin->ctx);
}

static void verb_user_restore(struct call *c)
{
    enum status st = deleted_accounts_restore(c->admin->store, c->name);
    if (st == ST_NO_USER)
        admin_answer_fail(c->answer, EX_NOUSER, "%s: there is no deleted account with this name",
                          c->name);
    else
        finish_new(c, st);
}

static void change_account(struct call *c, void (*how)(void *ctx, struct account *a), void *ctx,
                           const char *reason)
{
    struct who who;
    struct account a;
    if (find_account(c, &who, &a))
        finish_change(c, &who, account_change(c->admin->store, &who, how, ctx), reason);
}

static void verb_user_passwd(struct call *c)
{
    char hash[OS_CRYPT_HASH_BYTES];
    struct who who;
    struct account a;
    if (hash_password(c, c->args[1], hash) && find_account(c, &who, &a))
        finish_change(c, &who, account_set_hash(c->admin->store, &who, hash),
                      "the password was changed");
    os_crypt_wipe(hash, sizeof hash);
}

static void set_disabled(void *ctx, struct account *a)
{
    const bool *disabled = ctx;
    a->disabled = *disabled;
}

static void verb_user_disable(struct call *c)
{
    bool disabled = true;
    change_account(c, set_disabled, &disabled, "the account was disabled");
}

static void verb_user_enable(struct call *c)
{
    bool disabled = false;
    change_account(c, set_disabled, &disabled, NULL);
}

static bool read_quota(struct call *c, struct span text, uint64_t *quota)
{
    if (quota_parse(text, quota))
        return true;
    admin_answer_fail(c->answer, EX_USAGE, "\"%.*s\" is not " QUOTA_RULE,
                      SPAN_PRINTF(span_first(text, 100)));
    return false;
}

static void set_quota(void *ctx, struct account *a)
{
    const uint64_t *quota = ctx;
    a->quota_bytes = quota[0];
    a->quota_messages = quota[1];
}

static void verb_user_quota(struct call *c)
{
    uint64_t quotas[2];
    if (read_quota(c, c->args[1], &quotas[0]) && read_quota(c, c->args[2], &quotas[1]))
        change_account(c, set_quota, quotas, NULL);
}

/* Looks at the mailbox in passing: a long list must not push those in use out of memory. */
static enum status look_at_mailbox(struct call *c, const struct who *who, struct index_totals *t,
                                   struct mailbox_quota *q)
{
    struct mailbox *mb = NULL;
    enum status st = mailbox_open(c->admin->store, who, &mb);
    if (st == ST_OK)
        st = mailbox_totals(mb, t, q);
    mailbox_close_once(mb);
    return st;
}

static void add_account(struct call *c, const struct account_row *row)
{
    struct who who = {.generation = ""};
    struct account a = account_file_standard;
    struct index_totals t = {.messages = 0};
    struct mailbox_quota q = {0, 0};
    enum status st = row->st;
    const char *state = row->disabled ? "disabled" : "enabled";

    memcpy(who.name, row->name, sizeof who.name);
    a.quota_bytes = row->quota_bytes;
    a.quota_messages = row->quota_messages;
    if (st == ST_OK && c->usage)
        st = look_at_mailbox(c, &who, &t, &q);
    else if (st == ST_OK)
        q = account_quota(c->admin->store, &a);
    if (st == ST_NO_USER)
        return;
    if (st != ST_OK) {
        state = admin_answer_state(st);
        q = (struct mailbox_quota){0, 0};
        t = (struct index_totals){.messages = 0};
    }
    buf_printf(&c->answer->text, "%s\t%s\t", row->name, state);
    if (c->usage)
        buf_printf(&c->answer->text, "%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t", t.messages,
                   t.unread, t.bytes);
    buf_printf(&c->answer->text, "%" PRIu64 "\t%" PRIu64 "\n", q.bytes, q.messages);
}

static bool list_account(void *ctx, const struct account_row *row)
{
    struct call *c = ctx;
    add_account(c, row);
    return admin_answer_row_done(c->answer);
}

static void verb_user_list(struct call *c)
{
    struct account_row row;
    if (c->nargs == 1) {
        account_list_find(c->admin->store, c->name, &row);
        add_account(c, &row);
        if (c->answer->text.n == 0)
            fail_status(c, ST_NO_USER);
    } else if (!account_list_each(c->admin->store, list_account, c)) {
        admin_answer_pass_on(c->answer);
        fail_status(c, ST_IO);
    }
}

/* --- invites --- */

static void verb_invite_add(struct call *c)
{
    uint64_t days = INVITE_DAYS;
    struct invite made;
    if (c->nargs > 0 && !span_u64(c->args[0], INVITE_DAYS_MAX, &days)) {
        admin_answer_fail(c->answer, EX_USAGE,
                          "\"%.*s\" is not a number of days from 0 (never expires) to %d",
                          SPAN_PRINTF(span_first(c->args[0], 100)), INVITE_DAYS_MAX);
        return;
    }
    enum status st = invite_add(c->admin->store, (int64_t)days * DAY_S, &made);
    fail_status(c, st);
    if (st == ST_OK)
        buf_printf(&c->answer->text, "%s\n", made.code);
}

static void add_invite_date(struct buf *out, int64_t seconds)
{
    char date[MESSAGE_DATE_BYTES];
    struct tm utc;
    os_clock_utc(seconds, &utc);
    message_date_format(2, &utc, date);
    buf_add_str(out, date);
}

static void list_invite(void *ctx, const struct invite *invite)
{
    struct buf *text = ctx;
    buf_printf(text, "%s\t", invite->code);
    add_invite_date(text, invite->created);
    buf_add_char(text, '\t');
    if (invite->expires == 0)
        buf_add_char(text, '-');
    else
        add_invite_date(text, invite->expires);
    buf_add_char(text, '\n');
}

static void verb_invite_list(struct call *c)
{
    if (!invite_each(c->admin->store, list_invite, &c->answer->text))
        fail_status(c, ST_IO);
}

static void verb_invite_delete(struct call *c)
{
    fail_status(c, invite_delete(c->admin->store, c->args[0]));
}

/* --- groups --- */

static void change_group(struct call *c, enum status (*how)(struct store *s, const char *name,
                                                            const struct group *asked,
                                                            struct group_refusal *refusal))
{
    struct group_refusal refusal = {.why = NULL};
    struct group *asked = calloc(1, sizeof *asked);
    if (!asked) {
        fail_status(c, ST_NO_MEMORY);
        return;
    }
    bool ok = true;
    for (size_t i = 1; i < c->nargs && ok; i++)
        ok = groups_parse(c->args[i], asked, c->answer);
    enum status st = ok ? how(c->admin->store, c->name, asked, &refusal) : ST_OK;
    if (ok)
        memcpy(c->name, refusal.name, sizeof c->name); /* the one that the error is about */
    if (st != ST_OK && refusal.why)
        admin_answer_fail(c->answer, st == ST_FULL ? EX_CANTCREAT : admin_exit_code(st), "%s: %s",
                          c->name, refusal.why);
    else
        fail_status(c, st);
    free(asked);
}

static void verb_group_add(struct call *c)
{
    change_group(c, group_add);
}

static void verb_group_remove(struct call *c)
{
    change_group(c, group_remove);
}

static void fail_group(struct call *c, enum status st)
{
    if (st == ST_NO_USER)
        admin_answer_fail(c->answer, EX_NOUSER, "%s: no such group", c->name);
    else
        fail_status(c, st);
}

static void verb_group_list(struct call *c)
{
    fail_group(c, groups_list(c->admin->store, c->name, c->answer));
}

static void verb_group_delete(struct call *c)
{
    fail_group(c, group_delete(c->admin->store, c->name));
}

/* --- letters --- */

static void verb_mailbox(struct call *c)
{
    struct span id = c->nargs > 2 ? c->args[2] : SPAN("");
    enum status st = letters_run(c->admin->store, c->name, c->args[1], id, c->answer);
    if (st == ST_NO_MESSAGE)
        admin_answer_fail(c->answer, admin_exit_code(st), "%s: there is no message %.*s", c->name,
                          SPAN_PRINTF(span_first(id, 100)));
    else
        fail_status(c, st);
}

/* --- running a verb --- */

#define RUN(id, ...) [VERB_##id] = verb_##id,

void admin_run(const struct admin *a, const struct verb *verb, const struct span *args,
               size_t nargs, struct admin_answer *answer)
{
    static void (*const runs[VERBS])(struct call * c) = {VERBS_ANYWHERE(RUN)};
    bool usage = verb_has_usage(verb, args, nargs);
    struct call c = {
        .admin = a, .args = args, .nargs = nargs - usage, .usage = usage, .answer = answer};
    assert(verb->where == VERB_ANYWHERE);
    answer->code = EX_OK;
    store_forget_failure();
    if (c.nargs > 0 && (verb->flags & VERB_USER) && !name_fold(args[0], c.name))
        admin_answer_fail(answer, EX_DATAERR, NAME_RULE);
    else
        runs[verb->id](&c);
    /* An error keeps its code: that of a change which may have been made is not EX_OSERR. */
    if (!buf_ok(&answer->text))
        admin_answer_fail(answer, answer->code == EX_OK ? EX_OSERR : answer->code, "out of memory");
}
