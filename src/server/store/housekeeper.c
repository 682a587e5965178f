/* SPDX-License-Identifier: ISC */
#include "store/housekeeper.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "os/clock.h"
#include "os/cond.h"
#include "store/account_list.h"
#include "store/cache.h"
#include "store/changes.h"
#include "store/deleted_accounts.h"
#include "store/expiry.h"
#include "store/invite.h"
#include "store/mailbox_private.h"
#include "store/store_private.h"
#include "store/trash.h"

#define HOUR_S         INT64_C(3600)
#define INTERVAL_S     HOUR_S
#define EXPIRY_S       (24 * HOUR_S)      /* between two looks for old mail */
#define REST           4                  /* times as long as the work */
#define NOTES_KEPT_S   (60 * 24 * HOUR_S) /* for the next backup, at most */
#define FIRST_BACKUP_S (3 * 24 * HOUR_S)  /* for the first one */

struct housekeeper {
    struct store *store;
    pthread_t thread;
    pthread_mutex_t mutex; /* leaf lock: guards stopping and woken */
    pthread_cond_t changed;
    bool stopping, woken;
    int64_t seen_ms; /* when it rested last; known to the thread alone */
};

struct sweep {
    struct store *store;
    bool (*stop)(void *ctx);
    void *ctx;
    bool stopped;
    int64_t retry[2]; /* if something is left in a mailbox: it is noted as of these times */
};

/* name: of an account, as name_fold writes it. Returns whether something is left that is due. */
static bool sweep_mailbox(struct store *s, const char *name)
{
    struct who who = {.generation = ""};
    struct trash trash = {.index = NULL};
    struct mailbox *mb;
    snprintf(who.name, sizeof who.name, "%s", name);
    enum status st = mailbox_open(s, &who, &mb);
    if (st != ST_OK)
        return st != ST_NO_USER;
    bool locked = mailbox_lock(mb) == ST_OK;
    if (locked) {
        trash_begin_sweep(mb, &trash);
        mailbox_show_hidden(mb);
        mailbox_unlock(mb);
        trash_end(mb, &trash);
    }
    mailbox_close_once(mb);
    return !locked || trash.left;
}

/* Once this is true, no further mailbox is looked at. */
static bool has_stopped(struct sweep *sweep)
{
    sweep->stopped = sweep->stop(sweep->ctx);
    return sweep->stopped;
}

/* Most mailboxes have nothing for a sweep: these are not opened. */
static bool look_at_one(void *ctx, const char *name)
{
    struct sweep *sweep = ctx;
    char folded[NAME_BYTES + 1];
    if (name_fold(span_str(name), folded) && trash_note_all(sweep->store, name))
        sweep_mailbox(sweep->store, folded);
    return !has_stopped(sweep);
}

static bool look_at_noted(void *ctx, const char *name)
{
    struct sweep *sweep = ctx;
    if (sweep_mailbox(sweep->store, name))
        for (int i = 0; i < 2; i++)
            changes_note_trash_at(sweep->store, name, sweep->retry[i]);
    return !has_stopped(sweep);
}

static void look_at_hiding(void *ctx, const char *name)
{
    const struct sweep *sweep = ctx;
    sweep_mailbox(sweep->store, name);
}

static bool look_at_all(struct sweep *sweep)
{
    return store_each_user(sweep->store, look_at_one, sweep) && !sweep->stopped;
}

void housekeeper_sweep(struct store *s, bool (*stop)(void *ctx), void *ctx)
{
    struct sweep sweep = {.store = s, .stop = stop, .ctx = ctx};
    look_at_all(&sweep);
    cache_each_hiding(s, look_at_hiding, &sweep);
}

/*
 * Looks at all mailboxes, and notes when something is due in them. What is already due and not
 * removed now is removed in the next round, which begins with the oldest notes.
 */
static void begin_with_all(struct sweep *sweep)
{
    struct store *s = sweep->store;
    int64_t start = changes_mark(s);
    if (look_at_all(sweep) && changes_set_time(s, CHANGES_TRASH, 0) &&
        changes_set_time(s, CHANGES_TOMBSTONES, 0))
        changes_set_time(s, CHANGES_HOUSEKEEPER, start);
}

/*
 * Looks at the mailboxes for which something was noted up to this time, from the time up to which
 * that has been done before.
 */
static int64_t look_until(struct sweep *sweep, const char *what, int64_t until)
{
    struct store *s = sweep->store;
    int64_t from = 0;
    changes_time(s, what, &from);
    if (sweep->stopped || until <= from)
        return from;
    bool read = changes_each_trash(s, from, until, look_at_noted, sweep);
    return read && !sweep->stopped && changes_set_time(s, what, until) ? until : from;
}

/* While the clock is not known, nothing is removed for its age. */
static void look_at_due(struct sweep *sweep)
{
    struct store *s = sweep->store;
    int64_t now = os_clock_now(), keep_s = (int64_t)s->limits.trash_s, trash = 0;
    bool known = store_is_clock_known(s);
    sweep->retry[0] = now - keep_s;
    sweep->retry[1] = now - TRASH_REMEMBER_S;
    if (known || keep_s == 0)
        trash = look_until(sweep, CHANGES_TRASH, now - keep_s);
    if (!known)
        return;
    int64_t tombstones = look_until(sweep, CHANGES_TOMBSTONES, now - TRASH_REMEMBER_S);
    changes_forget_trash(s, (trash < tombstones ? trash : tombstones) - 2 * HOUR_S);
}

/* Most accounts have nothing that is old enough: these are not opened. */
static bool expire_one(void *ctx, const char *name)
{
    struct sweep *sweep = ctx;
    struct who who = {.generation = ""};
    struct mailbox *mb;
    if (name_fold(span_str(name), who.name) && expiry_is_due(sweep->store, name) &&
        mailbox_open(sweep->store, &who, &mb) == ST_OK) {
        expiry_move(mb);
        mailbox_close_once(mb);
    }
    return !has_stopped(sweep);
}

/*
 * Looks for old mail in all accounts, once a day: any mail gets old without a change that could be
 * noted. A clock that was set back does not put this off.
 */
static void expire_read(struct sweep *sweep)
{
    struct store *s = sweep->store;
    int64_t now = os_clock_now(), looked;
    if (sweep->stopped || s->limits.keep_s == 0 || !store_is_clock_known(s) ||
        (changes_time(s, CHANGES_EXPIRY, &looked) && looked <= now && now - looked < EXPIRY_S))
        return;
    if (store_each_user(s, expire_one, sweep) && !sweep->stopped)
        changes_set_time(s, CHANGES_EXPIRY, now);
}

/* A backup that is made for the first time may take days. */
static void forget_notes(struct store *s)
{
    int64_t now = changes_now(s), backup = now - FIRST_BACKUP_S;
    changes_time(s, CHANGES_BACKUP, &backup);
    if (backup < now - NOTES_KEPT_S)
        backup = now - NOTES_KEPT_S;
    changes_forget(s, backup - 2 * HOUR_S);
    account_list_forget(s);
}

void housekeeper_round(struct store *s, bool (*stop)(void *ctx), void *ctx)
{
    struct sweep sweep = {.store = s, .stop = stop, .ctx = ctx};
    int64_t looked;
    changes_keep(s);
    if (store_is_failed(s))
        return;
    if (!changes_time(s, CHANGES_HOUSEKEEPER, &looked) || !changes_is_complete(s, looked))
        begin_with_all(&sweep);
    else
        look_at_due(&sweep);
    expire_read(&sweep);
    cache_each_hiding(s, look_at_hiding, &sweep);
    forget_notes(s);
}

static bool is_stopping(void *ctx)
{
    struct housekeeper *h = ctx;
    pthread_mutex_lock(&h->mutex);
    bool stopping = h->stopping;
    pthread_mutex_unlock(&h->mutex);
    return stopping;
}

/*
 * Called after each mailbox. The thread rests four times as long as it worked, so others that need
 * the disk or a processor do not notice it. An account may be deleted meanwhile.
 */
static bool rest(void *ctx)
{
    struct housekeeper *h = ctx;
    int64_t now_ms = os_clock_ms(), until_ms = now_ms + REST * (now_ms - h->seen_ms);
    pthread_mutex_lock(&h->mutex);
    bool woken = h->woken;
    h->woken = false;
    while (!h->stopping && now_ms < until_ms && os_cond_wait(&h->changed, &h->mutex, until_ms))
        ;
    bool stopping = h->stopping;
    pthread_mutex_unlock(&h->mutex);
    if (woken && !stopping)
        deleted_accounts_purge(h->store, is_stopping, h);
    h->seen_ms = os_clock_ms();
    return stopping;
}

/* Waits until it is time, until someone wakes us, or until we are to stop. True: it is time. */
static bool wait_until(struct housekeeper *h, int64_t ms)
{
    bool early = true;
    pthread_mutex_lock(&h->mutex);
    while (!h->stopping && !h->woken && early)
        early = os_cond_wait(&h->changed, &h->mutex, ms);
    h->woken = false;
    pthread_mutex_unlock(&h->mutex);
    return !early;
}

static void *keep_house(void *arg)
{
    struct housekeeper *h = arg;
    int64_t next = 0;
    while (!is_stopping(h)) {
        deleted_accounts_purge(h->store, is_stopping, h);
        if (wait_until(h, next)) {
            next = os_clock_ms() + INTERVAL_S * 1000;
            invite_purge(h->store);
            h->seen_ms = os_clock_ms();
            housekeeper_round(h->store, rest, h);
            cache_let_go(h->store, INTERVAL_S * 1000);
        }
    }
    return NULL;
}

static void free_housekeeper(struct housekeeper *h)
{
    pthread_cond_destroy(&h->changed);
    pthread_mutex_destroy(&h->mutex);
    free(h);
}

struct housekeeper *housekeeper_start(struct store *s)
{
    struct housekeeper *h = calloc(1, sizeof *h);
    if (!h)
        return NULL;
    h->store = s;
    pthread_mutex_init(&h->mutex, NULL);
    os_cond_init(&h->changed);
    int error = pthread_create(&h->thread, NULL, keep_house, h);
    if (error == 0)
        return h;
    free_housekeeper(h);
    errno = error;
    return NULL;
}

void housekeeper_wake(struct housekeeper *h)
{
    if (!h)
        return;
    pthread_mutex_lock(&h->mutex);
    h->woken = true;
    pthread_cond_signal(&h->changed);
    pthread_mutex_unlock(&h->mutex);
}

void housekeeper_stop(struct housekeeper *h)
{
    if (!h)
        return;
    pthread_mutex_lock(&h->mutex);
    h->stopping = true;
    pthread_cond_signal(&h->changed);
    pthread_mutex_unlock(&h->mutex);
    pthread_join(h->thread, NULL);
    free_housekeeper(h);
}
