/* SPDX-License-Identifier: ISC */
#include "client/menu_more.h"

#include <stdio.h>

#include "client/language.h"
#include "client/listing.h"
#include "client/output.h"
#include "client/rows.h"
#include "client/view.h"

struct list {
    struct listing_taker taker; /* first, so that show_row can cast it back */
    struct rows rows;
    struct buf *text;
};

static bool show_row(struct listing_taker *t, const struct message *m)
{
    struct list *list = (struct list *)t;
    buf_clear(list->text);
    rows_add(&list->rows, list->text, m);
    output_write(buf_span(list->text));
    return true;
}

/* Lists messages in columns, through a pager if they do not fit the screen. */
static enum menu_next list_messages(struct menu *m, enum opcode op, const char *title)
{
    unsigned columns = output_columns();
    struct list list = {
        {show_row}, {rows_form(columns), columns, output_coloured(), false}, &m->text};
    prompt_say("%s\n\n", title);
    output_page();
    enum reply_result result = listing_each(&m->call.link, op, &list.taker);
    output_finish();
    if (result != REPLY_OK)
        return menu_failed(m, result, _("Messages were not listed"));
    return menu_done(list.rows.begun ? "" : _("There are no messages."));
}

enum menu_next menu_more_list(struct menu *m)
{
    return list_messages(m, OP_SHOW_LIST, _("Listing all messages."));
}

enum menu_next menu_more_trash(struct menu *m)
{
    return list_messages(m, OP_SHOW_DELETED,
                         _("Listing the deleted messages that can be restored."));
}

enum menu_next menu_more_restore(struct menu *m)
{
    if (!prompt_id(&m->line, _("You are about to restore a message. Enter the <message ID>: ")))
        return MENU_LEAVE;
    struct span id = buf_span(&m->line);
    enum reply_result result = link_ask(&m->call.link, OP_RESTORE_MESSAGE, &id, 1);
    return result == REPLY_OK ? menu_done(_("Message restored successfully."))
                              : menu_failed(m, result, _("Message was not restored"));
}

enum menu_next menu_more_status(struct menu *m)
{
    static const char *const names[] = {N_("Messages"), N_("Unread messages"), N_("Bytes"),
                                        N_("Most bytes (0: no limit)"),
                                        N_("Most messages (0: no limit)")};
    struct span number;
    enum reply_result result = link_ask(&m->call.link, OP_STATUS, NULL, 0);
    if (result != REPLY_OK)
        return menu_failed(m, result, _("The status was not shown"));
    buf_clear(&m->text);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        result = link_next(&m->call.link, &number);
        if (result != REPLY_OK && result != REPLY_END)
            return MENU_LOST;
        buf_printf(&m->text, "%s: ", _(names[i]));
        if (result == REPLY_OK)
            view_safe(&m->text, number, VIEW_ROW);
        buf_add_char(&m->text, '\n');
    }
    prompt_say("%.*s", SPAN_PRINTF(buf_span(&m->text)));
    return menu_done("");
}

enum menu_next menu_more_settings(struct menu *m)
{
    buf_clear(&m->text);
    settings_show(m->set, &m->text);
    output_page();
    output_write(buf_span(&m->text));
    output_finish();
    return menu_done("");
}

enum menu_next menu_more_help(struct menu *m)
{
    (void)m;
    prompt_say("%s\n", _("Type the number of an item and press Enter.\n"
                         "Ctrl-C leads back to this menu from every question. So does an empty "
                         "answer, unless the question shows a name in brackets: then it means that "
                         "name.\n"
                         "Ctrl-D on an empty line leaves the menu.\n"
                         "The arrow keys move in what is typed, and bring back earlier answers.\n"
                         "Pasted text is only text: it runs no item and does not end a message.\n"
                         "A message ends with a line that is a single dot, or with Ctrl-D on an "
                         "empty line.\n"
                         "The line ~e in it runs your editor: $VISUAL, $EDITOR or vi.\n"
                         "Deleted messages stay in the trash for a time and can be restored."));
    return menu_done("");
}
