#include "account.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "mailbox.h"
#include "os_file.h"
#include "os_random.h"
#include "store_private.h"

#define FILE_LIMIT 1024

/*
 * The file "account":
 *
 *     pochta-account 1
 *     generation 0123456789abcdef
 *     password $y$...
 */
static size_t format(const struct who *who, const char *hash, char out[FILE_LIMIT])
{
    return (size_t)snprintf(out, FILE_LIMIT, "pochta-account 1\ngeneration %s\npassword %s\n",
                            who->generation, hash);
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

static bool parse(struct span s, struct who *who, char hash[OS_CRYPT_HASH_BYTES])
{
    char version[8];

    return take_line(&s, SPAN("pochta-account "), version, sizeof version) &&
           strcmp(version, "1") == 0 &&
           take_line(&s, SPAN("generation "), who->generation, sizeof who->generation) &&
           strlen(who->generation) == STORE_GENERATION_DIGITS &&
           take_line(&s, SPAN("password "), hash, OS_CRYPT_HASH_BYTES);
}

enum status account_read(struct store *s, int dir, struct who *who, char *hash)
{
    struct buf file;
    char unwanted[OS_CRYPT_HASH_BYTES] = "";
    enum status st = ST_OK;

    buf_init(&file, FILE_LIMIT);
    if (!os_file_load(dir, STORE_ACCOUNT, &file)) {
        st = status_of_errno(errno);
        store_trouble(s, "account %s: its file cannot be read (errno %d)", who->name, errno);
    } else if (!parse(buf_span(&file), who, hash ? hash : unwanted)) {
        st = ST_IO;
        store_trouble(s, "account %s: its file is damaged", who->name);
    }
    buf_free(&file);
    return st;
}

/* Fills the directory of an account to be, so that it is durable as a whole before it appears. */
static enum status fill(int dir, const struct who *who, const char *hash)
{
    char text[FILE_LIMIT];
    size_t n = format(who, hash, text);

    if (!os_file_replace(dir, STORE_ACCOUNT, span_of(text, n)) || !os_file_sync_dir(dir))
        return status_of_errno(errno);
    return ST_OK;
}

static enum status make_directory(struct store *s, const char *temporary, const struct who *who,
                                  const char *hash)
{
    enum status st;
    int dir;

    if (!os_file_make_dir(s->new, temporary))
        return status_of_errno(errno);
    dir = os_file_open_subdir(s->new, temporary);
    if (dir < 0)
        return status_of_errno(errno);
    st = fill(dir, who, hash);
    os_file_close(dir);
    return st;
}

enum status account_register(struct store *s, const char *name, const char *hash)
{
    struct who who;
    char temporary[STORE_FILE_BYTES];
    enum status st = store_check_space(s, FILE_LIMIT);

    if (st != ST_OK)
        return st;
    if (commit_failed(&s->users_commit))
        return ST_READ_ONLY;
    if (os_file_exists(s->users, name))
        return ST_USER_EXISTS;
    snprintf(who.name, sizeof who.name, "%s", name);
    os_random_hex(who.generation, STORE_GENERATION_DIGITS);
    snprintf(temporary, sizeof temporary, "%s-%s", name, who.generation);
    st = make_directory(s, temporary, &who, hash);
    if (st == ST_OK && !os_file_rename_new(s->new, temporary, s->users, name))
        st = errno == EEXIST || errno == ENOTEMPTY ? ST_USER_EXISTS : status_of_errno(errno);
    if (st != ST_OK) {
        os_file_remove_tree(s->new, temporary);
        return st;
    }
    if (commit_sync(&s->users_commit, s->users))
        return ST_OK;
    store_trouble(s, "account %s: sync failed after it was made", name);
    return ST_UNKNOWN;
}

enum status account_find(struct store *s, const char *name, struct who *who,
                         char hash[OS_CRYPT_HASH_BYTES])
{
    int dir = os_file_open_subdir(s->users, name);
    enum status st;

    if (dir < 0)
        return errno == ENOENT ? ST_NO_USER : status_of_errno(errno);
    snprintf(who->name, sizeof who->name, "%s", name);
    st = account_read(s, dir, who, hash);
    os_file_close(dir);
    return st;
}

enum status account_set_hash(struct store *s, const struct who *who, const char *hash)
{
    struct mailbox *mb;
    char text[FILE_LIMIT];
    size_t n = format(who, hash, text);
    enum status st = mailbox_open(s, who, &mb);

    if (st != ST_OK)
        return st;
    if (commit_failed(&mb->commit))
        st = ST_READ_ONLY;
    if (st == ST_OK)
        st = mailbox_lock(mb);
    if (st == ST_OK) {
        if (!os_file_replace(mb->dir, STORE_ACCOUNT, span_of(text, n)))
            st = status_of_errno(errno);
        mailbox_unlock(mb);
    }
    if (st == ST_OK && !commit_sync(&mb->commit, mb->dir)) {
        store_trouble(s, "account %s: sync failed after its password was changed", who->name);
        st = ST_UNKNOWN;
    }
    mailbox_close(mb);
    return st;
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
