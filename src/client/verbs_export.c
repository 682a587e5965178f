/* SPDX-License-Identifier: ISC */
#include "client/verbs_export.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "client/language.h"
#include "client/mail.h"
#include "client/mbox.h"
#include "client/output.h"
#include "client/progress.h"
#include "client/verbs_ids.h"
#include "client/verbs_read.h"
#include "mime/envelope.h"
#include "os/error.h"

/* The names of the messages that the mbox has. */
struct names {
    char **name;
    size_t n, cap;
};

/* Where the messages go. */
struct export
{
    const char *path;
    bool is_mbox;
    struct maildir maildir;
    struct mbox mbox;
    struct names names;
    struct mail mail;
    uint64_t copied, there; /* messages */
};

static enum error_code cannot(const struct export *x)
{
    const char *why = _(os_error_text(errno));
    if (errno == ENOTDIR)
        why = _("this is not a Maildir");
    else if (errno == EAGAIN)
        why = _("another program is writing to it");
    return error_say(ERROR_IO, _("cannot write %s: %s"), x->path, why);
}

static bool note_mark(struct names *names, struct span header)
{
    struct span value;
    if (!envelope_field(header, ENVELOPE_MARK, &value))
        return true;
    while (value.n > 0 && value.p[value.n - 1] <= ' ')
        value.n--;
    while (value.n > 0 && value.p[0] == ' ')
        value = span_skip(value, 1);
    if (names->n == names->cap) {
        size_t cap = names->cap * 2 + 64;
        void *more = realloc(names->name, cap * sizeof *names->name);
        if (!more)
            return false;
        names->name = more;
        names->cap = cap;
    }
    char *name = malloc(value.n + 1);
    if (!name)
        return false;
    memcpy(name, value.p, value.n);
    name[value.n] = '\0';
    names->name[names->n++] = name;
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Notes which messages the mbox has. Of very large ones only the header is read. */
static enum error_code read_mbox(struct export *x)
{
    enum mbox_result result = MBOX_NONE;
    struct mbox_mail m;
    bool ok = true;
    buf_init(&m.line, 1000);
    buf_init(&m.mail, 1000000);
    while (ok && (result = mbox_next(&x->mbox, &m)) == MBOX_ONE)
        ok = note_mark(&x->names, envelope_header(buf_span(&m.mail)));
    enum error_code code = ERROR_NONE;
    if (!ok)
        code = error_say(ERROR_SOFTWARE, _("out of memory"));
    else if (result == MBOX_NONE)
        code = error_say(ERROR_IO, _("cannot write %s: this file is not an mbox"), x->path);
    else if (result == MBOX_FAILED)
        code = cannot(x);
    else if (x->names.n > 0)
        qsort(x->names.name, x->names.n, sizeof *x->names.name, by_name);
    buf_free(&m.line);
    buf_free(&m.mail);
    return code;
}

static enum error_code open_path(struct export *x, const char *format)
{
    x->is_mbox = format && strcmp(format, "mbox") == 0;
    if (x->is_mbox)
        return mbox_open_to_add(&x->mbox, x->path) ? read_mbox(x) : cannot(x);
    if (!format || strcmp(format, "maildir") != 0)
        return error_say(ERROR_USAGE, _("export: give --format maildir or --format mbox"));
    return maildir_open(&x->maildir, x->path, true) && maildir_list(&x->maildir) ? ERROR_NONE
                                                                                 : cannot(x);
}

static bool has(const struct export *x)
{
    const char *name = x->mail.name;
    if (!x->is_mbox)
        return maildir_has(&x->maildir, name);
    return x->names.n > 0 &&
           bsearch(&name, x->names.name, x->names.n, sizeof *x->names.name, by_name);
}

static bool add(struct export *x, bool seen)
{
    const struct mail *m = &x->mail;
    if (x->is_mbox)
        return mbox_add(&x->mbox, m->name, SPAN("pochta"), &m->utc, seen, buf_span(&m->text));
    return maildir_add(&x->maildir, m->name, buf_span(&m->text), seen, m->date);
}

/* Deletes a message only after its copy is on stable storage. */
static enum error_code export_one(struct verbs_ids *walk)
{
    struct export *x = walk->ctx;
    struct verbs_run *run = walk->run;
    struct message m;
    enum error_code code = verbs_ids_message(walk, false, &m);
    walk->stop = link_lacks(&run->call.link);
    if (code != ERROR_NONE)
        return code;
    mail_make(&x->mail, &m, run->user, &run->place);
    if (!buf_ok(&x->mail.text)) {
        walk->stop = true;
        return error_say(ERROR_SOFTWARE, _("out of memory"));
    }
    if (has(x)) {
        x->there++;
    } else if (add(x, m.state != MESSAGE_UNREAD)) {
        x->copied++;
    } else {
        walk->stop = true;
        return cannot(x);
    }
    enum reply_result result =
        run->options->erase ? verbs_ids_ask(walk, OP_DELETE_MESSAGE, NULL) : REPLY_OK;
    progress_show(walk->at + 1, walk->ids.n);
    return result == REPLY_OK ? ERROR_NONE : verbs_ids_failed(walk, result);
}

static enum error_code export_all(struct verbs_run *run, struct export *x)
{
    struct buf text;
    enum error_code code =
        verbs_ids_walk(run, run->nargs > 1 ? run->args[1] : "all", OP_SHOW_LIST, export_one, x);
    progress_hide();
    if (run->nargs == 1)
        code = verbs_read_maybe(code);
    buf_init(&text, 1000);
    buf_printf(&text, _("%" PRIu64 " exported, %" PRIu64 " there already\n"), x->copied, x->there);
    enum error_code written = output_text(&text);
    buf_free(&text);
    return code == ERROR_NONE ? written : code;
}

enum error_code verbs_export_export(struct verbs_run *run)
{
    struct export x = {
        .path = run->args[0], .maildir = {-1, -1, -1, -1, NULL, 0, 0}, .mbox.fd = -1};
    if (run->nargs > 2)
        return error_say(ERROR_USAGE, _("export: too many arguments: pochta export PATH [IDS]"));
    if (link_version(&run->call.link) < 2) /* nothing is made in vain; this is not sent */
        return verbs_run_ask(run, "export", OP_PEEK, NULL, 0);
    buf_init(&x.mail.text, SIZE_MAX / 2);
    enum error_code code = open_path(&x, run->options->format);
    if (code == ERROR_NONE)
        code = export_all(run, &x);
    maildir_close(&x.maildir);
    mbox_close(&x.mbox);
    for (size_t i = 0; i < x.names.n; i++)
        free(x.names.name[i]);
    free(x.names.name);
    buf_free(&x.mail.text);
    return code;
}
