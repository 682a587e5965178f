/* SPDX-License-Identifier: ISC */
#include "client/sent.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "client/error.h"
#include "client/language.h"
#include "client/maildir.h"
#include "client/rows.h"
#include "mime/envelope.h"
#include "mime/parts.h"
#include "os/clock.h"
#include "os/environment.h"
#include "os/error.h"

#define SENT_DIR "sent"

static const char *sent_place; /* see sent_set_place */

void sent_set_place(const char *place)
{
    sent_place = place;
}

/* Where the copies are. False: they are not wanted, or the directory cannot be made. */
static bool find_place(char path[OS_FILE_PATH_BYTES])
{
    struct state_dir dir;
    if (sent_place && strcmp(sent_place, "no") == 0)
        return false;
    if (sent_place) {
        const char *home = strncmp(sent_place, "~/", 2) == 0 ? os_environment_home() : NULL;
        snprintf(path, OS_FILE_PATH_BYTES, "%s%s", home ? home : "", sent_place + (home ? 1 : 0));
        return true;
    }
    if (!state_data_open(&dir, SENT_DIR)) {
        error_say(ERROR_NONE, _("the letter was sent, but no copy is kept: %s: %s"), dir.path,
                  dir.why);
        return false;
    }
    state_dir_close(&dir);
    memcpy(path, dir.path, sizeof dir.path);
    return true;
}

/* How many have the letter, and in *token the token of the first of them. */
static size_t count_sent(const struct draft *d, const char **token)
{
    size_t n = 0;
    for (size_t i = d->nto; i-- > 0;)
        if (d->to[i].mark == DRAFT_SENT) {
            *token = d->to[i].token;
            n++;
        }
    return n;
}

/* The letter as mail, whose text is at *out. */
static bool make_mail(const struct draft *d, const char *name, int64_t now, struct buf *out)
{
    struct address_place place = {.host = ""};
    const char *to[DRAFT_TO_MAX];
    struct tm utc;
    struct envelope e = {
        .to = to,
        .from = span_str(d->user),
        .id = span_str(name),
        .subject = parts_is_mime(buf_span(&d->text)) ? SPAN("") : rows_subject(buf_span(&d->text)),
        .utc = &utc};
    for (size_t i = 0; i < d->nto; i++)
        if (d->to[i].mark == DRAFT_SENT)
            to[e.nto++] = d->to[i].name;
    address_parse_place(buf_span(&d->server), &place);
    e.host = span_str(place.host);
    os_clock_utc(now, &utc);
    return envelope_add(out, &e, buf_span(&d->text));
}

/* Whether a copy is of this letter: its name has the token of one who has it. */
static bool is_copy(const struct draft *d, const char *name)
{
    for (size_t i = 0; i < d->nto; i++)
        if (d->to[i].mark == DRAFT_SENT && strstr(name, d->to[i].token))
            return true;
    return false;
}

/* Removes older copies of the letter, which have fewer recipients. */
static bool remove_older(struct maildir *m, const struct draft *d, const char *name)
{
    for (size_t i = 0; i < m->n; i++) {
        struct span base = maildir_base(m->files[i].name);
        if (is_copy(d, m->files[i].name) && !span_eq(base, span_str(name)) &&
            !maildir_remove(m, &m->files[i]))
            return false;
    }
    return true;
}

static bool keep(const struct draft *d, const char *path)
{
    struct maildir m;
    struct buf mail;
    char name[MAILDIR_NAME_BYTES];
    const char *token = "";
    size_t n = count_sent(d, &token);
    int64_t now = os_clock_now();
    buf_init(&mail, SIZE_MAX / 2);
    /* More have it each time. */
    snprintf(name, sizeof name, "%" PRId64 ".P%sN%zu.%s", now, token, n, d->user);
    bool ok = maildir_open(&m, path, true) && maildir_list(&m);
    if (ok && !make_mail(d, name, now, &mail)) {
        errno = ENOMEM;
        ok = false;
    }
    ok = ok && maildir_add(&m, name, buf_span(&mail), true, now) && remove_older(&m, d, name);
    int saved = errno;
    maildir_close(&m);
    buf_free(&mail);
    errno = saved;
    return ok;
}

void sent_keep(const struct draft *d)
{
    char path[OS_FILE_PATH_BYTES];
    if (find_place(path) && !keep(d, path))
        error_say(ERROR_NONE, _("the letter was sent, but no copy is kept: %s: %s"), path,
                  errno == ENOTDIR ? _("this is not a Maildir") : _(os_error_text(errno)));
}
