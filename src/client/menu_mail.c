/* SPDX-License-Identifier: ISC */
#include "client/menu_mail.h"

#include <stdio.h>

#include "client/letter.h"
#include "client/output.h"
#include "client/prompt.h"
#include "client/repeat.h"
#include "os/random.h"

/* A resend while it is repeated. */
struct resend {
    struct menu *m;
    struct span name, id;
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
    return link_resend(&r->m->call.link, r->name, r->id, r->token);
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
            return menu_done("Message resent successfully.");
        if (end == REPEAT_REFUSED && !repeat.in_doubt)
            return menu_failed(m, REPLY_NOOP, "Message was not sent");
        printf("\nMessage was not sent: ");
        menu_print_words(m);
        puts(".");
        if (end == REPEAT_UNSURE) {
            puts("No answer came: it may have been sent, or not, and this server cannot tell.");
            return m->call.open ? MENU_ON : MENU_LOST;
        }
        if (repeat.in_doubt)
            puts("An earlier attempt may have arrived. Another one finds out, and sends nothing "
                 "twice.");
        struct buf answer;
        buf_init(&answer, PROMPT_LINE_BYTES);
        bool answered = prompt_yes(&answer, "Try again? (y/n): ", &yes);
        buf_free(&answer);
        if (!answered)
            return MENU_LEAVE;
        if (!yes)
            return m->call.open ? MENU_ON : MENU_LOST;
    }
}

enum menu_next menu_mail_resend(struct menu *m)
{
    struct resend r = {.m = m};
    char id[24];
    if (!prompt_id(&m->line, "You are about to resend a message. Enter the <message ID>: "))
        return MENU_LEAVE;
    snprintf(id, sizeof id, "%.*s", SPAN_PRINTF(buf_span(&m->line)));
    if (!prompt_name(&m->line, "Enter the <username>: ", NULL))
        return MENU_LEAVE;
    r.id = span_str(id);
    r.name = buf_span(&m->line);
    os_random_hex(r.token, LINK_TOKEN_BYTES);
    return resend_until_answered(&r);
}

/* Shows the messages of an answer as they arrive. The blank lines are those of the listing. */
static enum menu_next show_messages(struct menu *m, enum reply_result result, const char *title)
{
    struct message message;
    bool any = false;
    if (result != REPLY_OK)
        return menu_failed(m, result, "Messages were not shown");
    printf("%s\n\n", title);
    while ((result = link_next_message(&m->call.link, &message)) == REPLY_OK) {
        buf_clear(&m->text);
        letter_show(&m->text, &message, output_columns());
        fwrite(m->text.p, 1, m->text.n, stdout);
        putchar('\n');
        any = true;
    }
    if (result != REPLY_END)
        return MENU_LOST;
    if (!any)
        puts("There are no messages.\n");
    return prompt_key("\n\nPress any key.") ? MENU_ON : MENU_LEAVE;
}

enum menu_next menu_mail_unread(struct menu *m)
{
    return show_messages(m, link_ask(&m->call.link, OP_SHOW_UNREAD, NULL, 0),
                         "Showing unread messages.");
}

enum menu_next menu_mail_all(struct menu *m)
{
    return show_messages(m, link_ask(&m->call.link, OP_SHOW_ALL, NULL, 0), "Showing all messages.");
}

enum menu_next menu_mail_exact(struct menu *m)
{
    if (!prompt_id(&m->line, "You are about to see a message. Enter the <message ID>: "))
        return MENU_LEAVE;
    struct span id = buf_span(&m->line);
    return show_messages(m, link_ask(&m->call.link, OP_SHOW_EXACT, &id, 1),
                         "Showing the exact message.");
}

enum menu_next menu_mail_delete(struct menu *m)
{
    if (!prompt_id(&m->line, "You are about to delete a message. Enter the <message ID>: "))
        return MENU_LEAVE;
    struct span id = buf_span(&m->line);
    enum reply_result result = link_ask(&m->call.link, OP_DELETE_MESSAGE, &id, 1);
    return result == REPLY_OK ? menu_done("Message deleted successfully.")
                              : menu_failed(m, result, "Message was not deleted");
}
