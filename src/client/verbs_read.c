/* SPDX-License-Identifier: ISC */
#include "client/verbs_read.h"

#include <string.h>

#include "client/error.h"
#include "client/language.h"
#include "client/listing.h"
#include "client/output.h"
#include "client/verbs_list.h"
#include "client/view.h"

/* The answer may be larger than memory. */
enum error_code verbs_read_each(struct verbs_run *run, const char *verb, enum opcode op,
                                void (*view)(struct buf *, const struct message *))
{
    struct link *l = &run->call.link;
    struct message m;
    struct buf text;
    bool written = true, any = false;
    buf_init(&text, SIZE_MAX / 2);
    enum reply_result result = link_ask(l, op, NULL, 0);
    while (result == REPLY_OK && written && (result = link_next_message(l, &m)) == REPLY_OK) {
        buf_clear(&text);
        view(&text, &m);
        written = buf_ok(&text) && output_write(buf_span(&text));
        any = true;
    }
    enum error_code code = output_finish();
    if (code == ERROR_NONE && !buf_ok(&text))
        code = error_say(ERROR_SOFTWARE, _("out of memory"));
    else if (code == ERROR_NONE && result != REPLY_END)
        code = verbs_run_failed(run, verb, result);
    else if (code == ERROR_NONE && !any)
        code = ERROR_NOTHING;
    buf_free(&text);
    return code;
}

enum error_code verbs_read_maybe(enum error_code code)
{
    return code == ERROR_NOTHING ? ERROR_NONE : code;
}

struct rows_writer {
    struct listing_taker taker; /* first, so that write_row can cast it back */
    struct buf text;
    bool any;
};

static bool write_row(struct listing_taker *t, const struct message *m)
{
    struct rows_writer *w = (struct rows_writer *)t;
    w->any = true;
    buf_clear(&w->text);
    verbs_list_row(&w->text, m);
    return buf_ok(&w->text) && output_write(buf_span(&w->text));
}

static enum error_code list(struct verbs_run *run, enum opcode op)
{
    struct rows_writer w = {.taker = {write_row}};
    buf_init(&w.text, SIZE_MAX / 2);
    verbs_list_begin(run);
    output_page();
    enum reply_result result = listing_each(&run->call.link, op, &w.taker);
    enum error_code code = output_finish();
    if (code == ERROR_NONE && !buf_ok(&w.text))
        code = error_say(ERROR_SOFTWARE, _("out of memory"));
    else if (code == ERROR_NONE && result != REPLY_OK)
        code = verbs_run_failed(run, run->options->words[0], result);
    else if (code == ERROR_NONE && !w.any)
        error_nothing(_("there are no messages"));
    buf_free(&w.text);
    return code;
}

enum error_code verbs_read_list(struct verbs_run *run)
{
    return list(run, OP_SHOW_LIST);
}

enum error_code verbs_read_trash(struct verbs_run *run)
{
    return list(run, OP_SHOW_DELETED);
}

enum error_code verbs_read_status(struct verbs_run *run)
{
    static const char *const names[] = {"messages", "unread", "bytes", "quota-bytes",
                                        "quota-messages"};
    struct link *l = &run->call.link;
    struct span arg;
    struct buf text;
    buf_init(&text, SIZE_MAX / 2);
    enum reply_result result = link_ask(l, OP_STATUS, NULL, 0);
    for (size_t i = 0; i < sizeof names / sizeof names[0] && result == REPLY_OK; i++) {
        result = link_next(l, &arg);
        buf_printf(&text, "%s ", names[i]);
        view_safe(&text, arg, VIEW_ROW);
        buf_add_char(&text, '\n');
    }
    enum error_code code;
    if (result == REPLY_OK)
        code = output_text(&text);
    else if (result == REPLY_END)
        code = error_say(ERROR_PROTOCOL, _("the server's status has too few numbers"));
    else
        code = verbs_run_failed(run, "status", result);
    buf_free(&text);
    return code;
}
