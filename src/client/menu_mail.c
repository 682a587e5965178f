/* SPDX-License-Identifier: ISC */
#include "client/menu_mail.h"

#include <inttypes.h>
#include <stdio.h>

#include "client/ids.h"
#include "client/language.h"
#include "client/letter.h"
#include "client/output.h"
#include "client/peek.h"
#include "client/prompt.h"

static void print_message(struct menu *m, const struct message *message)
{
    buf_clear(&m->text);
    letter_show(&m->text, message, m->user, output_columns());
    buf_add_char(&m->text, '\n');
    output_write(buf_span(&m->text));
}

/* After messages the blank lines are those of the listing. */
static enum menu_next end_messages(bool any)
{
    if (!any)
        return menu_done(_("There are no messages."));
    return prompt_key(_("\n\nPress any key.")) ? MENU_ON : MENU_LEAVE;
}

/* Shows the messages of an answer as they arrive: the server marks them as it sends them. */
static enum menu_next show_answer(struct menu *m, enum opcode op, const char *title)
{
    struct message message;
    bool any = false;
    enum reply_result result = link_ask(&m->call.link, op, NULL, 0);
    if (result != REPLY_OK)
        return menu_failed(m, result, _("Messages were not shown"));
    printf("%s\n\n", title);
    while ((result = link_next_message(&m->call.link, &message)) == REPLY_OK) {
        print_message(m, &message);
        any = true;
    }
    return result == REPLY_END ? end_messages(any) : MENU_LOST;
}

/* Marks a message as read once it has been written out. REPLY_END: it cannot be written. */
static enum reply_result print_and_mark(struct menu *m, const struct message *message)
{
    uint64_t id = message->id;
    bool unread = message->state == MESSAGE_UNREAD;
    print_message(m, message);
    if (!buf_ok(&m->text) || !output_flush() || (unread && !output_taken()))
        return REPLY_END;
    return unread ? peek_mark_read(&m->call.link, id) : REPLY_OK;
}

/* One that was deleted meanwhile is named, and the others are shown. */
static enum reply_result show_ids(struct menu *m, const struct ids *ids)
{
    struct message message;
    enum reply_result result = REPLY_OK;
    for (size_t i = 0; i < ids->n && result == REPLY_OK; i++) {
        result = peek_message(&m->call.link, ids->id[i], true, &message);
        if (result == REPLY_OK) {
            result = print_and_mark(m, &message);
        } else if (result == REPLY_NOOP) {
            struct span words = menu_words(m);
            prompt_say(_("Message with ID = %" PRIu64 " was not shown: %.*s.\n\n"), ids->id[i],
                       SPAN_PRINTF(words));
            result = REPLY_OK;
        }
    }
    return result;
}

/* Shows the messages that text means; op is what older servers know. */
static enum menu_next show_messages(struct menu *m, const char *text, enum opcode op,
                                    const char *title)
{
    struct ids ids;
    enum reply_result result = ids_find(&ids, &m->call.link, span_str(text), OP_SHOW_LIST);
    enum menu_next next;
    if (result == REPLY_NOOP && link_lacks(&m->call.link)) {
        next = show_answer(m, op, title);
    } else if (result != REPLY_OK) {
        next = menu_failed(m, result, _("Messages were not shown"));
    } else {
        printf("%s\n\n", title);
        result = show_ids(m, &ids);
        next = result == REPLY_OK || result == REPLY_END ? end_messages(ids.n > 0) : MENU_LOST;
    }
    ids_free(&ids);
    return next;
}

enum menu_next menu_mail_unread(struct menu *m)
{
    return show_messages(m, "unread", OP_SHOW_UNREAD, _("Showing unread messages."));
}

enum menu_next menu_mail_all(struct menu *m)
{
    return show_messages(m, "all", OP_SHOW_ALL, _("Showing all messages."));
}

enum menu_next menu_mail_exact(struct menu *m)
{
    struct message message;
    uint64_t id;
    if (!prompt_id(&m->line, _("You are about to see a message. Enter the <message ID>: ")))
        return MENU_LEAVE;
    span_u64(buf_span(&m->line), UINT64_MAX, &id);
    enum reply_result result = peek_message(&m->call.link, id, true, &message);
    if (result != REPLY_OK)
        return menu_failed(m, result, _("Messages were not shown"));
    printf(_("Showing the exact message.\n\n"));
    result = print_and_mark(m, &message);
    return result == REPLY_OK || result == REPLY_END ? end_messages(true) : MENU_LOST;
}

enum menu_next menu_mail_delete(struct menu *m)
{
    if (!prompt_id(&m->line, _("You are about to delete a message. Enter the <message ID>: ")))
        return MENU_LEAVE;
    struct span id = buf_span(&m->line);
    enum reply_result result = link_ask(&m->call.link, OP_DELETE_MESSAGE, &id, 1);
    return result == REPLY_OK ? menu_done(_("Message deleted successfully."))
                              : menu_failed(m, result, _("Message was not deleted"));
}
