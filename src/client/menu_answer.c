/* SPDX-License-Identifier: ISC */
#include "client/menu_answer.h"

#include <inttypes.h>
#include <stdio.h>

#include "client/language.h"
#include "client/letter.h"
#include "client/menu_letter.h"
#include "client/output.h"
#include "client/peek.h"
#include "client/prompt.h"
#include "client/quote.h"
#include "client/repeat.h"
#include "os/random.h"

/* A resend while it is repeated. */
struct resend {
    struct menu *m;
    struct span name;
    char id[24];
    char token[LINK_TOKEN_BYTES + 1];
};

static enum reply_result dial(void *ctx)
{
    const struct resend *r = ctx;
    return menu_sign_in_again(r->m);
}

static enum reply_result resend(void *ctx)
{
    const struct resend *r = ctx;
    return link_resend(&r->m->call.link, r->name, span_str(r->id), r->token);
}

/* Sends it, and again if no answer comes, until there is one or the user gives up. */
static enum menu_next resend_until_answered(struct resend *r)
{
    struct menu *m = r->m;
    struct repeat repeat = {.call = &m->call, .dial = dial, .send = resend, .ctx = r};
    for (;;) {
        bool yes;
        enum repeat_end end = repeat_send(&repeat);
        if (end == REPEAT_DONE)
            return menu_done(_("Message resent successfully."));
        if (end == REPEAT_REFUSED && !repeat.in_doubt)
            return menu_failed(m, REPLY_NOOP, _("Message was not sent"));
        struct span words = menu_words(m);
        prompt_say("\n%s%.*s.\n", _("Message was not sent: "), SPAN_PRINTF(words));
        if (end == REPEAT_UNSURE) {
            prompt_say("%s\n", _("No answer came: it may have been sent, or not, and this server "
                                 "cannot tell."));
            return m->call.open ? MENU_ON : MENU_LOST;
        }
        if (repeat.in_doubt)
            prompt_say(
                "%s\n",
                _("An earlier attempt may have arrived. Sending again shows whether it did, and "
                  "sends nothing twice."));
        struct buf answer;
        buf_init(&answer, PROMPT_LINE_BYTES);
        bool answered = prompt_yes(&answer, _("Try again? (y/n): "), &yes);
        buf_free(&answer);
        if (!answered)
            return MENU_LEAVE;
        if (!yes)
            return m->call.open ? MENU_ON : MENU_LOST;
    }
}

/* A server that shows a message only by marking it as read copies it itself, without its author. */
static enum menu_next resend_unchanged(struct menu *m, const char *name, uint64_t id)
{
    struct resend r = {.m = m, .name = span_str(name)};
    snprintf(r.id, sizeof r.id, "%" PRIu64, id);
    os_random_hex(r.token, LINK_TOKEN_BYTES);
    return resend_until_answered(&r);
}

/* Asks for the message. */
static bool ask_id(struct menu *m, const char *text, uint64_t *id)
{
    return prompt_id(&m->line, text) && span_u64(buf_span(&m->line), UINT64_MAX, id);
}

/* Lets act make a letter of a text that was made of a message. Frees the text. */
static enum menu_next go_on(struct menu *m, const char *name, struct buf *text,
                            enum menu_next act(struct menu *m, const char *name, struct span text))
{
    enum menu_next next =
        buf_ok(text) ? act(m, name, buf_span(text)) : menu_done(_("Out of memory."));
    buf_free(text);
    return next;
}

enum menu_next menu_answer_resend(struct menu *m)
{
    struct message message;
    struct buf text;
    char name[NAME_BYTES + 1];
    uint64_t id;
    if (!ask_id(m, _("You are about to resend a message. Enter the <message ID>: "), &id) ||
        !prompt_name(&m->line, _("Enter the <username>: "), NULL) ||
        !name_fold(buf_span(&m->line), name))
        return MENU_LEAVE;
    enum reply_result result = peek_message(&m->call.link, id, false, &message);
    if (result == REPLY_NOOP && link_lacks(&m->call.link))
        return resend_unchanged(m, name, id);
    if (result != REPLY_OK)
        return menu_failed(m, result, _("Message was not sent"));
    buf_init(&text, SIZE_MAX / 2);
    quote_copy(&text, &message);
    return go_on(m, name, &text, menu_letter_copy);
}

static void print_quote(struct menu *m, const struct buf *text)
{
    buf_clear(&m->text);
    buf_add_char(&m->text, '\n');
    quote_show(&m->text, buf_span(text), output_columns());
    output_write(buf_span(&m->text));
}

enum menu_next menu_answer_reply(struct menu *m)
{
    struct message message;
    struct buf text;
    char name[NAME_BYTES + 1];
    uint64_t id;
    if (!ask_id(m, _("You are about to reply to a message. Enter the <message ID>: "), &id))
        return MENU_LEAVE;
    enum reply_result result = peek_message(&m->call.link, id, false, &message);
    if (result != REPLY_OK)
        return menu_failed(m, result, _("No reply can be sent"));
    if (letter_is_outside(&message))
        return menu_done(_("No reply can be sent: the message came from outside, and letters go "
                           "only to users of this server."));
    if (!name_fold(message.from, name))
        return menu_done(_("No reply can be sent: the message has no sender."));
    buf_init(&text, SIZE_MAX / 2);
    quote_reply(&text, &message);
    print_quote(m, &text);
    return go_on(m, name, &text, menu_letter_reply);
}
