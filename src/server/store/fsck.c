#include "store/fsck.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "os/file.h"
#include "store/invite.h"
#include "store/mailbox.h"
#include "store/reader.h"
#include "store/store_private.h"

/* What a mailbox's directory says, read apart from its index. */
struct listing {
    struct fsck *fsck;
    struct mailbox *mb;
    struct mail *mails;
    size_t n, cap;
    bool failed; /* out of memory */
};

static void report(struct listing *l, const char *file, const char *what, bool set_aside)
{
    l->fsck->findings++;
    l->fsck->finding(l->fsck->ctx, l->mb->who.name, file, what, set_aside);
}

static bool is_ours(const char *name)
{
    return strcmp(name, STORE_ACCOUNT) == 0 || strcmp(name, STORE_ACCOUNT ".new") == 0 ||
           strncmp(name, STORE_TEMPORARY, strlen(STORE_TEMPORARY)) == 0 || invite_is_taken(name);
}

static bool add_name(void *ctx, const char *name)
{
    struct listing *l = ctx;
    struct mail *more;

    if (l->n == l->cap) {
        l->cap = l->cap ? l->cap * 2 : 64;
        more = realloc(l->mails, l->cap * sizeof *more);
        l->failed = !more;
        if (!more)
            return false;
        l->mails = more;
    }
    if (mail_parse_file_name(name, &l->mails[l->n]))
        l->n++;
    else if (!is_ours(name))
        report(l, name, "not the name of a message", false);
    return true;
}

static int by_id(const void *a, const void *b)
{
    const struct mail *x = a, *y = b;

    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return (x->state == MAIL_BROKEN) - (y->state == MAIL_BROKEN);
}

static int by_token(const void *a, const void *b)
{
    const struct mail *x = a, *y = b;
    int order = strcmp(x->token, y->token);

    if (order == 0)
        order = strcmp(x->from, y->from);
    return order ? order : by_id(a, b);
}

/* With the lock held: the name says broken from now on. False, and no harm done, if it cannot. */
static bool set_aside(struct listing *l, const struct mail *m)
{
    char from[MAIL_FILE_BYTES], to[MAIL_FILE_BYTES];
    struct mail broken = *m;

    if (!l->fsck->repair || m->state == MAIL_BROKEN)
        return false;
    broken.state = MAIL_BROKEN;
    mail_file_name(m, from);
    mail_file_name(&broken, to);
    atomic_store(&l->mb->doubtful, true);
    return os_file_rename_new(l->mb->dir, from, l->mb->dir, to);
}

static void find_duplicates(struct listing *l,
                            bool (*same)(const struct mail *a, const struct mail *b),
                            const char *what)
{
    char name[MAIL_FILE_BYTES];

    for (size_t i = 1; i < l->n; i++) {
        struct mail *m = &l->mails[i];
        bool aside;

        if (m->state == MAIL_BROKEN || !same(&l->mails[i - 1], m))
            continue;
        mail_file_name(m, name);
        aside = set_aside(l, m);
        report(l, name, what, aside);
        if (aside)
            m->state = MAIL_BROKEN;
    }
}

static bool same_id(const struct mail *a, const struct mail *b)
{
    return a->id == b->id;
}

static bool same_token(const struct mail *a, const struct mail *b)
{
    return a->token[0] && strcmp(a->token, b->token) == 0 && strcmp(a->from, b->from) == 0;
}

/* What is renamed and not yet synced is pending in the index, and unread in its name. */
static bool equal(const struct mail *file, const struct mail *index)
{
    struct mail m = *index;

    if (m.state == MAIL_PENDING)
        m.state = MAIL_UNREAD;
    return file->id == m.id && strcmp(file->token, m.token) == 0 &&
           strcmp(file->from, m.from) == 0 && file->state == m.state && file->time == m.time &&
           file->size == m.size && file->escapes == m.escapes && file->line == m.line &&
           file->line_esc == m.line_esc;
}

/* Of several with one id, which only a stranger can have made, the index has each. */
static bool index_says_so(const struct index *ix, const struct mail *file)
{
    struct mail m;

    for (size_t i = index_seek(ix, file->id); i < index_count(ix); i++) {
        index_get(ix, i, &m);
        if (m.id != file->id || equal(file, &m))
            return m.id == file->id;
    }
    return false;
}

static void compare_index(struct listing *l)
{
    char name[MAIL_FILE_BYTES];
    struct index *ix = l->mb->index;
    size_t gone = 0;
    struct mail m;

    for (size_t i = 0; i < l->n; i++) {
        if (i > 0 && same_id(&l->mails[i - 1], &l->mails[i]))
            continue;
        if (index_says_so(ix, &l->mails[i]))
            continue;
        mail_file_name(&l->mails[i], name);
        report(l, name, "the index says otherwise", false);
    }
    for (size_t i = 0; i < index_count(ix); i++) {
        index_get(ix, i, &m);
        gone += m.state == MAIL_GONE;
    }
    if (index_count(ix) - gone != l->n)
        report(l, NULL, "the index counts other messages than there are files", false);
}

/* With the lock held: all that can be told from names alone. */
static enum status check_names(struct listing *l)
{
    if (!os_file_each(l->mb->dir, add_name, l))
        return status_of_errno(errno);
    if (l->failed)
        return ST_NO_MEMORY;
    qsort(l->mails, l->n, sizeof *l->mails, by_token);
    find_duplicates(l, same_token, "another message has this token of this sender");
    qsort(l->mails, l->n, sizeof *l->mails, by_id);
    find_duplicates(l, same_id, "another file has this id");
    if (!atomic_load(&l->mb->doubtful))
        compare_index(l);
    return ST_OK;
}

/* One file, without the lock: it may be renamed or purged meanwhile, which is no finding. */
static enum status check_file(struct listing *l, const struct mail *m, struct reader *r)
{
    char name[MAIL_FILE_BYTES];
    const char *why;
    bool aside = false;

    if (m->state == MAIL_EXPUNGED || m->state == MAIL_BROKEN)
        return ST_OK;
    l->fsck->messages++;
    if (reader_check(r, l->mb, m, &why) != ST_DAMAGED)
        return ST_OK;
    if (l->fsck->repair) {
        letter_set_aside(l->mb, m->id, why);
        aside = true;
    }
    mail_file_name(m, name);
    report(l, name, why, aside);
    return ST_OK;
}

static enum status check_files(struct listing *l)
{
    struct reader *r = malloc(sizeof *r);

    if (!r)
        return ST_NO_MEMORY;
    for (size_t i = 0; i < l->n; i++)
        check_file(l, &l->mails[i], r);
    free(r);
    return ST_OK;
}

enum status fsck_mailbox(struct fsck *f, const char *name)
{
    struct who who = {.generation = ""};
    struct listing l = {.fsck = f};
    enum status st = ST_NO_USER;

    if (name_fold(span_str(name), who.name))
        st = mailbox_open(f->store, &who, &l.mb);
    if (st != ST_OK)
        return st;
    f->mailboxes++;
    st = mailbox_lock(l.mb);
    if (st == ST_OK) {
        st = check_names(&l);
        mailbox_unlock(l.mb);
    }
    if (st == ST_OK)
        st = check_files(&l);
    free(l.mails);
    mailbox_close(l.mb);
    return st;
}

static bool check_one(void *ctx, const char *name)
{
    struct fsck *f = ctx;
    char folded[NAME_BYTES + 1];
    bool is_name = name_fold(span_str(name), folded) && strcmp(folded, name) == 0;
    enum status st = is_name ? fsck_mailbox(f, name) : ST_NO_USER;

    if (st != ST_OK) {
        f->findings++;
        f->finding(f->ctx, name, NULL, st == ST_NO_USER ? "not an account" : status_text(st),
                   false);
    }
    return true;
}

static void report_invite(void *ctx, const char *file, const char *what)
{
    struct fsck *f = ctx;

    f->findings++;
    f->finding(f->ctx, "invites", file, what, false);
}

bool fsck_all(struct fsck *f)
{
    return store_each_user(f->store, check_one, f) && invite_fsck(f->store, report_invite, f);
}
