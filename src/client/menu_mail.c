/* SPDX-License-Identifier: ISC */
#include "client/menu_mail.h"

#include <stdio.h>

#include "client/letter.h"
#include "client/output.h"
#include "client/prompt.h"
#include "os/random.h"

/* Shows how a Send or Resend ended. It is never repeated: the user decides. */
static enum menu_next show_sent(struct menu *m, enum reply_result result, const char *text)
{
    if (result == REPLY_OK)
        return menu_done(text);
    if (result != REPLY_NOOP)
        puts("\nNo answer came: the message may have been sent, or not.");
    return menu_failed(m, result, "Message was not sent");
}

enum menu_next menu_mail_send(struct menu *m)
{
    char token[LINK_TOKEN_BYTES + 1], name[NAME_BYTES + 1];
    if (!prompt_name(&m->line, "You are about to send a message. Enter the <username>: ", NULL))
        return MENU_LEAVE;
    name_fold(buf_span(&m->line), name);
    puts("Enter the message, many lines if you like. A line with a single dot ends it:");
    if (!prompt_message(&m->text))
        return MENU_LEAVE;
    if (!buf_ok(&m->text))
        return menu_done("Message was not sent: out of memory.");
    os_random_hex(token, LINK_TOKEN_BYTES);
    return show_sent(m, link_send(&m->call.link, span_str(name), buf_span(&m->text), token),
                     "Message sent successfully.");
}

enum menu_next menu_mail_resend(struct menu *m)
{
    char token[LINK_TOKEN_BYTES + 1], id[24];
    if (!prompt_id(&m->line, "You are about to resend a message. Enter the <message ID>: "))
        return MENU_LEAVE;
    snprintf(id, sizeof id, "%.*s", SPAN_PRINTF(buf_span(&m->line)));
    if (!prompt_name(&m->line, "Enter the <username>: ", NULL))
        return MENU_LEAVE;
    os_random_hex(token, LINK_TOKEN_BYTES);
    return show_sent(m, link_resend(&m->call.link, buf_span(&m->line), span_str(id), token),
                     "Message resent successfully.");
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
