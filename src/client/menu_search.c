/* SPDX-License-Identifier: ISC */
#include "client/menu_search.h"

#include <stdio.h>

#include "client/ids.h"
#include "client/language.h"
#include "client/letter.h"
#include "client/output.h"
#include "client/peek.h"
#include "client/rows.h"
#include "client/search.h"

/* Lists those that are found, in columns. One that was deleted meanwhile is left out. */
static enum reply_result list_found(struct menu *m, const struct ids *ids, struct search *search,
                                    struct rows *rows, struct buf *text)
{
    struct message message;
    for (size_t i = 0; i < ids->n; i++) {
        enum reply_result result = peek_message(&m->call.link, ids->id[i], false, &message);
        if (result == REPLY_NOOP && !link_lacks(&m->call.link))
            continue;
        if (result != REPLY_OK)
            return result;
        buf_clear(&m->text);
        if (search_finds(search, &message)) {
            message.body = letter_text(text, message.body);
            rows_add(rows, &m->text, &message);
        }
        if (!buf_ok(&m->text) || !buf_ok(text) || !buf_ok(&search->text))
            return reply_fail(&m->call.link.reply, REPLY_MEMORY, _("out of memory"));
        output_write(buf_span(&m->text));
    }
    return REPLY_OK;
}

enum menu_next menu_search(struct menu *m)
{
    struct search search;
    struct ids ids;
    struct buf text;
    unsigned columns = output_columns();
    struct rows rows = {rows_form(columns), columns, output_coloured(), false};
    if (!prompt_line(&m->line, _("You are about to search all messages. Enter the <text>: ")))
        return MENU_LEAVE;
    if (m->line.n == 0)
        return MENU_ON;
    search_begin(&search, buf_span(&m->line));
    buf_init(&text, SIZE_MAX / 2);
    putchar('\n');
    output_page();
    enum reply_result result = ids_find(&ids, &m->call.link, SPAN("all"), OP_SHOW_LIST);
    if (result == REPLY_OK)
        result = list_found(m, &ids, &search, &rows, &text);
    output_finish();
    ids_free(&ids);
    search_end(&search);
    buf_free(&text);
    if (result != REPLY_OK)
        return menu_failed(m, result, _("Messages were not searched"));
    return menu_done(rows.begun ? "" : _("No message contains this text."));
}
