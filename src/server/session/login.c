/* SPDX-License-Identifier: ISC */
#include "session/login.h"

#include <string.h>

#include "os/crypt.h"
#include "session/auth.h"
#include "session/commands.h"
#include "session/session_log.h"
#include "store/account.h"

void login_end(struct session *s)
{
    cmd_watch_end(s);
    auth_forget(s);
    s->logged_in = false;
    s->host->set_user(s->host, NULL);
}

/*
 * ST_WRONG_PASSWORD: the account has changed since its password was checked. Called when other
 * sessions can find this one already, so that no session outlives an account that was deleted,
 * disabled or given another password in between.
 */
static enum status check_unchanged(struct session *s, const struct who *who,
                                   const struct account *then)
{
    struct who found;
    struct account now = {.disabled = false};
    enum status st = account_find(s->service->store, who->name, &found, &now);
    if (st == ST_NO_USER || (st == ST_OK && (strcmp(found.generation, who->generation) != 0 ||
                                             now.disabled || strcmp(now.hash, then->hash) != 0)))
        st = ST_WRONG_PASSWORD;
    os_crypt_wipe(now.hash, sizeof now.hash);
    return st;
}

/*
 * Makes the session one of the account's. If it is one already, nothing is checked again, because
 * changing an account ends its sessions.
 */
static enum status log_in(struct session *s, const struct who *who, const struct account *a)
{
    if (s->logged_in && strcmp(s->who.name, who->name) == 0 &&
        strcmp(s->who.generation, who->generation) == 0)
        return ST_OK;
    s->logged_in = true;
    s->who = *who;
    s->host->set_user(s->host, who);
    enum status st = check_unchanged(s, who, a);
    if (st != ST_OK)
        login_end(s);
    return st;
}

enum status login_start(struct session *s, const char *name, const char *password)
{
    struct who who;
    struct account a = {.disabled = false};
    enum status st = auth_check(s, name, password, &who, &a);
    if (st == ST_OK) {
        cmd_watch_end(s);
        atomic_fetch_add(&s->service->counters->logins, 1);
        st = log_in(s, &who, &a);
    }
    os_crypt_wipe(a.hash, sizeof a.hash);
    if (st == ST_WRONG_PASSWORD)
        atomic_fetch_add(&s->service->counters->logins_failed, 1);
    session_log_account(s, "login", EVENT_INFO, name, st);
    return st;
}
