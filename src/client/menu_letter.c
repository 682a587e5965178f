/* SPDX-License-Identifier: ISC */
#include "client/menu_letter.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "client/deliver.h"
#include "client/draft_view.h"
#include "client/output.h"
#include "client/prompt.h"
#include "os/clock.h"
#include "os/error.h"
#include "proto/status.h"

#define SERVER_BYTES (ADDRESS_HOST_BYTES + 16)

/* A letter while it is written and sent. */
struct letter {
    struct menu *m;
    struct draft draft;
    struct prompt_writer writer;
    struct prompt_meanwhile meanwhile;
    struct buf unfinished; /* the line that is being typed */
    bool begun;            /* the letter has a line; it may be an empty one */
    bool unkept;           /* the user knows that it could not be written to the disk */
    size_t given;          /* bytes at the beginning that the user has not written */
    bool copy;             /* of a message of the mailbox */
};

/* Says it once when the letter cannot be kept on the disk, and once when it can again. */
static void show_kept(struct letter *l, bool kept)
{
    const struct state_dir *dir = l->draft.dir;
    struct buf *text = &l->m->text;
    buf_clear(text);
    if (!kept && !l->unkept)
        buf_printf(text, "(This letter is not kept on disk: %s: %s. It can still be sent.)\n",
                   dir->path, dir->why ? dir->why : os_error_text(errno));
    if (kept && l->unkept)
        buf_add_str(text, "(This letter is kept on disk again.)\n");
    prompt_above(buf_span(text));
    l->unkept = !kept;
}

static struct letter *letter_of(struct prompt_writer *w)
{
    return (struct letter *)(void *)((char *)w - offsetof(struct letter, writer));
}

static bool keep_line(struct prompt_writer *w, struct span line, bool pasted)
{
    struct letter *l = letter_of(w);
    (void)pasted;
    if (l->begun)
        buf_add_char(&l->draft.text, '\n');
    l->begun = true;
    buf_add(&l->draft.text, line);
    buf_clear(&l->unfinished);
    show_kept(l, draft_keep(&l->draft));
    return true;
}

static void note_typing(struct prompt_writer *w, struct span so_far)
{
    struct letter *l = letter_of(w);
    buf_clear(&l->unfinished);
    buf_add(&l->unfinished, so_far);
}

/* In case that the process ends now. If it goes on, the line is still unfinished. */
static void keep_unfinished(struct prompt_writer *w)
{
    struct letter *l = letter_of(w);
    size_t n = l->draft.text.n;
    if (l->unfinished.n == 0)
        return;
    if (l->begun)
        buf_add_char(&l->draft.text, '\n');
    buf_add(&l->draft.text, buf_span(&l->unfinished));
    draft_keep(&l->draft);
    buf_erase(&l->draft.text, n, l->draft.text.n - n);
    draft_text_changed(&l->draft);
}

/*
 * Keeps the connection alive while the user writes, and announces new mail. If the connection is
 * lost, the letter is written on; sending it connects again.
 */
static bool attend(struct prompt_meanwhile *meanwhile)
{
    struct letter *l =
        (struct letter *)(void *)((char *)meanwhile - offsetof(struct letter, meanwhile));
    struct link *link = &l->m->call.link;
    bool due = os_clock_ms() >= meanwhile->at_ms;
    if ((due ? link_keep_alive(link) : link_check(link)) != REPLY_OK) {
        *meanwhile = (struct prompt_meanwhile){-1, INT64_MAX, attend};
        prompt_above(SPAN("(The connection is lost. It will be made again to send the letter.)\n"));
        return true;
    }
    if (due)
        meanwhile->at_ms = os_clock_ms() + LINK_NOOP_MS;
    menu_print_news(l->m);
    return true;
}

/* Ends work on a letter that was not sent. */
static void leave_letter(struct letter *l)
{
    if (l->draft.text.n == l->given && l->given > 0 && !l->copy) {
        printf("\nNothing was written, and nothing is kept.");
        draft_discard(&l->draft);
        return;
    }
    bool kept = draft_keep(&l->draft);
    if (l->draft.text.n == 0)
        printf("\nThe letter is empty and is not kept.");
    else if (kept)
        printf("\nThe letter is kept as draft %u.", l->draft.number);
    else
        printf("\nThe letter is lost: it cannot be kept: %s: %s.", l->draft.dir->path,
               l->draft.dir->why ? l->draft.dir->why : os_error_text(errno));
    draft_close(&l->draft);
}

/* Gives up a letter for good. */
static enum menu_next discard(struct letter *l)
{
    unsigned number = l->draft.number;
    if (draft_discard(&l->draft))
        return menu_done("The letter was discarded.");
    printf("\nDraft %u cannot be removed: %s.", number, os_error_text(errno));
    return menu_pause();
}

/* Says why the letter was not sent. */
static void show_failure(struct letter *l, enum repeat_end end)
{
    if (end == REPEAT_UNSURE) {
        puts("\nNo answer came when the message was sent. It may have arrived, or not, and this "
             "server cannot tell.");
        return;
    }
    printf("\nMessage was not sent: ");
    menu_print_words(l->m);
    puts(".");
    if (draft_has(&l->draft, DRAFT_TRIED))
        puts("An earlier attempt may have arrived. Another one finds out, and sends nothing "
             "twice.");
}

enum choice { CHOICE_AGAIN, CHOICE_NAME, CHOICE_KEEP, CHOICE_DISCARD, CHOICE_WRITE, CHOICE_NONE };

/* One letter of the alphabet; end of input: CHOICE_NONE. */
static enum choice ask_choice(struct menu *m, const char *text, const char *letters,
                              const enum choice *choices)
{
    while (prompt_line(&m->line, text)) {
        const char *at = m->line.n == 1 ? strchr(letters, m->line.p[0]) : NULL;
        if (at)
            return choices[at - letters];
        puts("Enter one of these letters.");
    }
    return CHOICE_NONE;
}

static enum choice offer_choices(struct letter *l, enum repeat_end end)
{
    static const enum choice choices[] = {CHOICE_AGAIN, CHOICE_KEEP, CHOICE_DISCARD, CHOICE_NAME};
    if (end == REPEAT_UNSURE)
        return ask_choice(l->m,
                          "t - send it, perhaps a second time, s - keep it as a draft, "
                          "d - discard it: ",
                          "tsd", choices);
    if (draft_has(&l->draft, DRAFT_TRIED))
        return ask_choice(l->m, "t - try again, s - keep it as a draft, d - discard it: ", "tsd",
                          choices);
    return ask_choice(
        l->m, "t - try again, n - another name, s - keep it as a draft, d - discard it: ", "tsdn",
        choices);
}

/* The recipient to whom the letter was not sent yet, or the number of recipients. */
static size_t next_to(const struct draft *d)
{
    size_t i = 0;
    while (i < d->nto && d->to[i].mark == DRAFT_SENT)
        i++;
    return i;
}

/* Sends the letter, until it is sent or the user gives up. Ends work on it in every case. */
static enum menu_next send_letter(struct letter *l)
{
    const struct delivery way = {&l->m->call, menu_sign_in_again, l->m};
    enum reply_result result;
    for (size_t i; (i = next_to(&l->draft)) < l->draft.nto;) {
        enum repeat_end end = deliver(&way, &l->draft, i, &result);
        if (end == REPEAT_DONE)
            continue;
        show_failure(l, end);
        switch (offer_choices(l, end)) {
        case CHOICE_AGAIN:
            if (end == REPEAT_UNSURE)
                draft_mark(&l->draft, i, DRAFT_NEW);
            break;
        case CHOICE_NAME:
            if (!prompt_name(&l->m->line, "Enter the <username>: ", NULL))
                break;
            char name[NAME_BYTES + 1];
            name_fold(buf_span(&l->m->line), name);
            draft_rename_to(&l->draft, i, name);
            show_kept(l, draft_keep(&l->draft));
            break;
        case CHOICE_DISCARD:
            return discard(l);
        case CHOICE_KEEP:
        case CHOICE_WRITE:
            leave_letter(l);
            return menu_pause();
        case CHOICE_NONE:
            leave_letter(l);
            putchar('\n');
            return MENU_LEAVE;
        }
    }
    draft_discard(&l->draft);
    return menu_done(l->copy ? "Message resent successfully." : "Message sent successfully.");
}

/* Lets the user write, or go on writing. False: the letter was not written to its end. */
static bool read_letter(struct letter *l)
{
    l->begun = l->draft.text.n > 0;
    l->writer = (struct prompt_writer){keep_line, note_typing, keep_unfinished};
    l->meanwhile =
        (struct prompt_meanwhile){l->m->call.net.fd, os_clock_ms() + LINK_NOOP_MS, attend};
    buf_init(&l->unfinished, PROMPT_TEXT_BYTES);
    prompt_meanwhile(&l->meanwhile);
    bool ended = prompt_text(&l->writer);
    prompt_meanwhile(NULL);
    if (!ended && l->unfinished.n > 0)
        keep_line(&l->writer, buf_span(&l->unfinished), false);
    buf_free(&l->unfinished);
    return ended;
}

/* Lets the user write, and sends the letter. */
static enum menu_next write_letter(struct letter *l)
{
    puts("Enter the message, many lines if you like. A line with a single dot ends it:");
    if (!read_letter(l)) {
        leave_letter(l);
        putchar('\n');
        return MENU_LEAVE;
    }
    if (!buf_ok(&l->draft.text)) {
        puts("\nOut of memory: the message is not complete.");
        leave_letter(l);
        return menu_pause();
    }
    show_kept(l, draft_finish(&l->draft));
    return send_letter(l);
}

/*
 * Asks the server about a recipient before a letter is written. Says what is wrong. A server that
 * does not know the question lets the user go on: it will say so when the letter is sent.
 */
static bool may_write_to(struct menu *m, const char *name)
{
    struct span arg = span_str(name);
    if (link_ask(&m->call.link, OP_CHECK_USER, &arg, 1) != REPLY_NOOP)
        return true;
    struct span words = call_words(&m->call);
    if (span_eq(words, span_str(status_text(ST_NO_USER)))) {
        printf("There is no user %s.\n", name);
        return false;
    }
    if (span_eq(words, span_str(status_text(ST_FULL))))
        printf("The mailbox of %s is full now. The letter can be kept as a draft.\n", name);
    return true;
}

/* Asks for a recipient until there is one, or for nothing: MENU_ON with an empty name. */
static enum menu_next ask_recipient(struct menu *m, char name[NAME_BYTES + 1])
{
    const char *text = "You are about to send a message. Enter the <username>: ";
    while (prompt_line(&m->line, text)) {
        name[0] = '\0';
        if (m->line.n == 0)
            return MENU_ON;
        if (!name_fold(buf_span(&m->line), name))
            printf("This is not a name: %s.\n", NAME_RULE);
        else if (may_write_to(m, name))
            return MENU_ON;
        text = "Enter the <username>, or an empty line to go back: ";
    }
    return MENU_LEAVE;
}

/* Begins a letter that has a text. */
static void begin_letter(struct letter *l, const char *name, struct span text)
{
    struct menu *m = l->m;
    char server[SERVER_BYTES];
    if (m->drafts.fd < 0)
        state_dir_open(&m->drafts, DRAFT_DIR);
    snprintf(server, sizeof server, strchr(m->place.host, ':') ? "[%s]:%s" : "%s:%s", m->place.host,
             m->place.port);
    draft_begin(&l->draft, &m->drafts, server, m->user);
    draft_add_to(&l->draft, name);
    buf_add(&l->draft.text, text);
    l->given = text.n;
    if (m->drafts.fd < 0)
        show_kept(l, false);
}

enum menu_next menu_letter_new(struct menu *m)
{
    struct letter l = {.m = m};
    char name[NAME_BYTES + 1];
    enum menu_next next = ask_recipient(m, name);
    if (next != MENU_ON || !name[0])
        return next;
    begin_letter(&l, name, SPAN(""));
    return write_letter(&l);
}

enum menu_next menu_letter_reply(struct menu *m, const char *name, struct span text)
{
    struct letter l = {.m = m};
    if (!may_write_to(m, name))
        return menu_done("No reply can be sent.");
    begin_letter(&l, name, text);
    return write_letter(&l);
}

enum menu_next menu_letter_copy(struct menu *m, const char *name, struct span text)
{
    struct letter l = {.m = m, .copy = true};
    begin_letter(&l, name, text);
    return send_letter(&l);
}

void menu_letter_remind(struct menu *m)
{
    if (m->drafts.fd < 0 && !state_dir_find(&m->drafts, DRAFT_DIR))
        return;
    size_t n = draft_numbers(&m->drafts, NULL, 0);
    if (n > 0)
        printf("There %s %zu letter%s that %s not sent: choose Drafts in the menu.\n\n",
               n == 1 ? "is" : "are", n, n == 1 ? "" : "s", n == 1 ? "was" : "were");
}

static void print_text(struct menu *m)
{
    fwrite(m->text.p, 1, m->text.n, stdout);
}

/* What to do with a draft that is open. Ends work on it in every case. */
static enum menu_next offer_draft(struct letter *l)
{
    struct menu *m = l->m;
    bool tried = draft_has(&l->draft, DRAFT_TRIED);
    buf_clear(&m->text);
    draft_view(&m->text, &l->draft, output_columns());
    print_text(m);
    if (strcmp(l->draft.user, m->user) != 0) {
        draft_close(&l->draft);
        return menu_done("Only the user who wrote it can send it.");
    }
    /* A server that has it already would answer Yes to a changed letter, and keep the old one. */
    static const enum choice choices[] = {CHOICE_AGAIN, CHOICE_DISCARD, CHOICE_KEEP, CHOICE_WRITE};
    switch (ask_choice(m,
                       tried ? "s - send it, d - discard it, k - keep it: "
                             : "s - send it, w - go on writing, d - discard it, k - keep it: ",
                       tried ? "sdk" : "sdkw", choices)) {
    case CHOICE_AGAIN:
        return send_letter(l);
    case CHOICE_WRITE:
        return write_letter(l);
    case CHOICE_DISCARD:
        return discard(l);
    case CHOICE_KEEP:
    case CHOICE_NAME:
        draft_close(&l->draft);
        return MENU_ON;
    case CHOICE_NONE:
        break;
    }
    draft_close(&l->draft);
    return MENU_LEAVE;
}

enum menu_next menu_letter_drafts(struct menu *m)
{
    struct letter l = {.m = m};
    uint64_t number;
    buf_clear(&m->text);
    if (m->drafts.fd < 0)
        state_dir_find(&m->drafts, DRAFT_DIR);
    if (draft_view_list(&m->text, &m->drafts) == 0)
        return menu_done("There are no drafts.");
    print_text(m);
    if (!prompt_line(&m->line, "Enter the number of a draft, or an empty line to go back: "))
        return MENU_LEAVE;
    if (m->line.n == 0)
        return MENU_ON;
    if (!span_u64(buf_span(&m->line), DRAFT_NUMBER_MAX, &number))
        return menu_done("There is no such draft.");
    enum draft_opened opened = draft_open(&l.draft, &m->drafts, (unsigned)number);
    if (opened == DRAFT_OPENED)
        return offer_draft(&l);
    printf("\nDraft %u: %s.", (unsigned)number, draft_view_why(opened));
    return menu_pause();
}
