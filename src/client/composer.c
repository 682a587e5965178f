/* SPDX-License-Identifier: ISC */
#include "client/composer.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#include "client/attach.h"
#include "client/draft_edit.h"
#include "client/language.h"
#include "client/view.h"
#include "os/clock.h"
#include "os/error.h"

#define SUBJECT "Subject: "
#define EDIT    "~e"

void composer_kept(struct composer *l, bool kept)
{
    const struct state_dir *dir = l->draft->dir;
    struct buf text;
    buf_init(&text, SIZE_MAX / 2);
    if (!kept && !l->unkept)
        buf_printf(&text, _("(This letter is not kept on disk: %s: %s. It can still be sent.)\n"),
                   dir->path, dir->why ? dir->why : _(os_error_text(errno)));
    if (kept && l->unkept)
        buf_add_str(&text, _("(This letter is kept on disk again.)\n"));
    prompt_above(buf_span(&text));
    buf_free(&text);
    l->unkept = !kept;
}

static struct composer *letter_of(struct prompt_writer *w)
{
    return (struct composer *)(void *)((char *)w - offsetof(struct composer, writer));
}

/* Adds what stands before the first line. Returns false if the line is an empty subject. */
static bool begin_subject(struct composer *l, struct span line, enum prompt_line_kind kind)
{
    l->subject = false;
    if (kind == PROMPT_PASTED)
        prompt_above(span_str(_("(The pasted text is the message. It has no subject.)\n")));
    else if (line.n > 0 && !span_starts(line, SPAN(SUBJECT)))
        buf_add_str(&l->draft->text, SUBJECT);
    return kind == PROMPT_PASTED || line.n > 0;
}

static bool keep_line(struct prompt_writer *w, struct span line, enum prompt_line_kind kind)
{
    struct composer *l = letter_of(w);
    l->edit = kind == PROMPT_TYPED && span_eq(line, SPAN(EDIT));
    if (!l->edit && (!l->subject || begin_subject(l, line, kind))) {
        if (l->begun)
            buf_add_char(&l->draft->text, '\n');
        l->begun = true;
        buf_add(&l->draft->text, line);
        composer_kept(l, draft_keep(l->draft));
    }
    buf_clear(&l->unfinished);
    return !l->edit;
}

static void note_typing(struct prompt_writer *w, struct span so_far)
{
    struct composer *l = letter_of(w);
    buf_clear(&l->unfinished);
    buf_add(&l->unfinished, so_far);
}

/* In case that the process ends now. If it goes on, the line is still unfinished. */
static void keep_unfinished(struct prompt_writer *w)
{
    struct composer *l = letter_of(w);
    size_t n = l->draft->text.n;
    if (l->unfinished.n == 0)
        return;
    if (l->begun)
        buf_add_char(&l->draft->text, '\n');
    buf_add(&l->draft->text, buf_span(&l->unfinished));
    draft_keep(l->draft);
    buf_erase(&l->draft->text, n, l->draft->text.n - n);
    draft_text_changed(l->draft);
}

/*
 * Keeps the connection alive while the user writes, and announces new mail. If the connection is
 * lost, the letter is written on; sending it connects again.
 */
static bool attend(struct prompt_meanwhile *meanwhile)
{
    struct composer *l =
        (struct composer *)(void *)((char *)meanwhile - offsetof(struct composer, meanwhile));
    struct link *link = &l->call->link;
    bool due = os_clock_ms() >= meanwhile->at_ms;
    if ((due ? link_keep_alive(link) : link_check(link)) != REPLY_OK) {
        *meanwhile = (struct prompt_meanwhile){-1, INT64_MAX, attend};
        prompt_above(
            span_str(_("(The connection is lost. It will be made again to send the letter.)\n")));
        return true;
    }
    if (due)
        meanwhile->at_ms = os_clock_ms() + LINK_NOOP_MS;
    if (l->m)
        menu_print_news(l->m);
    return true;
}

/* Until prompt_meanwhile(NULL). */
static void begin_to_attend(struct composer *l)
{
    l->meanwhile = (struct prompt_meanwhile){l->call->net.fd, os_clock_ms() + LINK_NOOP_MS, attend};
    prompt_meanwhile(&l->meanwhile);
}

bool composer_run_editor(struct composer *l, struct buf *why)
{
    struct buf words;
    buf_init(&words, SIZE_MAX / 2);
    fflush(stdout);
    bool ok = draft_edit(l->draft, &words);
    view_safe(why, buf_span(&words), VIEW_ROW);
    buf_free(&words);
    l->given = 0; /* the user may have changed that, too */
    return ok;
}

static void edit(struct composer *l)
{
    struct buf why;
    buf_init(&why, SIZE_MAX / 2);
    if (!composer_run_editor(l, &why))
        prompt_say(_("The editor failed: %.*s.\n"), SPAN_PRINTF(buf_span(&why)));
    composer_kept(l, draft_keep(l->draft));
    buf_free(&why);
}

/* False: the letter was not written to its end; prompt_end() says why. */
static bool read_lines(struct composer *l)
{
    bool ended;
    prompt_say("%s\n", _("Enter the message, many lines if you like. A line with a single dot ends "
                         "it:"));
    l->writer = (struct prompt_writer){keep_line, note_typing, keep_unfinished};
    do {
        l->begun = l->draft->text.n > 0;
        l->edit = false;
        buf_init(&l->unfinished, PROMPT_TEXT_BYTES);
        begin_to_attend(l);
        ended = prompt_text(&l->writer, l->subject ? _("Subject (empty: none): ") : "");
        prompt_meanwhile(NULL);
        if (!ended && l->unfinished.n > 0)
            keep_line(&l->writer, buf_span(&l->unfinished), PROMPT_PART_PASTED);
        buf_free(&l->unfinished);
        l->subject = false;
        if (l->edit) {
            edit(l);
            prompt_say("%s\n", _("(Go on with the message. A line with a single dot ends it.)"));
        }
    } while (l->edit);
    return ended || (!l->m && prompt_end() == PROMPT_ENDED);
}

enum choice composer_work(struct composer *l, enum choice choice)
{
    const struct draft *d = l->draft;
    while (choice == CHOICE_WRITE || choice == CHOICE_EDIT) {
        bool edited = choice == CHOICE_EDIT;
        if (edited)
            edit(l);
        else if (!read_lines(l))
            return CHOICE_NONE;
        if (!buf_ok(&d->text)) {
            prompt_say("%s\n", _("\nOut of memory: the message is not complete."));
            return CHOICE_KEEP;
        }
        composer_kept(l, draft_finish(l->draft));
        if (edited && !l->m && d->text.n == 0)
            return CHOICE_AGAIN;
        begin_to_attend(l);
        choice = choice_review(l->line, d);
        prompt_meanwhile(NULL);
    }
    return choice;
}

/* Says why recipient i does not have the letter. words need not be safe to print. */
static void show_failure(const struct composer *l, size_t i, enum repeat_end end, struct span words)
{
    struct buf safe;
    prompt_say("\n");
    if (l->draft->nto > 1)
        prompt_say("%s: ", l->draft->to[i].name);
    if (end == REPEAT_UNSURE) {
        prompt_say("%s\n", _("No answer came when the message was sent. It may have arrived, or "
                             "not, and this server cannot tell."));
        return;
    }
    buf_init(&safe, SIZE_MAX / 2);
    view_safe(&safe, words, VIEW_ROW);
    prompt_say("%s%.*s.\n", _("Message was not sent: "), SPAN_PRINTF(buf_span(&safe)));
    buf_free(&safe);
    if (draft_has(l->draft, DRAFT_TRIED))
        prompt_say("%s\n", _("An earlier attempt may have arrived. Sending again shows whether it "
                             "did, and sends nothing twice."));
}

static bool read_files(struct composer *l)
{
    struct buf why;
    buf_init(&why, SIZE_MAX / 2);
    l->code = attach_read(l->draft, l->message_limit, &why);
    if (l->code != ERROR_NONE)
        show_failure(l, 0, REPEAT_REFUSED, buf_span(&why));
    buf_free(&why);
    return l->code == ERROR_NONE;
}

/*
 * Sends to each recipient who does not have it, as long as the server can be reached. Returns which
 * recipient is the first who does not have it then, and *end is how that failed; or how many
 * recipients there are.
 */
static size_t send_copies(struct composer *l, const struct delivery *way, enum repeat_end *end)
{
    struct draft *d = l->draft;
    size_t first = d->nto;
    enum reply_result result = REPLY_OK;
    for (size_t i = 0; i < d->nto && (result == REPLY_OK || result == REPLY_NOOP); i++) {
        bool had = d->to[i].mark == DRAFT_SENT;
        enum repeat_end one = deliver(way, d, i, &result);
        if (one != REPEAT_DONE) {
            struct span words = call_words(way->call);
            bool known = one != REPEAT_UNSURE && d->to[i].mark != DRAFT_TRIED;
            l->code = known ? error_of(result, words) : ERROR_TEMPORARY;
            show_failure(l, i, one, words);
            *end = first == d->nto ? one : *end;
            first = first == d->nto ? i : first;
        } else if (!had && d->nto > 1) {
            prompt_say(_("%s: sent\n"), d->to[i].name);
        }
    }
    return first;
}

static enum choice offer_choices(struct composer *l, enum repeat_end end)
{
    static const enum choice choices[] = {CHOICE_AGAIN, CHOICE_KEEP, CHOICE_DISCARD, CHOICE_NAME};
    if (end == REPEAT_UNSURE)
        return choice_ask(l->line,
                          _("s - send it (perhaps a second time), k - keep it as a draft, "
                            "d - discard it: "),
                          N_("skd"), choices);
    if (draft_has(l->draft, DRAFT_TRIED) || l->draft->files.n > 0)
        return choice_ask(l->line, _("s - send it again, k - keep it as a draft, d - discard it: "),
                          N_("skd"), choices);
    return choice_ask(
        l->line, _("s - send it again, n - another name, k - keep it as a draft, d - discard it: "),
        N_("skdn"), choices);
}

/* Gives recipient i another name. False: the user does not want that. */
static bool ask_another_name(struct composer *l, size_t i)
{
    char name[NAME_BYTES + 1];
    while (prompt_name(l->line, _("Enter the <username>: "), NULL)) {
        name_fold(buf_span(l->line), name);
        size_t same = draft_find_to(l->draft, name);
        if (same == l->draft->nto || same == i) {
            draft_rename_to(l->draft, i, name);
            composer_kept(l, draft_keep(l->draft));
            return true;
        }
        prompt_say(_("%s is already among the recipients.\n"), name);
    }
    return false;
}

enum choice composer_send(struct composer *l, const struct delivery *way)
{
    l->given = 0; /* the user wants it as it is */
    for (;;) {
        enum repeat_end end = REPEAT_REFUSED;
        size_t i = read_files(l) ? send_copies(l, way, &end) : 0;
        if (i == l->draft->nto)
            return CHOICE_AGAIN;
        enum choice choice = offer_choices(l, end);
        if (choice == CHOICE_NAME && !ask_another_name(l, i))
            return CHOICE_NONE;
        if (choice != CHOICE_NAME && choice != CHOICE_AGAIN)
            return choice;
        if (end == REPEAT_UNSURE)
            draft_mark(l->draft, i, DRAFT_NEW);
    }
}
