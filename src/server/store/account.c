#include "store/account.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "os/file.h"
#include "os/random.h"
#include "store/mailbox.h"
#include "store/store_private.h"

#define FILE_LIMIT 1024

/* What an account is before anything is said of it. */
static const struct account fresh = {.quota_bytes = ACCOUNT_QUOTA_STANDARD,
                                     .quota_messages = ACCOUNT_QUOTA_STANDARD};

/*
 * The file "account"; the lines after the third are there only where they say something:
 *
 *     pochta-account 1
 *     generation 0123456789abcdef
 *     password $y$...
 *     disabled yes
 *     quota-bytes 1000000
 *     quota-messages 100
 */
static void format(struct buf *out, const struct who *who, const struct account *a)
{
    buf_printf(out, "pochta-account 1\ngeneration %s\npassword %s\n", who->generation, a->hash);
    if (a->disabled)
        buf_add_str(out, "disabled yes\n");
    if (a->quota_bytes != ACCOUNT_QUOTA_STANDARD)
        buf_printf(out, "quota-bytes %" PRIu64 "\n", a->quota_bytes);
    if (a->quota_messages != ACCOUNT_QUOTA_STANDARD)
        buf_printf(out, "quota-messages %" PRIu64 "\n", a->quota_messages);
}

static bool write_file(int dir, const struct who *who, const struct account *a)
{
    struct buf text;
    bool ok;

    buf_init(&text, FILE_LIMIT);
    format(&text, who, a);
    ok = buf_ok(&text) && os_file_replace(dir, STORE_ACCOUNT, buf_span(&text));
    buf_free(&text);
    return ok;
}

/* Takes "key value\n" off the front of s. False: another line is there, or value has no room. */
static bool take_line(struct span *s, struct span key, char *value, size_t size)
{
    struct span rest = *s, line;

    if (!span_cut(&rest, '\n', &line) || !span_starts(line, key))
        return false;
    line = span_skip(line, key.n);
    if (line.n >= size || memchr(line.p, '\0', line.n))
        return false;
    memcpy(value, line.p, line.n);
    value[line.n] = '\0';
    *s = rest;
    return true;
}

/* The same for a line that may be missing; value is left alone then. */
static bool take_number(struct span *s, struct span key, uint64_t *value)
{
    char digits[24];

    if (!span_starts(*s, key))
        return true;
    return take_line(s, key, digits, sizeof digits) &&
           span_u64(span_str(digits), UINT64_MAX, value);
}

bool account_parse(struct span s, struct who *who, struct account *a)
{
    char version[8], disabled[8] = "";

    *a = fresh;
    if (!take_line(&s, SPAN("pochta-account "), version, sizeof version) ||
        strcmp(version, "1") != 0 ||
        !take_line(&s, SPAN("generation "), who->generation, sizeof who->generation) ||
        strlen(who->generation) != STORE_GENERATION_DIGITS ||
        !take_line(&s, SPAN("password "), a->hash, sizeof a->hash))
        return false;
    a->disabled = take_line(&s, SPAN("disabled "), disabled, sizeof disabled);
    return take_number(&s, SPAN("quota-bytes "), &a->quota_bytes) &&
           take_number(&s, SPAN("quota-messages "), &a->quota_messages) && s.n == 0;
}

enum status account_read(struct store *s, int dir, struct who *who, struct account *a)
{
    struct buf file;
    enum status st = ST_OK;

    buf_init(&file, FILE_LIMIT);
    if (!os_file_load(dir, STORE_ACCOUNT, &file)) {
        st = status_of_errno(errno);
        store_trouble(s, "account %s: its file cannot be read (errno %d)", who->name, errno);
    } else if (!account_parse(buf_span(&file), who, a)) {
        st = ST_IO;
        store_trouble(s, "account %s: its file is damaged", who->name);
    }
    buf_free(&file);
    return st;
}

/*
 * Makes a directory with all of an account in it, its invite (or NULL) at last, so that it is
 * durable before it appears.
 */
static enum status make_directory(struct store *s, const char *temporary, const struct who *who,
                                  const struct account *a, const char *invite)
{
    enum status st = ST_OK;
    int dir;

    if (!os_file_make_dir(s->new, temporary))
        return status_of_errno(errno);
    dir = os_file_open_subdir(s->new, temporary);
    if (dir < 0)
        return status_of_errno(errno);
    if (!write_file(dir, who, a) || !os_file_sync_dir(dir))
        st = status_of_errno(errno);
    if (st == ST_OK && invite)
        st = invite_take(s, invite, dir);
    os_file_close(dir);
    return st;
}

void account_discard(struct store *s, const char *temporary)
{
    int dir = os_file_open_subdir(s->new, temporary);
    bool given = dir >= 0 ? invite_give_back(s, dir) : errno == ENOENT || errno == ENOTDIR;

    if (!given)
        store_trouble(s, "half an account, %s, is left as it is (errno %d)", temporary, errno);
    else if (!os_file_remove_tree(s->new, temporary) && errno != ENOENT)
        store_trouble(s, "half an account, %s, cannot be removed (errno %d)", temporary, errno);
    os_file_close(dir);
}

enum status account_register(struct store *s, const char *name, const char *hash)
{
    return account_register_invited(s, name, hash, NULL);
}

enum status account_register_invited(struct store *s, const char *name, const char *hash,
                                     const char *invite)
{
    struct account a = fresh;
    struct who who;
    char temporary[STORE_FILE_BYTES];
    enum status st = store_check_space(s, FILE_LIMIT);

    if (st != ST_OK)
        return st;
    if (commit_failed(&s->users_commit) || (invite && commit_failed(&s->invites_commit)))
        return ST_READ_ONLY;
    if (os_file_exists(s->users, name))
        return ST_USER_EXISTS;
    snprintf(who.name, sizeof who.name, "%s", name);
    os_random_hex(who.generation, STORE_GENERATION_DIGITS);
    snprintf(temporary, sizeof temporary, "%s-%s", name, who.generation);
    snprintf(a.hash, sizeof a.hash, "%s", hash);
    st = make_directory(s, temporary, &who, &a, invite);
    os_crypt_wipe(a.hash, sizeof a.hash);
    if (st == ST_OK && !os_file_rename_new(s->new, temporary, s->users, name))
        st = errno == EEXIST || errno == ENOTEMPTY ? ST_USER_EXISTS : status_of_errno(errno);
    if (st != ST_OK) {
        account_discard(s, temporary);
        return st;
    }
    if (commit_sync(&s->users_commit, s->users))
        return ST_OK;
    store_trouble(s, "account %s: sync failed after it was made", name);
    return ST_UNKNOWN;
}

enum status account_find(struct store *s, const char *name, struct who *who, struct account *a)
{
    int dir = os_file_open_subdir(s->users, name);
    enum status st;

    if (dir < 0)
        return errno == ENOENT ? ST_NO_USER : status_of_errno(errno);
    snprintf(who->name, sizeof who->name, "%s", name);
    st = account_read(s, dir, who, a);
    os_file_close(dir);
    return st;
}

/* With the lock held. */
static enum status rewrite(struct mailbox *mb, void (*change)(void *ctx, struct account *a),
                           void *ctx)
{
    struct who who = mb->who;
    struct account a;
    enum status st = account_read(mb->store, mb->dir, &who, &a);

    if (st != ST_OK)
        return st;
    change(ctx, &a);
    if (write_file(mb->dir, &mb->who, &a))
        mailbox_set_quota(mb, &a);
    else
        st = status_of_errno(errno);
    os_crypt_wipe(a.hash, sizeof a.hash);
    return st;
}

enum status account_change(struct store *s, const struct who *who,
                           void (*change)(void *ctx, struct account *a), void *ctx)
{
    struct mailbox *mb;
    enum status st = mailbox_open(s, who, &mb);

    if (st != ST_OK)
        return st;
    if (commit_failed(&mb->commit))
        st = ST_READ_ONLY;
    if (st == ST_OK)
        st = mailbox_lock(mb);
    if (st == ST_OK) {
        st = rewrite(mb, change, ctx);
        mailbox_unlock(mb);
    }
    if (st == ST_OK && !commit_sync(&mb->commit, mb->dir)) {
        store_trouble(s, "account %s: sync failed after it was changed", who->name);
        st = ST_UNKNOWN;
    }
    mailbox_close(mb);
    return st;
}

struct new_hash {
    const char *old; /* NULL: whatever it is */
    const char *hash;
    bool refused;
};

static void set_hash(void *ctx, struct account *a)
{
    struct new_hash *n = ctx;

    n->refused = n->old && strcmp(n->old, a->hash) != 0;
    if (!n->refused)
        snprintf(a->hash, sizeof a->hash, "%s", n->hash);
}

enum status account_set_hash(struct store *s, const struct who *who, const char *hash)
{
    struct new_hash n = {.hash = hash};

    return account_change(s, who, set_hash, &n);
}

enum status account_replace_hash(struct store *s, const struct who *who, const char *old,
                                 const char *hash)
{
    struct new_hash n = {.old = old, .hash = hash};
    enum status st = account_change(s, who, set_hash, &n);

    return n.refused ? ST_WRONG_PASSWORD : st;
}

/* With the lock held: one rename takes the whole account away. */
static enum status move_away(struct store *s, struct mailbox *mb)
{
    char removed[STORE_FILE_BYTES];

    snprintf(removed, sizeof removed, "%s-%s", mb->who.name, mb->who.generation);
    if (!os_file_rename_new(s->users, mb->who.name, s->removed, removed))
        return status_of_errno(errno);
    mailbox_bury(mb);
    return ST_OK;
}

enum status account_delete(struct store *s, const struct who *who)
{
    struct mailbox *mb;
    enum status st;

    if (commit_failed(&s->users_commit) || commit_failed(&s->removed_commit))
        return ST_READ_ONLY;
    st = mailbox_open(s, who, &mb);
    if (st != ST_OK)
        return st;
    st = mailbox_lock(mb);
    if (st == ST_OK) {
        st = move_away(s, mb);
        mailbox_unlock(mb);
    }
    mailbox_close(mb);
    if (st != ST_OK)
        return st;
    if (commit_sync(&s->removed_commit, s->removed) && commit_sync(&s->users_commit, s->users))
        return ST_OK;
    store_trouble(s, "account %s: sync failed after it was deleted", who->name);
    return ST_UNKNOWN;
}
