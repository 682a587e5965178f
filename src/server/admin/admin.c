#include "admin/admin.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "os/clock.h"
#include "proto/message.h"
#include "store/account.h"
#include "store/cache.h"
#include "store/deleted_accounts.h"
#include "store/invite.h"

#define TEXT_LIMIT      ((size_t)64 << 20)
#define DAY_S           86400
#define INVITE_DAYS     7
#define INVITE_DAYS_MAX 36500

/* What a verb is run with. */
struct call {
    const struct admin *admin;
    const struct span *args;
    size_t nargs;
    char name[NAME_BYTES + 1]; /* the first argument, where it is a user; else "" */
    struct admin_answer *answer;
};

static void fail(struct call *c, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void fail(struct call *c, int code, const char *format, ...)
{
    char text[512];
    va_list list;

    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    c->answer->code = code;
    buf_clear(&c->answer->text);
    buf_add_str(&c->answer->text, text);
}

static void fail_status(struct call *c, enum status st)
{
    static const struct {
        enum status st;
        int code;
    } codes[] = {{ST_NO_USER, EX_NOUSER},        {ST_NO_INVITE, EX_NOUSER},
                 {ST_USER_EXISTS, EX_CANTCREAT}, {ST_DISK_FULL, EX_TEMPFAIL},
                 {ST_READ_ONLY, EX_TEMPFAIL},    {ST_NO_MEMORY, EX_OSERR}};
    int code = EX_IOERR;

    if (st == ST_OK)
        return;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].st == st)
            code = codes[i].code;
    fail(c, code, "%s%s%s", c->name, *c->name ? ": " : "", status_text(st));
}

/* --- passwords --- */

static bool hash_password(struct call *c, struct span password, char hash[OS_CRYPT_HASH_BYTES])
{
    char text[PASSWORD_BYTES + 1];
    bool ok;

    if (!name_password_ok(password)) {
        fail(c, EX_DATAERR, PASSWORD_RULE);
        return false;
    }
    memcpy(text, password.p, password.n);
    text[password.n] = '\0';
    ok = c->admin->hash ? c->admin->hash(c->admin->ctx, text, hash) : os_crypt_hash(text, hash);
    os_crypt_wipe(text, sizeof text);
    if (!ok)
        fail(c, EX_OSERR, "the password cannot be hashed here");
    return ok;
}

/* --- the verbs --- */

static void end_sessions(struct call *c, const struct who *who, const char *reason)
{
    if (c->admin->end_sessions)
        c->admin->end_sessions(c->admin->ctx, who, reason);
}

static void add(struct call *c)
{
    char hash[OS_CRYPT_HASH_BYTES];

    if (hash_password(c, c->args[1], hash))
        fail_status(c, account_register(c->admin->store, c->name, hash));
    os_crypt_wipe(hash, sizeof hash);
}

/* The account of the name. False: there is none, and it has been said. */
static bool find(struct call *c, struct who *who, struct account *a)
{
    enum status st = account_find(c->admin->store, c->name, who, a);

    os_crypt_wipe(a->hash, sizeof a->hash);
    fail_status(c, st);
    return st == ST_OK;
}

/* The end of a change. reason: its sessions are to end; NULL: they go on. */
static void changed(struct call *c, const struct who *who, enum status st, const char *reason)
{
    fail_status(c, st);
    if (st == ST_OK && reason)
        end_sessions(c, who, reason);
}

static void delete_user(struct call *c)
{
    struct who who;
    struct account a;
    enum status st;

    if (!find(c, &who, &a))
        return;
    st = account_delete(c->admin->store, &who);
    changed(c, &who, st, "the account was deleted");
    if (st == ST_OK && c->admin->deleted)
        c->admin->deleted(c->admin->ctx);
}

static void restore(struct call *c)
{
    enum status st = deleted_accounts_restore(c->admin->store, c->name);

    if (st == ST_NO_USER)
        fail(c, EX_NOUSER, "%s: no deleted account of this name is kept", c->name);
    else
        fail_status(c, st);
}

static void change(struct call *c, void (*how)(void *ctx, struct account *a), void *ctx,
                   const char *reason)
{
    struct who who;
    struct account a;

    if (find(c, &who, &a))
        changed(c, &who, account_change(c->admin->store, &who, how, ctx), reason);
}

static void passwd(struct call *c)
{
    char hash[OS_CRYPT_HASH_BYTES];
    struct who who;
    struct account a;

    if (hash_password(c, c->args[1], hash) && find(c, &who, &a))
        changed(c, &who, account_set_hash(c->admin->store, &who, hash), "the password was changed");
    os_crypt_wipe(hash, sizeof hash);
}

static void set_disabled(void *ctx, struct account *a)
{
    const bool *disabled = ctx;

    a->disabled = *disabled;
}

static void disable(struct call *c)
{
    bool disabled = true;

    change(c, set_disabled, &disabled, "the account was disabled");
}

static void enable(struct call *c)
{
    bool disabled = false;

    change(c, set_disabled, &disabled, NULL);
}

/* A number with K, M or G behind it, or - for the server's standard. */
static bool read_quota(struct call *c, struct span text, uint64_t *quota)
{
    static const char units[] = "KMG";
    const char *unit = text.n > 1 ? memchr(units, text.p[text.n - 1], 3) : NULL;
    unsigned shift = unit ? (unsigned)(unit - units + 1) * 10 : 0;

    *quota = ACCOUNT_QUOTA_STANDARD;
    if (span_eq(text, SPAN("-")))
        return true;
    if (unit)
        text.n--;
    if (span_u64(text, UINT64_C(1) << 33, quota)) {
        *quota <<= shift;
        return true;
    }
    fail(c, EX_USAGE,
         "a quota is a number, with K, M or G behind it, 0 for none, or - for what the "
         "server has");
    return false;
}

static void set_quota(void *ctx, struct account *a)
{
    const uint64_t *quota = ctx;

    a->quota_bytes = quota[0];
    a->quota_messages = quota[1];
}

static void quota(struct call *c)
{
    uint64_t quotas[2];

    if (read_quota(c, c->args[1], &quotas[0]) && read_quota(c, c->args[2], &quotas[1]))
        change(c, set_quota, quotas, NULL);
}

static bool list_one(void *ctx, const char *name)
{
    struct call *c = ctx;
    struct who who = {.generation = ""};
    struct account a;
    struct index_totals t;
    struct mailbox_quota q;
    struct mailbox *mb = NULL;
    enum status st = account_find(c->admin->store, name, &who, &a);

    os_crypt_wipe(a.hash, sizeof a.hash);
    if (st == ST_OK)
        st = mailbox_open(c->admin->store, &who, &mb);
    if (st == ST_OK)
        st = mailbox_totals(mb, &t, &q);
    mailbox_close(mb);
    if (st == ST_OK)
        buf_printf(&c->answer->text,
                   "%s\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n",
                   name, a.disabled ? "disabled" : "enabled", t.messages, t.unread, t.bytes,
                   q.bytes, q.messages);
    else if (st != ST_NO_USER)
        buf_printf(&c->answer->text, "%s\tbroken\t0\t0\t0\t0\t0\n", name);
    return true;
}

static void list(struct call *c)
{
    if (c->nargs == 1)
        list_one(c, c->name);
    else if (!store_each_user(c->admin->store, list_one, c))
        fail(c, EX_IOERR, "the users cannot be listed");
    if (c->nargs == 1 && c->answer->code == 0 && c->answer->text.n == 0)
        fail(c, EX_NOUSER, "%s: %s", c->name, status_text(ST_NO_USER));
}

/* --- invites --- */

static void add_invite(struct call *c)
{
    uint64_t days = INVITE_DAYS;
    struct invite made;
    enum status st;

    if (c->nargs > 0 && !span_u64(c->args[0], INVITE_DAYS_MAX, &days)) {
        fail(c, EX_USAGE, "a number of days is 0, for no end, to %d", INVITE_DAYS_MAX);
        return;
    }
    st = invite_add(c->admin->store, (int64_t)days * DAY_S, &made);
    fail_status(c, st);
    if (st == ST_OK)
        buf_printf(&c->answer->text, "%s\n", made.code);
}

static void add_date(struct buf *out, int64_t seconds)
{
    char date[MESSAGE_DATE_BYTES];
    struct tm utc;

    os_clock_utc(seconds, &utc);
    message_date_format(2, NULL, &utc, date);
    buf_add_str(out, date);
}

static void list_invite(void *ctx, const struct invite *invite)
{
    struct buf *text = ctx;

    buf_printf(text, "%s\t", invite->code);
    add_date(text, invite->created);
    buf_add_char(text, '\t');
    if (invite->expires == 0)
        buf_add_char(text, '-');
    else
        add_date(text, invite->expires);
    buf_add_char(text, '\n');
}

static void list_invites(struct call *c)
{
    if (!invite_each(c->admin->store, list_invite, &c->answer->text))
        fail(c, EX_IOERR, "the invites cannot be listed");
}

static void delete_invite(struct call *c)
{
    fail_status(c, invite_delete(c->admin->store, c->args[0]));
}

/* --- the table --- */

#define USER_COLUMNS "name\tstate\tmessages\tunread\tbytes\tquota-bytes\tquota-messages"

static const struct admin_verb verbs[] = {
    {"user add", 2, 2, ADMIN_USER | ADMIN_PASSWORD, "NAME",
     "make an account; its password is asked for", ""},
    {"user delete", 1, 1, ADMIN_USER, "NAME", "delete an account; it is kept for a while", ""},
    {"user restore", 1, 1, ADMIN_USER, "NAME", "bring a deleted account back", ""},
    {"user list", 0, 1, ADMIN_USER | ADMIN_QUERY, "[NAME]", "list accounts", USER_COLUMNS},
    {"user passwd", 2, 2, ADMIN_USER | ADMIN_PASSWORD, "NAME", "give an account another password",
     ""},
    {"user disable", 1, 1, ADMIN_USER, "NAME", "let nobody log in to an account", ""},
    {"user enable", 1, 1, ADMIN_USER, "NAME", "let its user log in again", ""},
    {"user quota", 3, 3, ADMIN_USER, "NAME BYTES MESSAGES", "limit a mailbox; -: the server's", ""},
    {"invite add", 0, 1, 0, "[DAYS]", "make an invite, good for 7 days; 0: for ever", "code"},
    {"invite list", 0, 0, ADMIN_QUERY, "", "list invites not used yet", "code\tcreated\texpires"},
    {"invite delete", 1, 1, 0, "CODE", "take an invite back", ""},
};

static void (*const runs[])(struct call *c) = {add,        delete_user,  restore,      list,
                                               passwd,     disable,      enable,       quota,
                                               add_invite, list_invites, delete_invite};

_Static_assert(sizeof runs / sizeof *runs == sizeof verbs / sizeof *verbs,
               "a function for each verb");

const struct admin_verb *admin_verb(size_t i)
{
    return i < sizeof verbs / sizeof *verbs ? &verbs[i] : NULL;
}

void admin_run(const struct admin *a, const struct admin_verb *verb, const struct span *args,
               size_t nargs, struct admin_answer *answer)
{
    struct call c = {.admin = a, .args = args, .nargs = nargs, .answer = answer};

    answer->code = EX_OK;
    buf_init(&answer->text, TEXT_LIMIT);
    if (nargs > 0 && (verb->flags & ADMIN_USER) && !name_fold(args[0], c.name))
        fail(&c, EX_DATAERR, NAME_RULE);
    else
        runs[verb - verbs](&c);
    if (!buf_ok(&answer->text))
        fail(&c, EX_OSERR, "out of memory");
}
