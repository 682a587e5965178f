/* SPDX-License-Identifier: ISC */
#include "client/composer.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>

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
        prompt_above(span_str(_("(What was pasted is the message. It has no subject.)\n")));
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

void composer_attend(struct composer *l)
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

void composer_edit(struct composer *l)
{
    struct buf why;
    buf_init(&why, SIZE_MAX / 2);
    if (!composer_run_editor(l, &why))
        printf(_("The editor failed: %.*s.\n"), SPAN_PRINTF(buf_span(&why)));
    composer_kept(l, draft_keep(l->draft));
    buf_free(&why);
}

bool composer_read(struct composer *l)
{
    bool ended;
    puts(_("Enter the message, many lines if you like. A line with a single dot ends it:"));
    l->writer = (struct prompt_writer){keep_line, note_typing, keep_unfinished};
    do {
        l->begun = l->draft->text.n > 0;
        l->edit = false;
        buf_init(&l->unfinished, PROMPT_TEXT_BYTES);
        composer_attend(l);
        ended = prompt_text(&l->writer, l->subject ? _("Subject (empty: none): ") : "");
        prompt_meanwhile(NULL);
        if (!ended && l->unfinished.n > 0)
            keep_line(&l->writer, buf_span(&l->unfinished), PROMPT_PART_PASTED);
        buf_free(&l->unfinished);
        l->subject = false;
        if (l->edit) {
            composer_edit(l);
            puts(_("(Go on with the message. A line with a single dot ends it.)"));
        }
    } while (l->edit);
    return ended;
}
