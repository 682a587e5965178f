/* SPDX-License-Identifier: ISC */
#include "client/verbs_letter.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client/attach.h"
#include "client/choice.h"
#include "client/composer.h"
#include "client/deliver.h"
#include "client/draft_edit.h"
#include "client/draft_view.h"
#include "client/language.h"
#include "client/output.h"
#include "client/prompt.h"
#include "os/error.h"
#include "os/tty.h"

static enum reply_result dial(void *ctx)
{
    return verbs_run_dial(ctx);
}

/* Sends one copy; a line says how it ended unless it is the only one and all is well. */
static enum error_code send_copy(struct verbs_run *run, struct draft *d, size_t i)
{
    const struct delivery way = {&run->call, dial, run};
    const char *name = d->to[i].name;
    bool had = d->to[i].mark == DRAFT_SENT;
    enum reply_result result;
    switch (deliver(&way, d, i, &result)) {
    case REPEAT_DONE:
        if (d->nto > 1 && !had)
            printf(_("%s: sent\n"), name);
        output_flush();
        return ERROR_NONE;
    case REPEAT_REFUSED:
        return verbs_run_failed(run, name, result);
    case REPEAT_FAILED:
        if (d->to[i].mark != DRAFT_TRIED)
            return verbs_run_failed(run, name, result);
        verbs_run_failed(run, name, result);
        return error_say(ERROR_TEMPORARY,
                         _("%s: the message may have arrived, or not: to find out, send the draft "
                           "again; nothing is sent twice"),
                         name);
    case REPEAT_UNSURE:
        break;
    }
    if (result != REPLY_OK)
        verbs_run_failed(run, name, result);
    return error_say(
        ERROR_TEMPORARY,
        _("%s: no answer came: the message may have been sent, or not, and this server "
          "cannot tell"),
        name);
}

static enum error_code read_files(struct verbs_run *run, struct draft *d)
{
    struct buf why;
    buf_init(&why, SIZE_MAX / 2);
    enum error_code code = attach_read(d, run->options->set.message_limit, &why);
    return error_why(code, &why);
}

/* Sends all copies that were not sent. Returns the code of the first that failed. */
static enum error_code send_copies(struct verbs_run *run, struct draft *d)
{
    enum error_code code = read_files(run, d);
    for (size_t i = 0; i < d->nto && !d->files.n; i++) {
        enum error_code one = send_copy(run, d, i);
        code = code == ERROR_NONE ? one : code;
    }
    enum error_code written = output_finish();
    return code == ERROR_NONE ? written : code;
}

/* Says on standard error where a letter is that was not sent. Releases the draft. Returns code. */
static enum error_code leave_letter(struct draft *d, enum error_code code)
{
    if (draft_finish(d))
        error_say(code, _("the letter is kept as draft %u: send it with: pochta drafts send %u"),
                  d->number, d->number);
    else
        error_say(code, _("the letter is not kept as a draft: %s: %s"), d->dir->path,
                  d->dir->why ? d->dir->why : _(os_error_text(errno)));
    draft_close(d);
    return code;
}

/* What is typed is kept line by line. */
static enum error_code read_typed(struct draft *d)
{
    bool end = false, told = false;
    fprintf(stderr, _("Type the message to %s%s. Ctrl-D ends it.\n"), d->to[0].name,
            d->nto > 1 ? _(" and others") : "");
    fflush(stderr);
    while (!end) {
        if (!os_tty_part(&d->text, &end))
            return error_say(errno == ENOMEM ? ERROR_SOFTWARE : ERROR_IO,
                             _("cannot read standard input: %s"), _(os_error_text(errno)));
        if (d->text.n > 0 && !draft_keep(d) && !told) {
            told = true;
            error_say(ERROR_IO, _("this letter is not kept on disk: %s: %s; it can still be sent"),
                      d->dir->path, d->dir->why ? d->dir->why : _(os_error_text(errno)));
        }
    }
    return ERROR_NONE;
}

static enum error_code read_piped(struct draft *d)
{
    if (os_file_load_standard(&d->text))
        return ERROR_NONE;
    if (errno == EFBIG)
        return error_say(ERROR_DATA,
                         _("standard input is too large: a message has at most %zu MiB"),
                         d->text.limit >> 20);
    return error_say(errno == ENOMEM ? ERROR_SOFTWARE : ERROR_IO,
                     _("cannot read standard input: %s"), _(os_error_text(errno)));
}

static enum error_code add_recipients(struct verbs_run *run, struct draft *d)
{
    for (size_t i = 0; i < run->nargs; i++) {
        char name[NAME_BYTES + 1];
        if (!name_fold(span_str(run->args[i]), name))
            return error_say(ERROR_DATA, "%s: %s", run->args[i], _(NAME_RULE));
        if (draft_find_to(d, name) == d->nto && !draft_add_to(d, name))
            return error_say(ERROR_USAGE, _("too many recipients: at most %d"), DRAFT_TO_MAX);
    }
    return ERROR_NONE;
}

/* Whether standard input is a file, which is still there afterwards. */
static bool is_file(void)
{
    struct os_file_info info;
    return os_file_look_at(0, &info) && info.kind == OS_FILE_REGULAR;
}

static enum error_code edit_letter(struct composer *l)
{
    struct buf why;
    enum error_code code = ERROR_NONE;
    buf_init(&why, SIZE_MAX / 2);
    if (!composer_run_editor(l, &why))
        code = error_say(ERROR_IO, _("cannot edit the message: %.*s"), SPAN_PRINTF(buf_span(&why)));
    else if (l->draft->text.n == 0)
        code = error_say(ERROR_DATA, _("the message is empty and is not sent"));
    buf_free(&why);
    return code;
}

/* Before a letter is written: whether all recipients exist, as far as the server tells. */
static enum error_code check_recipients(struct verbs_run *run, const struct draft *d)
{
    for (size_t i = 0; i < d->nto; i++) {
        const char *name = d->to[i].name;
        enum status st = call_check_user(&run->call, name);
        if (st == ST_NO_USER || st == ST_NO_MEMBERS)
            return verbs_run_failed(run, name, REPLY_NOOP);
        if (st == ST_FULL)
            error_note(_("The mailbox of %s is full now. The letter can be kept as a draft.\n"),
                       name);
    }
    return ERROR_NONE;
}

/* Writes and sends the letter on a terminal, as in the menu. *keep: what is not sent is a draft. */
static enum error_code compose(struct verbs_run *run, struct draft *d, bool *keep)
{
    const struct delivery way = {&run->call, dial, run};
    bool edit = run->options->edit;
    struct buf line;
    struct composer l = {.call = &run->call,
                         .draft = d,
                         .line = &line,
                         .message_limit = run->options->set.message_limit,
                         .given = d->text.n,
                         .subject = !edit && d->text.n == 0,
                         .code = ERROR_NOTHING};
    buf_init(&line, PROMPT_LINE_BYTES);
    enum choice choice = composer_work(&l, edit ? CHOICE_EDIT : CHOICE_WRITE);
    if (choice == CHOICE_AGAIN && draft_is_empty(d))
        l.code = error_say(ERROR_DATA, _("the message is empty and is not sent"));
    else if (choice == CHOICE_AGAIN)
        choice = composer_send(&l, &way);
    buf_free(&line);
    if (choice == CHOICE_DISCARD)
        error_say(ERROR_NOTHING, _("the message was discarded"));
    *keep = choice != CHOICE_DISCARD && d->text.n > l.given;
    return l.code;
}

/* Gets the text of the letter: from standard input, from the editor, or as it is typed. */
static enum error_code get_text(struct verbs_run *run, struct draft *d, bool typed)
{
    struct composer l = {.call = &run->call, .draft = d};
    enum error_code code = ERROR_NONE;
    if (d->text.n > 0)
        buf_add_char(&d->text, '\n'); /* between a quotation and the answer */
    if (!typed)
        code = read_piped(d);
    else if (!run->options->edit)
        code = read_typed(d);
    return code == ERROR_NONE && run->options->edit ? edit_letter(&l) : code;
}

/* Gets the letter, connects and sends it. *keep: what is not sent is a draft. */
static enum error_code write_and_send(struct verbs_run *run, struct state_dir *dir, struct draft *d,
                                      bool *keep)
{
    bool typed = os_tty_is_terminal(0);
    enum error_code code = attach_name(run->options, d);
    *keep = false; /* nobody has written anything */
    if (code == ERROR_NONE && typed && !run->call.open)
        code = verbs_run_connect(run);
    if (code == ERROR_NONE && typed)
        code = check_recipients(run, d);
    if (code != ERROR_NONE)
        return code;
    if (typed || run->options->edit)
        state_dir_open(dir, DRAFT_DIR);
    if (typed && os_tty_is_terminal(1))
        return compose(run, d, keep);
    code = get_text(run, d, typed);
    if (code == ERROR_NONE && !run->call.open)
        code = verbs_run_connect(run);
    if (code == ERROR_NONE)
        code = send_copies(run, d);
    *keep = draft_has(d, DRAFT_TRIED) || (d->text.n > 0 && (run->options->edit || !is_file()));
    return code;
}

enum error_code verbs_letter_finish(struct verbs_run *run, struct state_dir *dir, struct draft *d,
                                    bool complete)
{
    bool keep = false; /* a complete one can be made again */
    enum error_code code = complete ? send_copies(run, d) : write_and_send(run, dir, d, &keep);
    /* Only an attempt whose outcome is not known must be repeated with the same token. */
    keep = keep || (complete && draft_has(d, DRAFT_TRIED));
    if (keep && (draft_has(d, DRAFT_NEW) || draft_has(d, DRAFT_TRIED))) {
        if (dir->fd < 0)
            state_dir_open(dir, DRAFT_DIR);
        leave_letter(d, code);
    } else {
        draft_discard(d);
    }
    state_dir_close(dir);
    return code;
}

enum error_code verbs_letter_send(struct verbs_run *run)
{
    struct state_dir dir = {.fd = -1}; /* what comes from a pipe is kept only if it is not sent */
    struct draft d;
    draft_begin(&d, &dir, run->server, run->user);
    enum error_code code = add_recipients(run, &d);
    if (code == ERROR_NONE)
        return verbs_letter_finish(run, &dir, &d, false);
    draft_discard(&d);
    return code;
}

/* A verb of "drafts", for one draft that is open. Ends work on it in every case. */
typedef enum error_code draft_verb(struct verbs_run *run, struct draft *d);

static enum error_code show_draft(struct verbs_run *run, struct draft *d)
{
    struct buf text;
    buf_init(&text, SIZE_MAX / 2);
    if (run->raw)
        output_write(buf_span(&d->text));
    else
        draft_view(&text, d, output_columns());
    draft_close(d);
    enum error_code code = output_text(&text);
    buf_free(&text);
    return code;
}

static enum error_code discard_draft(struct verbs_run *run, struct draft *d)
{
    unsigned number = d->number;
    (void)run;
    if (draft_discard(d))
        return ERROR_NONE;
    return error_say(ERROR_IO, _("draft %u cannot be removed: %s"), number,
                     _(os_error_text(errno)));
}

/* To the server that was given, or else to the one for which it was written. */
static enum error_code send_draft(struct verbs_run *run, struct draft *d)
{
    if (draft_is_empty(d)) {
        draft_discard(d);
        return error_say(ERROR_DATA, _("the message is empty and is not sent"));
    }
    buf_add_char(&d->server, '\0');
    enum error_code code = verbs_run_prepare(run,
                                             settings_given(&run->options->set, SETTINGS_server)
                                                 ? run->options->set.server
                                                 : d->server.p,
                                             d->user);
    if (code == ERROR_NONE)
        code = verbs_run_connect(run);
    d->server.n--;
    if (code == ERROR_NONE)
        code = send_copies(run, d);
    if (draft_has(d, DRAFT_NEW) || draft_has(d, DRAFT_TRIED))
        draft_close(d);
    else if (!draft_discard(d))
        code = error_say(ERROR_IO, _("a draft that was sent cannot be removed: %s"),
                         _(os_error_text(errno)));
    call_close(&run->call);
    secret_wipe(&run->password);
    return code;
}

static enum error_code open_and(struct verbs_run *run, const struct state_dir *dir, unsigned number,
                                draft_verb *verb)
{
    struct draft d;
    enum draft_opened opened = draft_edit_open(&d, dir, number);
    if (opened == DRAFT_OPENED)
        return verb(run, &d);
    return error_say(opened == DRAFT_BUSY ? ERROR_TEMPORARY : ERROR_DATA, _("draft %u in %s: %s"),
                     number, dir->path, draft_view_why(opened));
}

/* Does it with each draft whose number is among the arguments. */
static enum error_code for_each(struct verbs_run *run, const struct state_dir *dir,
                                draft_verb *verb)
{
    enum error_code code = ERROR_NONE;
    for (size_t i = 1; i < run->nargs; i++) {
        uint64_t number;
        enum error_code one;
        if (span_u64(span_str(run->args[i]), DRAFT_NUMBER_MAX, &number))
            one = open_and(run, dir, (unsigned)number, verb);
        else
            one = error_say(ERROR_USAGE, _("%s: this is not the number of a draft"), run->args[i]);
        code = code == ERROR_NONE ? one : code;
    }
    return code;
}

static enum error_code list_drafts(const struct state_dir *dir)
{
    struct buf text;
    buf_init(&text, SIZE_MAX / 2);
    bool all = draft_view_list(&text, dir, output_columns());
    const char *why = _(os_error_text(errno));
    bool any = text.n > 0;
    enum error_code code = output_text(&text);
    if (code == ERROR_NONE && !all)
        code = error_say(ERROR_IO, _("the drafts cannot be read: %s: %s"), dir->path, why);
    else if (code == ERROR_NONE && !any)
        error_nothing(_("there are no drafts"));
    buf_free(&text);
    return code;
}

enum error_code verbs_letter_drafts(struct verbs_run *run)
{
    static const struct {
        const char *word;
        draft_verb *verb;
    } verbs[] = {{"show", show_draft}, {"send", send_draft}, {"discard", discard_draft}};
    const char *word = run->nargs > 0 ? run->args[0] : "list";
    draft_verb *verb = NULL;
    struct state_dir dir;
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (strcmp(word, verbs[i].word) == 0)
            verb = verbs[i].verb;
    if (!verb && (strcmp(word, "list") != 0 || run->nargs > 1))
        return error_say(ERROR_USAGE, _("drafts: the action is list, show NUMBER, send NUMBER or "
                                        "discard NUMBER"));
    if (verb && run->nargs == 1)
        return error_say(ERROR_USAGE,
                         _("drafts %s: give the number of a draft; pochta drafts lists "
                           "them"),
                         word);
    if (!state_dir_find(&dir, DRAFT_DIR) && dir.why)
        return error_say(ERROR_IO, _("the drafts cannot be read: %s: %s"), dir.path, dir.why);
    enum error_code code = verb ? for_each(run, &dir, verb) : list_drafts(&dir);
    state_dir_close(&dir);
    return code;
}
