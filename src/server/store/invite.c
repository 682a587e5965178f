/* SPDX-License-Identifier: ISC */
#include "store/invite.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "os/clock.h"
#include "os/file.h"
#include "os/process.h"
#include "os/random.h"
#include "store/key_line.h"
#include "store/store_private.h"

#define FILE_LIMIT 256

static const char file_format[] = "pochta-invite 1\ncreated %" PRId64 "\nexpires %" PRId64 "\n";

static bool parse_invite(struct span s, struct invite *invite)
{
    struct span rest;
    uint64_t created, expires;
    if (!key_line_take(&s, SPAN("pochta-invite 1"), &rest) || rest.n > 0 ||
        !key_line_take_number(&s, SPAN("created "), INT64_MAX, &created) ||
        !key_line_take_number(&s, SPAN("expires "), INT64_MAX, &expires) || s.n > 0)
        return false;
    invite->created = (int64_t)created;
    invite->expires = (int64_t)expires;
    return true;
}

/* Whoever reads the log must not learn a code. */
static enum status failed(struct store *s, const char *operation)
{
    return store_failed(s, operation, "a file in %s", layout_dirs[LAYOUT_INVITES]);
}

/* Whether an invite is a file of the server's own user. False: errno is set; EPERM: it is not. */
static bool is_ours(struct store *s, const char *code)
{
    struct os_file_info info;
    if (!os_file_look(s->dirs[LAYOUT_INVITES], code, &info))
        return false;
    errno = EPERM;
    return info.owner == os_process_uid();
}

/* Reads the file of an invite. ST_DAMAGED: it does not have the contents of one. */
static enum status load_invite(struct store *s, const char *code, struct invite *invite)
{
    enum status st = ST_OK;
    struct buf file;
    memcpy(invite->code, code, sizeof invite->code);
    invite->created = invite->expires = 0;
    buf_init(&file, FILE_LIMIT);
    if (!is_ours(s, code) || !os_file_load(s->dirs[LAYOUT_INVITES], code, &file))
        st = errno == ENOENT ? ST_NO_INVITE : failed(s, "read");
    else if (!parse_invite(buf_span(&file), invite))
        st = ST_DAMAGED;
    buf_free(&file);
    return st;
}

static bool has_expired(const struct invite *invite)
{
    return invite->expires != 0 && invite->expires <= os_clock_now();
}

enum status invite_add(struct store *s, int64_t seconds, struct invite *made)
{
    enum status st = store_check_space(s, FILE_LIMIT);
    char text[FILE_LIMIT];
    if (st != ST_OK)
        return st;
    if (store_is_read_only(s, LAYOUT_INVITES))
        return ST_READ_ONLY;
    os_random_hex(made->code, INVITE_DIGITS);
    made->created = os_clock_now();
    made->expires = seconds > 0 ? made->created + seconds : 0;
    int n = snprintf(text, sizeof text, file_format, made->created, made->expires);
    if (!os_file_replace(s->dirs[LAYOUT_INVITES], made->code, span_of(text, (size_t)n)))
        return failed(s, "write");
    return store_sync(s, LAYOUT_INVITES) ? ST_OK : ST_UNKNOWN;
}

enum status invite_check(struct store *s, struct span text, char code[INVITE_DIGITS + 1])
{
    struct invite invite;
    if (!name_invite_ok(text))
        return ST_NO_INVITE;
    memcpy(code, text.p, INVITE_DIGITS);
    code[INVITE_DIGITS] = '\0';
    enum status st = load_invite(s, code, &invite);
    if (st == ST_OK && has_expired(&invite))
        st = ST_NO_INVITE;
    if (st == ST_DAMAGED)
        store_trouble(s, "a file in invites is damaged");
    return st == ST_DAMAGED ? ST_NO_INVITE : st;
}

enum status invite_delete(struct store *s, struct span code)
{
    char name[INVITE_DIGITS + 1];
    if (!name_invite_ok(code))
        return ST_NO_INVITE;
    if (store_is_read_only(s, LAYOUT_INVITES))
        return ST_READ_ONLY;
    snprintf(name, sizeof name, "%.*s", SPAN_PRINTF(code));
    if (!os_file_remove(s->dirs[LAYOUT_INVITES], name))
        return errno == ENOENT ? ST_NO_INVITE : failed(s, "remove");
    return store_sync(s, LAYOUT_INVITES) ? ST_OK : ST_UNKNOWN;
}

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
    if (name_invite_ok(span_str(name)) && load_invite(v->store, name, &invite) == ST_OK &&
        !has_expired(&invite))
        v->each(v->ctx, &invite);
    return true;
}

bool invite_each(struct store *s, void (*each)(void *ctx, const struct invite *invite), void *ctx)
{
    struct visit v = {.store = s, .each = each, .ctx = ctx};
    return store_each(s, LAYOUT_INVITES, give_good, &v);
}

struct purge {
    struct store *store;
    uint64_t removed;
};

/* Not synced: an invite that comes back after a power cut has still expired. */
static bool remove_expired(void *ctx, const char *name)
{
    struct purge *p = ctx;
    struct invite invite;
    if (name_invite_ok(span_str(name)) && load_invite(p->store, name, &invite) == ST_OK &&
        has_expired(&invite) && store_is_older(p->store, invite.expires, 0) &&
        os_file_remove(p->store->dirs[LAYOUT_INVITES], name))
        p->removed++;
    return true;
}

void invite_purge(struct store *s)
{
    struct purge p = {.store = s};
    if (store_is_failed(s))
        return;
    store_each(s, LAYOUT_INVITES, remove_expired, &p);
    if (p.removed > 0)
        store_tell_purged(s, "invites", NULL, p.removed);
}

/* Whether this is the name of an invite that is being made, or was when its maker died. */
static bool is_unfinished(const char *name)
{
    return name_invite_ok(span_first(span_str(name), INVITE_DIGITS)) &&
           strcmp(name + INVITE_DIGITS, LAYOUT_UNFINISHED) == 0;
}

static bool check_invite_file(void *ctx, const char *name)
{
    const struct visit *v = ctx;
    struct invite invite;
    if (is_unfinished(name))
        return true;
    if (!name_invite_ok(span_str(name))) {
        v->finding(v->ctx, name, "not an invite");
        return true;
    }
    enum status st = load_invite(v->store, name, &invite);
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
    return store_each(s, LAYOUT_INVITES, check_invite_file, &v);
}

static bool remove_unfinished(void *ctx, const char *name)
{
    struct store *s = ctx;
    if (is_unfinished(name))
        os_file_remove(s->dirs[LAYOUT_INVITES], name);
    return true;
}

void invite_remove_unfinished(struct store *s)
{
    os_file_each(s->dirs[LAYOUT_INVITES], remove_unfinished, s);
}

enum status invite_take(struct store *s, const char *code, int account)
{
    char taken[sizeof LAYOUT_INVITE + INVITE_DIGITS];
    int invites = s->dirs[LAYOUT_INVITES];
    if (!store_sync(s, LAYOUT_NEW))
        return ST_IO;
    snprintf(taken, sizeof taken, LAYOUT_INVITE "%s", code);
    if (!os_file_rename_over(invites, code, account, taken))
        return errno == ENOENT ? ST_NO_INVITE : failed(s, "rename");
    if (!os_file_sync_dir(account))
        return store_failed(s, "sync", "new: an account that is being made");
    return store_sync(s, LAYOUT_INVITES) ? ST_OK : ST_IO;
}

struct giving {
    struct store *store;
    int account;
    bool any, ok;
};

static bool give_file(void *ctx, const char *name)
{
    struct giving *g = ctx;
    if (layout_file(name) != LAYOUT_FILE_INVITE)
        return true;
    g->any = true;
    g->ok = os_file_rename_over(g->account, name, g->store->dirs[LAYOUT_INVITES],
                                name + strlen(LAYOUT_INVITE));
    return g->ok;
}

bool invite_give_back(struct store *s, int account)
{
    struct giving g = {.store = s, .account = account, .ok = true};
    return os_file_each(account, give_file, &g) && g.ok &&
           (!g.any || store_sync(s, LAYOUT_INVITES));
}
