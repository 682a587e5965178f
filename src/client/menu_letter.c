/* SPDX-License-Identifier: ISC */
#include "client/menu_letter.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client/choice.h"
#include "client/composer.h"
#include "client/draft_edit.h"
#include "client/draft_view.h"
#include "client/language.h"
#include "client/output.h"
#include "client/prompt.h"
#include "os/error.h"

#define SERVER_BYTES (ADDRESS_HOST_BYTES + 16)

/* Ends work on a letter that was not sent. */
static void leave_letter(struct composer *l)
{
    if (l->draft->text.n == l->given && l->given > 0) {
        prompt_say(_("\nNothing was written, and nothing is kept."));
        draft_discard(l->draft);
        return;
    }
    bool kept = draft_keep(l->draft);
    if (l->draft->text.n == 0)
        prompt_say(_("\nThe letter is empty and is not kept."));
    else if (kept)
        prompt_say(_("\nThe letter is kept as draft %u."), l->draft->number);
    else
        prompt_say(_("\nThe letter is lost: it cannot be kept: %s: %s."), l->draft->dir->path,
                   l->draft->dir->why ? l->draft->dir->why : _(os_error_text(errno)));
    draft_close(l->draft);
}

/* Gives up a letter for good. */
static enum menu_next discard(struct composer *l)
{
    unsigned number = l->draft->number;
    if (draft_discard(l->draft))
        return menu_done(_("The letter was discarded."));
    prompt_say(_("\nDraft %u cannot be removed: %s."), number, _(os_error_text(errno)));
    return menu_pause();
}

/* Ends work on a letter as the user has chosen. */
static enum menu_next end_letter(struct composer *l, enum choice choice)
{
    if (choice == CHOICE_DISCARD)
        return discard(l);
    leave_letter(l);
    if (choice == CHOICE_KEEP)
        return menu_pause();
    putchar('\n');
    return MENU_LEAVE;
}

/* Sends the letter, until it is sent or the user gives up. Ends work on it in every case. */
static enum menu_next send_letter(struct composer *l, const char *sent)
{
    const struct delivery way = {&l->m->call, menu_sign_in_again, l->m};
    enum choice choice = composer_send(l, &way);
    if (choice != CHOICE_AGAIN)
        return end_letter(l, choice);
    draft_discard(l->draft);
    return menu_done(sent);
}

/* Lets the user write or edit, as choice says. Ends work on the letter in every case. */
static enum menu_next work_on(struct composer *l, enum choice choice)
{
    choice = composer_work(l, choice);
    return choice == CHOICE_AGAIN ? send_letter(l, _("Message sent successfully."))
                                  : end_letter(l, choice);
}

/*
 * Asks the server about a recipient before a letter is written. Says what is wrong. A server that
 * does not know the question lets the user go on: it will say so when the letter is sent.
 */
static bool may_write_to(struct menu *m, const char *name)
{
    enum status st = call_check_user(&m->call, name);
    if (st == ST_NO_USER)
        prompt_say(_("There is no user %s.\n"), name);
    if (st == ST_NO_MEMBERS)
        prompt_say(_("The group %s has no members.\n"), name);
    if (st == ST_FULL)
        prompt_say(_("The mailbox of %s is full now. The letter can be kept as a draft.\n"), name);
    return st != ST_NO_USER && st != ST_NO_MEMBERS;
}

/* Asks for a recipient until there is one, or for nothing: MENU_ON with an empty name. */
static enum menu_next ask_recipient(struct menu *m, char name[NAME_BYTES + 1])
{
    const char *text = _("You are about to send a message. Enter the <username>: ");
    while (prompt_line(&m->line, text)) {
        name[0] = '\0';
        if (m->line.n == 0)
            return MENU_ON;
        if (!name_fold(buf_span(&m->line), name))
            prompt_say(_("This is not a name: %s.\n"), _(NAME_RULE));
        else if (may_write_to(m, name))
            return MENU_ON;
        text = _("Enter the <username>, or an empty line to go back: ");
    }
    return MENU_LEAVE;
}

static struct composer composer_of(struct menu *m, struct draft *d)
{
    return (struct composer){.call = &m->call,
                             .m = m,
                             .draft = d,
                             .line = &m->line,
                             .message_limit = m->set->message_limit};
}

/* Begins a letter that has a text. */
static void begin_letter(struct composer *l, const char *name, struct span text)
{
    struct menu *m = l->m;
    char server[SERVER_BYTES];
    if (m->drafts.fd < 0)
        state_dir_open(&m->drafts, DRAFT_DIR);
    snprintf(server, sizeof server, strchr(m->place.host, ':') ? "[%s]:%s" : "%s:%s", m->place.host,
             m->place.port);
    draft_begin(l->draft, &m->drafts, server, m->user);
    draft_add_to(l->draft, name);
    buf_add(&l->draft->text, text);
    if (m->drafts.fd < 0)
        composer_kept(l, false);
}

enum menu_next menu_letter_new(struct menu *m)
{
    struct draft d;
    struct composer l = composer_of(m, &d);
    char name[NAME_BYTES + 1];
    enum menu_next next = ask_recipient(m, name);
    if (next != MENU_ON || !name[0])
        return next;
    begin_letter(&l, name, SPAN(""));
    l.subject = true;
    return work_on(&l, CHOICE_WRITE);
}

enum menu_next menu_letter_reply(struct menu *m, const char *name, struct span text)
{
    struct draft d;
    struct composer l = composer_of(m, &d);
    if (!may_write_to(m, name))
        return menu_done(_("No reply can be sent."));
    begin_letter(&l, name, text);
    l.given = text.n;
    return work_on(&l, CHOICE_WRITE);
}

enum menu_next menu_letter_copy(struct menu *m, const char *name, struct span text)
{
    struct draft d;
    struct composer l = composer_of(m, &d);
    begin_letter(&l, name, text);
    return send_letter(&l, _("Message resent successfully."));
}

void menu_letter_remind(struct menu *m)
{
    if (!state_dir_find(&m->drafts, DRAFT_DIR))
        return;
    size_t n = draft_numbers(&m->drafts, NULL, 0);
    if (n == 1)
        prompt_say("%s\n", _("There is a letter that was not sent: choose Drafts in the menu.\n"));
    else if (n > 1)
        prompt_say(_("There are %zu letters that were not sent: choose Drafts in the menu.\n\n"),
                   n);
}

/* What to do with a draft that is open. Ends work on it in every case. */
static enum menu_next offer_draft(struct composer *l)
{
    struct menu *m = l->m;
    bool tried = draft_has(l->draft, DRAFT_TRIED);
    if (draft_is_empty(l->draft)) {
        leave_letter(l);
        return menu_pause();
    }
    buf_clear(&m->text);
    draft_view(&m->text, l->draft, output_columns());
    output_write(buf_span(&m->text));
    if (strcmp(l->draft->user, m->user) != 0) {
        draft_close(l->draft);
        return menu_done(_("Only the user who wrote it can send it."));
    }
    /* A server that has it already would answer Yes to a changed letter, and keep the old one. */
    static const enum choice choices[] = {CHOICE_AGAIN, CHOICE_DISCARD, CHOICE_KEEP};
    enum choice choice = tried
                             ? choice_ask(&m->line, _("s - send it, d - discard it, k - keep it: "),
                                          N_("sdk"), choices)
                             : choice_of_letter(&m->line);
    switch (choice) {
    case CHOICE_AGAIN:
        return send_letter(l, _("Message sent successfully."));
    case CHOICE_WRITE:
    case CHOICE_EDIT:
        return work_on(l, choice);
    case CHOICE_DISCARD:
        return discard(l);
    case CHOICE_KEEP:
    case CHOICE_NAME:
        draft_close(l->draft);
        return MENU_ON;
    case CHOICE_NONE:
        break;
    }
    draft_close(l->draft);
    return MENU_LEAVE;
}

/* Lists the drafts into m->text. Says why they cannot be listed. */
static bool list_drafts(struct menu *m)
{
    buf_clear(&m->text);
    if (m->drafts.fd < 0)
        state_dir_find(&m->drafts, DRAFT_DIR);
    bool all =
        m->drafts.fd < 0 ? !m->drafts.why : draft_view_list(&m->text, &m->drafts, output_columns());
    const char *why = m->drafts.why ? m->drafts.why : _(os_error_text(errno));
    if (!all)
        prompt_say(_("\nThe drafts cannot be read: %s: %s."), m->drafts.path, why);
    return all;
}

enum menu_next menu_letter_drafts(struct menu *m)
{
    struct draft d;
    struct composer l = composer_of(m, &d);
    uint64_t number;
    if (!list_drafts(m))
        return menu_pause();
    if (m->text.n == 0)
        return menu_done(_("There are no drafts."));
    output_write(buf_span(&m->text));
    if (!prompt_line(&m->line, _("Enter the number of a draft, or an empty line to go back: ")))
        return MENU_LEAVE;
    if (m->line.n == 0)
        return MENU_ON;
    if (!span_u64(buf_span(&m->line), DRAFT_NUMBER_MAX, &number))
        return menu_done(_("There is no such draft."));
    enum draft_opened opened = draft_edit_open(&d, &m->drafts, (unsigned)number);
    if (opened == DRAFT_OPENED)
        return offer_draft(&l);
    prompt_say(_("\nDraft %u: %s."), (unsigned)number, draft_view_why(opened));
    return menu_pause();
}
