#include "store/invite.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "os/clock.h"
#include "os/file.h"
#include "os/random.h"
#include "store/store_private.h"

#define FILE_LIMIT 256
#define UNFINISHED ".new" /* os_file_replace's */

/* An invite's file. */
static const char form[] = "pochta-invite 1\ncreated %" PRId64 "\nexpires %" PRId64 "\n";

/* Reads a number up to the end of its line. */
static bool take_time(struct span *s, struct span key, int64_t *seconds)
{
    struct span line;
    uint64_t number;

    if (!span_cut(s, '\n', &line) || !span_starts(line, key) ||
        !span_u64(span_skip(line, key.n), INT64_MAX, &number))
        return false;
    *seconds = (int64_t)number;
    return true;
}

static bool parse(struct span s, struct invite *invite)
{
    struct span version;

    return span_cut(&s, '\n', &version) && span_eq(version, SPAN("pochta-invite 1")) &&
           take_time(&s, SPAN("created "), &invite->created) &&
           take_time(&s, SPAN("expires "), &invite->expires) && s.n == 0;
}

/* Reads the file of a name that is a code. ST_DAMAGED: it says no such thing. */
static enum status load(struct store *s, const char *code, struct invite *invite)
{
    enum status st = ST_OK;
    struct buf file;

    memcpy(invite->code, code, sizeof invite->code);
    buf_init(&file, FILE_LIMIT);
    if (!os_file_load(s->invites, code, &file))
        st = errno == ENOENT ? ST_NO_INVITE : status_of_errno(errno);
    else if (!parse(buf_span(&file), invite))
        st = ST_DAMAGED;
    buf_free(&file);
    return st;
}

static bool is_over(const struct invite *invite)
{
    return invite->expires != 0 && invite->expires <= os_clock_now();
}

enum status invite_add(struct store *s, int64_t seconds, struct invite *made)
{
    enum status st = store_check_space(s, FILE_LIMIT);
    char text[FILE_LIMIT];
    int n;

    if (st != ST_OK)
        return st;
    if (commit_failed(&s->invites_commit))
        return ST_READ_ONLY;
    os_random_hex(made->code, INVITE_DIGITS);
    made->created = os_clock_now();
    made->expires = seconds > 0 ? made->created + seconds : 0;
    n = snprintf(text, sizeof text, form, made->created, made->expires);
    if (!os_file_replace(s->invites, made->code, span_of(text, (size_t)n)))
        return status_of_errno(errno);
    if (commit_sync(&s->invites_commit, s->invites))
        return ST_OK;
    store_trouble(s, "an invite: sync failed after it was made");
    return ST_UNKNOWN;
}

enum status invite_check(struct store *s, struct span text, char code[INVITE_DIGITS + 1])
{
    struct invite invite;
    enum status st;

    if (!name_invite_ok(text))
        return ST_NO_INVITE;
    memcpy(code, text.p, INVITE_DIGITS);
    code[INVITE_DIGITS] = '\0';
    st = load(s, code, &invite);
    if (st == ST_OK && is_over(&invite))
        st = ST_NO_INVITE;
    if (st != ST_OK && st != ST_NO_INVITE)
        store_trouble(s, "an invite cannot be read: %s", status_text(st));
    return st == ST_DAMAGED ? ST_NO_INVITE : st;
}

enum status invite_delete(struct store *s, struct span code)
{
    char name[INVITE_DIGITS + 1];

    if (!name_invite_ok(code))
        return ST_NO_INVITE;
    if (commit_failed(&s->invites_commit))
        return ST_READ_ONLY;
    snprintf(name, sizeof name, "%.*s", SPAN_PRINTF(code));
    if (!os_file_remove(s->invites, name))
        return errno == ENOENT ? ST_NO_INVITE : status_of_errno(errno);
    if (commit_sync(&s->invites_commit, s->invites))
        return ST_OK;
    store_trouble(s, "an invite: sync failed after it was deleted");
    return ST_UNKNOWN;
}

/* --- all of them --- */

struct visit {
    struct store *store;
    void (*each)(void *ctx, const struct invite *invite);
    void (*finding)(void *ctx, const char *file, const char *what);
    void *ctx;
};

static bool give_good(void *ctx, const char *name)
{
    const struct visit *v = ctx;
    struct invite invite;

    if (name_invite_ok(span_str(name)) && load(v->store, name, &invite) == ST_OK &&
        !is_over(&invite))
        v->each(v->ctx, &invite);
    return true;
}

bool invite_each(struct store *s, void (*each)(void *ctx, const struct invite *invite), void *ctx)
{
    struct visit v = {.store = s, .each = each, .ctx = ctx};

    return os_file_each(s->invites, give_good, &v);
}

/* Not synced: what comes back after a power cut has still expired. */
static bool remove_over(void *ctx, const char *name)
{
    struct store *s = ctx;
    struct invite invite;

    if (name_invite_ok(span_str(name)) && load(s, name, &invite) == ST_OK && is_over(&invite))
        os_file_remove(s->invites, name);
    return true;
}

void invite_purge(struct store *s)
{
    if (!os_file_each(s->invites, remove_over, s))
        store_trouble(s, "the invites cannot be listed (errno %d)", errno);
}

/* Whether it is the name of an invite that is being made, or was when its maker died. */
static bool is_unfinished(const char *name)
{
    return name_invite_ok(span_first(span_str(name), INVITE_DIGITS)) &&
           strcmp(name + INVITE_DIGITS, UNFINISHED) == 0;
}

static bool check_file(void *ctx, const char *name)
{
    const struct visit *v = ctx;
    struct invite invite;
    enum status st;

    if (is_unfinished(name))
        return true;
    if (!name_invite_ok(span_str(name))) {
        v->finding(v->ctx, name, "not an invite");
        return true;
    }
    st = load(v->store, name, &invite);
    if (st == ST_DAMAGED)
        v->finding(v->ctx, name, "its contents are damaged");
    else if (st != ST_OK && st != ST_NO_INVITE)
        v->finding(v->ctx, name, "it cannot be read");
    return true;
}

bool invite_fsck(struct store *s, void (*finding)(void *ctx, const char *file, const char *what),
                 void *ctx)
{
    struct visit v = {.store = s, .finding = finding, .ctx = ctx};

    return os_file_each(s->invites, check_file, &v);
}

static bool remove_unfinished(void *ctx, const char *name)
{
    struct store *s = ctx;

    if (is_unfinished(name))
        os_file_remove(s->invites, name);
    return true;
}

void invite_recover(struct store *s)
{
    os_file_each(s->invites, remove_unfinished, s);
}

/* --- used for an account --- */

enum status invite_take(struct store *s, const char *code, int account)
{
    char taken[sizeof STORE_INVITE + INVITE_DIGITS];

    if (!commit_sync(&s->new_commit, s->new))
        return ST_IO;
    snprintf(taken, sizeof taken, STORE_INVITE "%s", code);
    if (!os_file_rename_over(s->invites, code, account, taken))
        return errno == ENOENT ? ST_NO_INVITE : status_of_errno(errno);
    if (os_file_sync_dir(account) && commit_sync(&s->invites_commit, s->invites))
        return ST_OK;
    return ST_IO;
}

bool invite_is_taken(const char *name)
{
    struct span s = span_str(name);

    return span_starts(s, SPAN(STORE_INVITE)) && name_invite_ok(span_skip(s, strlen(STORE_INVITE)));
}

struct giving {
    struct store *store;
    int account;
    bool any, ok;
};

static bool give_file(void *ctx, const char *name)
{
    struct giving *g = ctx;

    if (!invite_is_taken(name))
        return true;
    g->any = true;
    g->ok = os_file_rename_over(g->account, name, g->store->invites, name + strlen(STORE_INVITE));
    return g->ok;
}

bool invite_give_back(struct store *s, int account)
{
    struct giving g = {.store = s, .account = account, .ok = true};

    return os_file_each(account, give_file, &g) && g.ok &&
           (!g.any || commit_sync(&s->invites_commit, s->invites));
}
