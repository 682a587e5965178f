/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "os/clock.h"
#include "os/crypt.h"
#include "session/args.h"
#include "session/auth.h"
#include "session/commands.h"
#include "session/login.h"
#include "session/reply.h"
#include "session/session_log.h"
#include "store/fence.h"
#include "store/invite.h"

#define HEALTH_MS 2000 /* for the store to answer */

void cmd_start(struct session *s, const struct span *arg, size_t nargs)
{
    uint64_t version = DIALECT_VERSION_MAX;
    char text[2] = "";
    if (!nargs || s->host->version_1) {
        s->dialect.version = 1;
        reply_yes(s);
        return;
    }
    span_u64(arg[0], DIALECT_VERSION_MAX, &version);
    if (!span_is_decimal(arg[0]) || version == 0) {
        reply_noop(s, "the version must be a number, 1 or higher");
        return;
    }
    s->dialect.version = (unsigned)version;
    text[0] = (char)('0' + version);
    reply_text(s, text);
}

void cmd_exit(struct session *s, const struct span *arg, size_t nargs)
{
    (void)arg, (void)nargs;
    reply_yes(s);
    reply_close(s, "the client sent Exit");
}

void cmd_noop(struct session *s, const struct span *arg, size_t nargs)
{
    (void)arg, (void)nargs;
    reply_yes(s);
}

void cmd_health(struct session *s, const struct span *arg, size_t nargs)
{
    (void)arg, (void)nargs;
    if (!fence_touch(s->service->store, os_clock_ms() + HEALTH_MS))
        reply_abandon(s, "the store does not answer");
    else if (leaving_has_begun(s->service->leaving))
        reply_noop(s, "the server is being drained");
    else
        reply_yes(s);
}

/* Answers a request whose password was checked. */
static void reply_checked(struct session *s, enum status st)
{
    if (st == ST_TOO_OFTEN)
        reply_too_often(s, REPLY_WRONG_PASSWORDS, s->try_again_ms);
    else
        reply_status(s, st);
}

/*
 * Whether a client with this invite, which may be empty, may register. Checked before any account
 * is looked up, so that a client that may not register learns no names. The password is hashed
 * last, when nothing else stands against the account: a client that is refused costs little.
 */
static enum status may_register(struct session *s, struct span invite, char code[INVITE_DIGITS + 1])
{
    static const enum status without_invite[] = {[REGISTRATION_OPEN] = ST_OK,
                                                 [REGISTRATION_CLOSED] = ST_CLOSED,
                                                 [REGISTRATION_INVITE] = ST_INVITE_ONLY};
    /* If it were the index itself, gcc would read it like a plain variable (tests/it/house.t). */
    unsigned rule = atomic_load(&s->service->limits.registration);
    if (invite.n == 0)
        return without_invite[rule];
    return invite_check(s->service->store, invite, code);
}

void cmd_register(struct session *s, const struct span *arg, size_t nargs)
{
    char name[NAME_BYTES + 1], password[PASSWORD_BYTES + 1], code[INVITE_DIGITS + 1];
    struct span invite = nargs > 2 ? arg[2] : SPAN("");
    enum event_level level = EVENT_INFO; /* cheap attempts must not fill the log */
    enum status st;

    if (!args_name(s, arg[0], name))
        return;
    st = may_register(s, invite, code);
    if (st == ST_OK) {
        char hashed[OS_CRYPT_HASH_BYTES];
        level = EVENT_NOTICE;
        st = account_may_register(s->service->store, name, invite.n > 0);
        /* Whether the name is taken can be asked for with an empty password. */
        if (st == ST_OK && !args_password(s, arg[1], password))
            return;
        if (st == ST_OK)
            st = auth_hash(s->service, s, password, hashed);
        if (st == ST_OK)
            st = account_register_invited(s->service->store, name, hashed, invite.n ? code : NULL);
        os_crypt_wipe(hashed, sizeof hashed);
    }
    os_crypt_wipe(password, sizeof password);
    session_log_account(s, "register", level, name, st);
    reply_status(s, st);
}

void cmd_login(struct session *s, const struct span *arg, size_t nargs)
{
    char name[NAME_BYTES + 1], password[PASSWORD_BYTES + 1];
    (void)nargs;
    if (!args_name(s, arg[0], name) || !args_password(s, arg[1], password))
        return;
    enum status st = login_start(s, name, password);
    os_crypt_wipe(password, sizeof password);
    reply_checked(s, st);
}

void cmd_logout(struct session *s, const struct span *arg, size_t nargs)
{
    (void)arg, (void)nargs;
    login_end(s);
    session_log_account(s, "logout", EVENT_INFO, s->who.name, ST_OK);
    reply_yes(s);
}

void cmd_delete_user(struct session *s, const struct span *arg, size_t nargs)
{
    enum status st = account_delete(s->service->store, &s->who);
    (void)arg, (void)nargs;
    if (st == ST_OK) {
        s->host->end_others(s->host, &s->who, "the account was deleted");
        housekeeper_wake(s->service->housekeeper);
        login_end(s);
    }
    session_log_account(s, "delete_user", EVENT_NOTICE, s->who.name, st);
    reply_status(s, st);
}

/*
 * Checking the old password and hashing the new one take time. If someone else changes it
 * meanwhile, perhaps the administrator to lock the user out, that change wins.
 */
static enum status change_password(struct session *s, const char *old, const char *new)
{
    char hashed[OS_CRYPT_HASH_BYTES] = "";
    struct who who;
    struct account a = {.disabled = false};
    enum status st = auth_check(s, s->who.name, old, &who, &a);
    if (st == ST_OK)
        st = auth_hash(s->service, s, new, hashed);
    if (st == ST_OK)
        st = account_replace_hash(s->service->store, &s->who, a.hash, hashed);
    os_crypt_wipe(a.hash, sizeof a.hash);
    os_crypt_wipe(hashed, sizeof hashed);
    return st;
}

void cmd_password(struct session *s, const struct span *arg, size_t nargs)
{
    char old[PASSWORD_BYTES + 1], new[PASSWORD_BYTES + 1];
    (void)nargs;
    if (!args_password(s, arg[0], old) || !args_password(s, arg[1], new))
        return;
    enum status st = change_password(s, old, new);
    os_crypt_wipe(old, sizeof old);
    os_crypt_wipe(new, sizeof new);
    if (st == ST_OK) /* they may belong to someone who knew the old one */
        s->host->end_others(s->host, &s->who, "the password was changed");
    if (st == ST_WRONG_PASSWORD)
        atomic_fetch_add(&s->service->counters->logins_failed, 1);
    session_log_account(s, "passwd", EVENT_NOTICE, s->who.name, st);
    reply_checked(s, st);
}
