/* SPDX-License-Identifier: ISC */
/*
 * Whether the delivery log and the mailboxes agree. What is in the log gets its name in a moment,
 * and a server that starts recovers what it finds there: so nothing is a finding at the first look.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "os/clock.h"
#include "os/error.h"
#include "store/cache.h"
#include "store/fsck.h"
#include "store/lock_file.h"
#include "store/mailbox_private.h"
#include "store/redo_recovery.h"
#include "store/store_private.h"

#define WHAT_BYTES 128 /* a finding with an error in it */
#define LOOKS      7 /* the pauses between them double; all together are four times a second look's */

struct logged {
    struct who who;
    struct mail mail;
    bool missing;
};

struct log_check {
    struct fsck *fsck;
    char **names;
    int n_names;
    struct logged *messages; /* those that may be missing */
    size_t n, cap;
    bool no_memory;
};

static void report(struct fsck *f, const char *mailbox, const char *file, const char *what)
{
    f->findings++;
    f->finding(f->ctx, mailbox, file, what, false);
}

/* The pause before a look: none before the first. */
static void wait_before(const struct fsck *f, int look)
{
    if (look > 0)
        os_clock_sleep((int64_t)f->store->second_look_ms << look >> (LOOKS - 2));
}

static bool is_asked_for(const struct log_check *c, const char *account)
{
    char folded[NAME_BYTES + 1];
    bool asked = c->n_names == 0;
    for (int i = 0; i < c->n_names && !asked; i++)
        asked = name_fold(span_str(c->names[i]), folded) && strcmp(folded, account) == 0;
    return asked;
}

static bool add_message(void *ctx, const struct redo_message *m)
{
    struct log_check *c = ctx;
    if (!is_asked_for(c, m->who.name))
        return true;
    struct logged *more = array_room(c->messages, c->n, &c->cap, sizeof *more);
    c->no_memory = !more;
    if (!more)
        return false;
    c->messages = more;
    c->messages[c->n++] = (struct logged){.who = m->who, .mail = m->mail};
    return true;
}

static int by_account(const void *a, const void *b)
{
    const struct logged *x = a, *y = b;
    int order = strcmp(x->who.name, y->who.name);
    return order ? order : strcmp(x->who.generation, y->who.generation);
}

static int by_message(const void *a, const void *b)
{
    const struct logged *x = a, *y = b;
    int order = by_account(a, b);
    return order ? order : (x->mail.id > y->mail.id) - (x->mail.id < y->mail.id);
}

/* A purged message has left its tombstone, and one that a recovery has moved has another id. */
static bool is_there(const struct index *ix, const struct mail *m)
{
    return index_find(ix, m->id) != INDEX_NONE ||
           (m->token[0] && index_find_token(ix, m->from, m->token) != INDEX_NONE);
}

/* Looks for n messages of one account. If that is gone, or cannot be looked at, nothing is missing.
 */
static void look_for(struct log_check *c, struct logged *messages, size_t n, bool again)
{
    struct mailbox *mb;
    for (size_t i = 0; i < n; i++)
        messages[i].missing = false;
    if (mailbox_open(c->fsck->store, &messages->who, &mb) != ST_OK)
        return;
    /* In another process a file may have got its name since the directory was read. */
    if (again && !mb->store->server)
        atomic_store(&mb->doubtful, true);
    if (mailbox_lock(mb) == ST_OK) {
        for (size_t i = 0; i < n; i++)
            messages[i].missing = !is_there(mb->index, &messages[i].mail);
        mailbox_unlock(mb);
    }
    mailbox_close(mb);
}

/* Keeps those that are missing now. */
static void look_for_all(struct log_check *c, bool again)
{
    size_t missing = 0;
    for (size_t i = 0, n; i < c->n; i += n) {
        for (n = 1; i + n < c->n && by_account(&c->messages[i], &c->messages[i + n]) == 0;)
            n++;
        look_for(c, &c->messages[i], n, again);
    }
    for (size_t i = 0; i < c->n; i++)
        if (c->messages[i].missing)
            c->messages[missing++] = c->messages[i];
    c->n = missing;
}

static void report_missing(const struct log_check *c)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    for (size_t i = 0; i < c->n; i++) {
        message_file_name(&c->messages[i].mail, name);
        report(c->fsck, c->messages[i].who.name, name,
               "the delivery log has this message, but the mailbox lacks it");
    }
}

/* Looks again, since a server that starts may be about to show its recovery, and a recovery may end
 * between the two calls. */
static void check_old(struct fsck *f)
{
    char old[REDO_NAME_BYTES];
    bool left = true;
    for (int look = 0; look < LOOKS && left; look++) {
        wait_before(f, look);
        left = redo_find_old(f->store->dir, old) && !lock_file_is_recovered(f->store->dir);
    }
    if (left)
        report(f, LAYOUT_LOG, old,
               "messages may be in the delivery log alone, because its recovery could not finish; "
               "remove the cause, which the server has logged, and start the server again");
}

/* Collects the messages in the log. What cannot be read is one finding, and the rest counts. */
static void collect(struct log_check *c)
{
    char what[WHAT_BYTES];
    bool ok = redo_each(c->fsck->store->dir, add_message, c);
    if (ok && !c->no_memory)
        return;
    snprintf(what, sizeof what, "it cannot be read: %s",
             os_error_text(c->no_memory ? ENOMEM : errno));
    report(c->fsck, LAYOUT_LOG, NULL, what);
}

void fsck_log(struct fsck *f, char **names, int n)
{
    struct log_check c = {.fsck = f, .names = names, .n_names = n};
    f->store->checks = !f->store->server;
    check_old(f);
    collect(&c);
    if (c.n > 0)
        qsort(c.messages, c.n, sizeof *c.messages, by_message);
    for (int look = 0; look < LOOKS && c.n > 0; look++) {
        wait_before(f, look);
        look_for_all(&c, look > 0);
    }
    report_missing(&c);
    free(c.messages);
}
