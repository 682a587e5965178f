/* SPDX-License-Identifier: ISC */
#include "store/quota_warning.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "store/account.h"
#include "store/delivery.h"
#include "store/mailbox_private.h"
#include "store/quota.h"
#include "store/store_private.h"

#define LETTER_BYTES 1024

/* The part of a quota below which the next warning may be sent: 80 percent for 90. */
static uint64_t armed_below(uint64_t percent)
{
    return percent - percent / 9;
}

bool quota_warning_is_due(struct mailbox *mb)
{
    return atomic_load(&mb->warning_due);
}

/* --- writing down --- */

/*
 * What to write into an account's file. done: it says so already, because another thread was first.
 */
struct note {
    uint64_t warnings;
    bool warned, done;
};

static void write_note(void *ctx, struct account *a)
{
    struct note *n = ctx;
    n->done = a->warnings > n->warnings || (a->warnings == n->warnings && a->warned == n->warned);
    if (n->done)
        return;
    a->warnings = n->warnings;
    a->warned = n->warned;
}

enum status quota_warning_arm(struct mailbox *mb)
{
    uint64_t percent = mb->store->limits.quota_warning;
    struct note n = {.warned = false};
    struct quota_use u;
    if (percent == 0 || (mailbox_is_current(mb) && !atomic_load(&mb->warned)) ||
        mailbox_is_read_only(mb))
        return ST_OK;
    enum status st = mailbox_lock(mb);
    if (st != ST_OK)
        return st;
    n.warnings = mb->warnings;
    quota_use(mb, true, &u);
    bool emptied = atomic_load(&mb->warned) && !quota_reaches(&u, armed_below(percent));
    mailbox_unlock(mb);
    if (emptied)
        account_change(mb->store, &mb->who, write_note, &n);
    return ST_OK;
}

/* --- the letter --- */

static void write_letter(struct buf *text, const struct quota_use *u, uint64_t percent)
{
    static const char *const units[] = {[QUOTA_BYTES] = "bytes of mail",
                                        [QUOTA_MESSAGES] = "messages",
                                        [QUOTA_DISK] = "bytes on the disk"};
    buf_add_str(text, "Your mailbox is nearly full\n\nUsed:\n");
    for (enum quota i = 0; i < QUOTAS; i++)
        if (u->allowed[i] > 0)
            buf_printf(text, "  %" PRIu64 " of %" PRIu64 " %s\n", u->used[i], u->allowed[i],
                       units[i]);
    buf_printf(
        text,
        "\nA full mailbox receives no more mail. Delete what you do not need. Deleted "
        "messages\ncount until they are purged: when they can no longer be restored, or "
        "earlier if new\nmail needs the space.\n\nThe mail server wrote this message, and "
        "does not read replies. It writes another one\nonly after usage has fallen below %" PRIu64
        " %%.\n",
        armed_below(percent));
}

/* The letter that is due. False: none is. Takes the lock. */
static enum status prepare(struct mailbox *mb, struct buf *text, struct note *n,
                           struct quota_warning *w)
{
    uint64_t percent = mb->store->limits.quota_warning;
    struct quota_use u;
    enum status st = mailbox_lock(mb);
    if (st != ST_OK)
        return st;
    quota_use(mb, true, &u);
    bool due = percent > 0 && !atomic_load(&mb->warned) && quota_reaches(&u, percent);
    *n = (struct note){.warnings = mb->warnings + 1, .warned = true};
    *w = (struct quota_warning){u.used[QUOTA_BYTES], u.used[QUOTA_MESSAGES], mailbox_quota(mb)};
    mailbox_unlock(mb);
    if (!due)
        return ST_NO_MESSAGE;
    write_letter(text, &u, percent);
    return buf_ok(text) ? ST_OK : ST_NO_MEMORY;
}

static enum status send_letter(struct mailbox *mb, struct span text, struct note *n)
{
    char token[TOKEN_MAX + 1];
    struct mail stored;
    snprintf(token, sizeof token, "%s%08" PRIx64, mb->who.generation, n->warnings);
    enum status st = delivery_put(mb, NAME_SERVER, text, span_str(token), &stored, NULL);
    if (st == ST_OK)
        st = account_change(mb->store, &mb->who, write_note, n);
    return st == ST_OK && n->done ? ST_NO_MESSAGE : st;
}

enum status quota_warning_send(struct mailbox *mb, struct quota_warning *w)
{
    struct buf text;
    struct note n;
    if (!atomic_exchange(&mb->warning_due, false))
        return ST_NO_MESSAGE;
    buf_init(&text, LETTER_BYTES);
    enum status st = prepare(mb, &text, &n, w);
    if (st == ST_OK)
        st = send_letter(mb, buf_span(&text), &n);
    buf_free(&text);
    return st;
}
