/* SPDX-License-Identifier: ISC */
/*
 * store_fixture: a store in a temporary directory, and what it reports.
 */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include <pthread.h>
#include <stdlib.h>

#include "os/file.h"
#include "store/account.h"
#include "store/cache.h"
#include "store/deleted_accounts.h"
#include "store/delivery.h"
#include "store/messages.h"
#include "store/reader.h"
#include "store/recovery.h"
#include "store/snapshot.h"
#include "store/store_private.h"
#include "tap.h"

struct fixture {
    char path[200];
    pthread_mutex_t mutex; /* guards troubles and last */
    int troubles;          /* how many were reported */
    char first[512];       /* the text of the first one */
    char last[512];        /* ... and of the last one */
};

static inline void fixture_trouble(void *ctx, const char *text)
{
    struct fixture *f = ctx;

    pthread_mutex_lock(&f->mutex);
    if (f->troubles++ == 0)
        snprintf(f->first, sizeof f->first, "%s", text);
    snprintf(f->last, sizeof f->last, "%s", text);
    pthread_mutex_unlock(&f->mutex);
}

static inline void fixture_died(void *ctx, const char *mailbox)
{
    char text[100];

    snprintf(text, sizeof text, "%s: a holder of its lock died", mailbox);
    fixture_trouble(ctx, text);
}

/* Makes the directory in tmp, or in /tmp if that is NULL. */
static inline void fixture_begin_in(struct fixture *f, const char *tmp)
{
    *f = (struct fixture){.troubles = 0};
    pthread_mutex_init(&f->mutex, NULL);
    snprintf(f->path, sizeof f->path, "%.150s/pochta_test.XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(f->path))
        exit(1);
}

static inline void fixture_begin(struct fixture *f)
{
    fixture_begin_in(f, getenv("TMPDIR"));
}

static inline void fixture_end(struct fixture *f)
{
    if (!os_file_remove_tree(OS_FILE_CWD, f->path))
        diag("%s is left", f->path);
    pthread_mutex_destroy(&f->mutex);
}

static inline struct store *fixture_open(struct fixture *f, bool server)
{
    const char *why;
    const struct store_events events = {.trouble = fixture_trouble, .died = fixture_died, .ctx = f};
    struct store *s = store_open(f->path, server, events, &why);

    if (!s) {
        diag("store_open: %s", why);
        exit(1);
    }
    s->second_look_ms = 0;
    return s;
}

/* Makes an account and opens its mailbox. */
static inline struct mailbox *fixture_account(struct store *s, const char *name)
{
    struct who who = {.generation = ""};
    struct mailbox *mb = NULL;

    snprintf(who.name, sizeof who.name, "%s", name);
    is_int(account_register(s, name, "hash"), ST_OK, "register %s", name);
    is_int(mailbox_open(s, &who, &mb), ST_OK, "open the mailbox of %s", name);
    return mb;
}

static inline struct mailbox *fixture_mailbox(struct store *s, const char *name)
{
    struct who who = {.generation = ""};
    struct mailbox *mb = NULL;

    snprintf(who.name, sizeof who.name, "%s", name);
    is_int(mailbox_open(s, &who, &mb), ST_OK, "open the mailbox of %s", name);
    return mb;
}

/* As if the store had been open for hours, with a steady clock. */
static inline void fixture_steady(struct store *s)
{
    s->age.steady -= 2 * AGE_STEADY_S;
}

/* Delivers a text without a token. Returns its id, or 0. */
static inline uint32_t fixture_deliver(struct mailbox *mb, const char *from, const char *text)
{
    struct mail m;

    return delivery_put(mb, from, span_str(text), SPAN(""), &m, NULL) == ST_OK ? m.id : 0;
}

/* Reads a whole body and compares it. ST_DAMAGED also if it is another body. */
static inline enum status fixture_body(struct mailbox *mb, const struct mail *m, struct span want)
{
    struct reader r = {.waited = false};
    struct span piece;
    size_t n = 0;
    bool same = true;
    enum status st = reader_open(&r, mb, m);

    if (st != ST_OK)
        return st;
    while ((st = reader_next(&r, &piece)) == ST_OK && piece.n > 0) {
        same = same && piece.n <= READER_BYTES && span_eq(piece, span_first(want, piece.n));
        want = span_skip(want, piece.n);
        n += piece.n;
    }
    reader_close(&r);
    return st == ST_OK && (!same || want.n > 0 || n != m->size) ? ST_DAMAGED : st;
}

/* The same for the message with an id. */
static inline enum status fixture_text(struct mailbox *mb, uint32_t id, const char *text)
{
    struct mail m;
    enum status st = messages_find(mb, id, &m);

    return st == ST_OK ? fixture_body(mb, &m, span_str(text)) : st;
}

/* The directory of an account. */
static inline int fixture_directory(const struct fixture *f, const char *name)
{
    char path[400];

    snprintf(path, sizeof path, "%s/users/%s", f->path, name);
    return os_file_open_dir(path);
}

struct fixture_search {
    const char *start;
    char *found;
};

static inline bool fixture_match(void *ctx, const char *name)
{
    struct fixture_search *s = ctx;

    if (strncmp(name, s->start, strlen(s->start)) == 0)
        snprintf(s->found, MESSAGE_FILE_NAME_BYTES, "%s", name);
    return true;
}

/* Finds a file in a directory by the start of its name. False: there is none. */
static inline bool fixture_file(int dir, const char *start, char found[MESSAGE_FILE_NAME_BYTES])
{
    struct fixture_search s = {start, found};

    found[0] = '\0';
    return os_file_each(dir, fixture_match, &s) && found[0];
}

static inline uint64_t fixture_measure(void *ctx, const struct mail *m)
{
    (void)ctx;
    return m->size;
}

static inline bool fixture_delete(void *ctx, const char *name)
{
    struct who who;
    struct account a;

    return account_find(ctx, name, &who, &a) == ST_OK && account_delete(ctx, &who) == ST_OK;
}

/* For a stop callback: goes on to the end. */
static inline bool fixture_never(void *ctx)
{
    (void)ctx;
    return false;
}

/* Deletes all accounts, and those that were deleted before. */
static inline void fixture_clear(struct store *s)
{
    store_each_user(s, fixture_delete, s);
    deleted_accounts_purge(s, fixture_never, NULL);
}

#endif
