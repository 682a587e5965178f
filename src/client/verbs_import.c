/* SPDX-License-Identifier: ISC */
#include "client/verbs_import.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/digits.h"
#include "base/siphash.h"
#include "client/flags.h"
#include "client/language.h"
#include "client/mail.h"
#include "client/maildir.h"
#include "client/mbox.h"
#include "client/output.h"
#include "client/peek.h"
#include "client/progress.h"
#include "client/repeat.h"
#include "client/stored.h"
#include "mime/date.h"
#include "mime/envelope.h"
#include "os/clock.h"
#include "os/error.h"
#include "os/file.h"
#include "proto/status.h"

#define DAY_S      86400
#define LABEL      300  /* bytes of what error messages call a message */
#define AGAIN_MS   1000 /* how long to wait when the server says: too often */
#define MAIL_BYTES SETTINGS_MESSAGE_MAX

/* The flags that are not kept, and what a number of messages with one is called. */
static const struct {
    enum flags flag;
    const char *name;
} lost[] = {{FLAGS_ANSWERED, N_("answered")},
            {FLAGS_FLAGGED, N_("flagged")},
            {FLAGS_FORWARDED, N_("forwarded")},
            {FLAGS_DRAFT, N_("marked as draft")},
            {FLAGS_KEYWORD, N_("with keywords")}};

#define LOST (sizeof lost / sizeof lost[0])

struct import {
    struct verbs_run *run;
    const char *path;
    struct stored stored;
    uint64_t limit; /* bytes of a message */
    struct buf text;
    struct mail original;            /* the mail that an export would make of a message */
    uint64_t copied, there, deleted; /* messages */
    uint64_t lost[LOST];             /* flags, in the order of their names */
    bool stop;

    /* The message that is sent: */
    char date[MESSAGE_DATE_BYTES];
    char token[LINK_TOKEN_BYTES + 1];
    bool seen;
    uint64_t id; /* which it has got */
};

/* A message where it comes from. */
struct source {
    const char *label;
    struct span key; /* which one it is */
    struct span mail;
    unsigned flags;
    int64_t date; /* if its header has none, in seconds since 1970 */
};

/* The server takes dates from 1970 to tomorrow. */
static bool is_possible(int64_t date)
{
    return date >= 0 && date <= os_clock_now() + DAY_S - 60;
}

static int64_t date_of(const struct source *s)
{
    struct span value;
    int64_t date;
    if (envelope_field(envelope_header(s->mail), "Date", &value) && date_parse(value, &date) &&
        is_possible(date))
        return date;
    return is_possible(s->date) ? s->date : 0;
}

/*
 * The same at each import, so that the server recognizes what it was sent when an import before was
 * killed; another one for each time that the message was deleted since. Anyone may know the keys:
 * the source gives the first half of what is hashed.
 */
static void make_token(struct import *x, struct span key, int64_t date, uint64_t deleted)
{
    static const unsigned char keys[2][SIPHASH_KEY_BYTES] = {"pochta import 1", "pochta import 2"};
    for (size_t i = 0; i < 2; i++) {
        const uint64_t parts[] = {siphash(keys[i], key), siphash(keys[i], buf_span(&x->text)),
                                  (uint64_t)date, deleted};
        digits_put_hex(x->token + 16 * i,
                       siphash(keys[i], span_of((const char *)parts, sizeof parts)), 16);
    }
    x->token[LINK_TOKEN_BYTES] = '\0';
}

static enum reply_result dial(void *ctx)
{
    struct import *x = ctx;
    return verbs_run_dial(x->run);
}

static enum reply_result send_message(void *ctx)
{
    struct import *x = ctx;
    struct link *l = &x->run->call.link;
    struct message m;
    const struct span args[] = {span_str(x->date), x->seen ? SPAN("0") : SPAN("2"),
                                buf_span(&x->text), span_str(x->token)};
    enum reply_result result = link_ask(l, OP_IMPORT, args, sizeof args / sizeof args[0]);
    if (result == REPLY_OK)
        result = link_next_message(l, &m);
    if (result == REPLY_END)
        return reply_fail(&l->reply, REPLY_BROKEN, _("the server said Yes and sent no message"));
    if (result == REPLY_OK)
        x->id = m.id;
    return result;
}

/* Waits while the server says that it is too often. */
static enum error_code send_patiently(struct import *x, const char *label)
{
    for (;;) {
        struct repeat r = {
            .call = &x->run->call, .dial = dial, .send = send_message, .ctx = x, .in_doubt = false};
        if (repeat_send(&r) == REPEAT_DONE)
            return ERROR_NONE;
        if (r.result != REPLY_NOOP ||
            !span_starts(call_words(&x->run->call), span_str(status_text(ST_TOO_OFTEN))))
            return verbs_run_failed(x->run, label, r.result);
        os_clock_sleep(AGAIN_MS);
    }
}

/*
 * Whether the message that the server has answered with is in the mailbox. If not, it was imported
 * before and deleted: the server remembers the token. (Mark mes changes nothing: it has this
 * state.)
 */
static bool is_there(struct import *x)
{
    char id[24];
    snprintf(id, sizeof id, "%" PRIu64, x->id);
    const struct span args[] = {span_str(id), x->seen ? SPAN("0") : SPAN("2")};
    return link_ask(&x->run->call.link, OP_MARK, args, 2) != REPLY_NOOP ||
           !span_eq(call_words(&x->run->call), span_str(status_text(ST_NO_MESSAGE)));
}

static enum error_code copy(struct import *x, const struct source *s, int64_t date)
{
    struct tm utc;
    enum error_code code;
    uint64_t deleted = 0;
    os_clock_utc(date, &utc);
    message_date_format(2, &utc, x->date);
    x->seen = s->flags & FLAGS_SEEN;
    do {
        make_token(x, s->key, date, deleted);
        code = send_patiently(x, s->label);
        deleted++;
    } while (code == ERROR_NONE && !is_there(x));
    if (code != ERROR_NONE)
        return code;
    x->copied++;
    for (size_t i = 0; i < LOST; i++)
        x->lost[i] += (s->flags & lost[i].flag) != 0;
    return ERROR_NONE;
}

/* Whether the mail is what export has made of a message that is still in the mailbox. */
static enum reply_result find_original(struct import *x, struct span mail, bool *found)
{
    struct verbs_run *run = x->run;
    struct message m;
    uint64_t id;
    if (*found || !mail_origin(envelope_header(mail), run->user, &id))
        return REPLY_OK;
    enum reply_result result = peek_message(&run->call.link, id, false, &m);
    if (result != REPLY_OK)
        return result == REPLY_NOOP ? REPLY_OK : result;
    mail_make(&x->original, &m, run->user, &run->place);
    *found = mail_is_made(&x->original, mail);
    return REPLY_OK;
}

/* A message that is refused does not keep the others from their turn. */
static enum error_code import_one(struct import *x, const struct source *s)
{
    bool found = false;
    int64_t date = date_of(s);
    enum reply_result result;
    enum error_code code;
    buf_clear(&x->text);
    if (!envelope_take(&x->text, s->mail))
        code = error_say(ERROR_SOFTWARE, _("out of memory"));
    else if (x->text.n > x->limit)
        return error_say(ERROR_DATA,
                         _("%s: the message has %zu bytes, at most %" PRIu64
                           " are allowed: see --message-limit"),
                         s->label, x->text.n, x->limit);
    else if ((result = stored_find(&x->stored, &x->run->call.link, date, buf_span(&x->text),
                                   &found)) != REPLY_OK ||
             (result = find_original(x, s->mail, &found)) != REPLY_OK)
        code = verbs_run_failed(x->run, s->label, result);
    else
        code = found ? ERROR_NONE : copy(x, s, date);
    x->there += found;
    x->stop = code != ERROR_NONE && code != ERROR_DATA;
    return code;
}

static enum error_code cannot_read(const char *label)
{
    return error_say(ERROR_NO_INPUT, _("cannot read %s: %s"), label,
                     errno == ENOTDIR ? _("this is not a Maildir") : _(os_error_text(errno)));
}

/* The time in a name, or that of the file. */
static int64_t date_of_file(const struct maildir *d, const struct maildir_file *file)
{
    uint64_t number;
    int64_t date = 0;
    size_t digits = strspn(file->name, "0123456789");
    if (file->name[digits] == '.' && span_u64(span_of(file->name, digits), INT64_MAX, &number) &&
        number > 0)
        return (int64_t)number;
    return maildir_date(d, file, &date) ? date : 0;
}

static enum error_code import_file(struct import *x, const struct maildir *d,
                                   const struct maildir_file *file)
{
    char label[LABEL];
    struct buf mail;
    enum error_code code;
    snprintf(label, sizeof label, "%s/%s", file->fresh ? "new" : "cur", file->name);
    unsigned flags = flags_of_name(file->name); /* Dovecot also gives flags to what is in new/ */
    if (flags & FLAGS_DELETED) {
        x->deleted++;
        return ERROR_NONE;
    }
    buf_init(&mail, MAIL_BYTES);
    if (maildir_load(d, file, &mail)) {
        const struct source s = {label, maildir_base(file->name), buf_span(&mail), flags,
                                 date_of_file(d, file)};
        code = import_one(x, &s);
    } else {
        code = cannot_read(label);
    }
    buf_free(&mail);
    return code;
}

/* Maildirs inside, as Dovecot names them: .Sent */
static bool tell_folder(void *ctx, const char *name)
{
    const struct import *x = ctx;
    char cur[LABEL];
    struct os_file_info info;
    int dir = os_file_open_dir(x->path);
    snprintf(cur, sizeof cur, "%s/cur", name);
    if (name[0] == '.' && dir >= 0 && os_file_look(dir, cur, &info) &&
        info.kind == OS_FILE_DIRECTORY)
        error_say(ERROR_NONE, _("%s/%s is a Maildir of its own: import it by its name"), x->path,
                  name);
    os_file_close(dir);
    return true;
}

static enum error_code import_maildir(struct import *x)
{
    struct maildir d;
    enum error_code code = ERROR_NONE;
    if (!maildir_open(&d, x->path, false) || !maildir_list(&d))
        code = cannot_read(x->path);
    for (size_t i = 0; code != ERROR_NO_INPUT && i < d.n && !x->stop; i++) {
        enum error_code one = import_file(x, &d, &d.files[i]);
        code = code == ERROR_NONE ? one : code;
        progress_show(i + 1, d.n);
    }
    if (d.fd >= 0)
        os_file_each(d.fd, tell_folder, x);
    maildir_close(&d);
    return code;
}

/* The date at the end of a separator. */
static int64_t date_of_line(struct span line)
{
    struct tm tm;
    bool utc;
    size_t date = sizeof "Sun Dec  3 15:51:33 2017" - 1;
    if (line.n < date || !message_date_parse(span_skip(line, line.n - date), &tm, &utc))
        return 0;
    return os_clock_from_utc(&tm);
}

static enum error_code import_mail(struct import *x, const struct mbox_mail *m)
{
    char label[LABEL];
    unsigned flags = flags_of_header(envelope_header(buf_span(&m->mail)));
    snprintf(label, sizeof label, _("the message at byte %" PRIu64), m->offset);
    if (flags & FLAGS_DELETED) {
        x->deleted++;
        return ERROR_NONE;
    }
    /* One that is too large failed in its last line. */
    if (!buf_ok(&m->mail) && m->mail.n < m->mail.limit / 2)
        return error_say(ERROR_SOFTWARE, "%s: %s", label, _("out of memory"));
    if (!buf_ok(&m->mail))
        return error_say(ERROR_DATA, _("%s: it has more than %" PRIu64 " bytes"), label,
                         MAIL_BYTES);
    const struct source s = {label, span_of((const char *)&m->offset, sizeof m->offset),
                             buf_span(&m->mail), flags, date_of_line(buf_span(&m->line))};
    return import_one(x, &s);
}

static enum error_code import_mbox(struct import *x)
{
    struct mbox b;
    struct mbox_mail m;
    enum mbox_result result = MBOX_FAILED;
    enum error_code code = ERROR_NONE;
    buf_init(&m.line, LABEL);
    buf_init(&m.mail, MAIL_BYTES);
    int64_t size = mbox_open(&b, x->path) ? os_file_size(b.fd) : -1;
    while (size >= 0 && !x->stop && (result = mbox_next(&b, &m)) == MBOX_ONE) {
        enum error_code one = import_mail(x, &m);
        code = code == ERROR_NONE ? one : code;
        progress_show(b.at, (uint64_t)size);
    }
    if (result == MBOX_NONE)
        code = error_say(ERROR_NO_INPUT, _("cannot read %s: this file is not an mbox"), x->path);
    else if (result == MBOX_FAILED)
        code = cannot_read(x->path);
    mbox_close(&b);
    buf_free(&m.line);
    buf_free(&m.mail);
    return code;
}

static bool is_directory(const char *path)
{
    int fd = os_file_open_dir(path);
    os_file_close(fd);
    return fd >= 0;
}

/* Says once which flags the messages have lost. */
static void tell_lost(const struct import *x)
{
    struct buf text;
    buf_init(&text, 1000);
    for (size_t i = 0; i < LOST; i++)
        if (x->lost[i] > 0)
            buf_printf(&text, "%s%" PRIu64 " %s", text.n > 0 ? ", " : "", x->lost[i],
                       _(lost[i].name));
    if (text.n > 0)
        error_say(ERROR_NONE,
                  _("import: only the flag \"read\" is kept; messages with others: %.*s"),
                  SPAN_PRINTF(buf_span(&text)));
    buf_free(&text);
}

/* Imports everything, and tells how much that was. */
static enum error_code import_all(struct import *x, bool is_mbox)
{
    struct buf text;
    enum reply_result result = stored_list(&x->stored, &x->run->call.link);
    if (result != REPLY_OK)
        return verbs_run_failed(x->run, "import", result);
    enum error_code code = is_mbox ? import_mbox(x) : import_maildir(x);
    progress_hide();
    tell_lost(x);
    buf_init(&text, 1000);
    buf_printf(&text, _("%" PRIu64 " imported, %" PRIu64 " there already"), x->copied, x->there);
    if (x->deleted > 0)
        buf_printf(&text, _(", %" PRIu64 " marked as deleted and left out"), x->deleted);
    buf_add_char(&text, '\n');
    enum error_code written = output_text(&text);
    buf_free(&text);
    return code == ERROR_NONE ? written : code;
}

enum error_code verbs_import_import(struct verbs_run *run)
{
    const char *format = run->options->format;
    struct import x = {.run = run, .path = run->args[0], .limit = run->options->set.message_limit};
    if (link_version(&run->call.link) < 2) /* this is not sent */
        return verbs_run_ask(run, "import", OP_IMPORT, NULL, 0);
    bool is_mbox = format ? strcmp(format, "mbox") == 0 : !is_directory(x.path);
    enum error_code code = ERROR_NONE;
    if (format && !is_mbox && strcmp(format, "maildir") != 0)
        code = error_say(ERROR_USAGE, _("import: --format is maildir or mbox"));
    buf_init(&x.text, MAIL_BYTES + 1000);
    buf_init(&x.original.text, SIZE_MAX / 2);
    if (code == ERROR_NONE)
        code = import_all(&x, is_mbox);
    stored_free(&x.stored);
    buf_free(&x.text);
    buf_free(&x.original.text);
    return code;
}
