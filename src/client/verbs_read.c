/* SPDX-License-Identifier: ISC */
#include "client/verbs_read.h"

#include <string.h>

#include "client/error.h"
#include "client/output.h"
#include "client/view.h"
#include "os/clock.h"

#define NOOP_MS 20000 /* a watcher sends Noop this often: servers disconnect idle clients */

/* Prints each message of an answer as it arrives: the answer may be larger than memory. */
static enum error_code print_each(struct verbs_run *run, const char *verb, enum opcode op,
                                  void (*view)(struct buf *, const struct message *))
{
    struct link *l = &run->call.link;
    struct message m;
    struct buf text;
    bool written = true;
    buf_init(&text, SIZE_MAX / 2);
    enum reply_result result = link_ask(l, op, NULL, 0);
    while (result == REPLY_OK && written && (result = link_next_message(l, &m)) == REPLY_OK) {
        buf_clear(&text);
        view(&text, &m);
        written = buf_ok(&text) && output_write(buf_span(&text));
    }
    enum error_code code = output_finish();
    if (code == ERROR_NONE && !buf_ok(&text))
        code = error_say(ERROR_SOFTWARE, "out of memory");
    else if (code == ERROR_NONE && result != REPLY_END)
        code = verbs_run_failed(run, verb, result);
    buf_free(&text);
    return code;
}

static void view_block(struct buf *out, const struct message *m)
{
    view_message(out, m, output_columns());
    buf_add_char(out, '\n');
}

enum error_code verbs_read_list(struct verbs_run *run)
{
    return print_each(run, "list", OP_SHOW_LIST, view_row);
}

struct printer {
    struct reply_watcher watcher; /* first, so that print_news can cast it back */
    struct buf text;
    bool failed;
};

static void print_news(struct reply_watcher *w, const struct message *m)
{
    struct printer *p = (struct printer *)w;
    buf_clear(&p->text);
    view_row(&p->text, m);
    p->failed =
        p->failed || !buf_ok(&p->text) || !output_write(buf_span(&p->text)) || !output_flush();
}

/* Ends only in failure: the connection is lost, or standard output cannot be written. */
enum error_code verbs_read_watch(struct verbs_run *run)
{
    struct printer p = {.watcher = {print_news}};
    struct link *l = &run->call.link;
    int64_t noop_ms = os_clock_ms() + NOOP_MS;
    buf_init(&p.text, SIZE_MAX / 2);
    enum reply_result result = link_watch(l, &p.watcher);
    while (result == REPLY_OK && !p.failed) {
        result = link_wait(l, noop_ms);
        if (result != REPLY_OK || os_clock_ms() < noop_ms)
            continue;
        result = link_ask(l, OP_NOOP, NULL, 0);
        noop_ms = os_clock_ms() + NOOP_MS;
    }
    enum error_code code = output_finish();
    if (code == ERROR_NONE && p.failed)
        code = error_say(ERROR_SOFTWARE, "out of memory");
    else if (code == ERROR_NONE)
        code = verbs_run_failed(run, "watch", result);
    buf_free(&p.text);
    return code;
}

enum error_code verbs_read_show(struct verbs_run *run)
{
    return print_each(run, "show", OP_SHOW_ALL, view_block);
}

enum error_code verbs_read_unread(struct verbs_run *run)
{
    return print_each(run, "unread", OP_SHOW_UNREAD, view_block);
}

/* Gets message number id. The spans of *m are valid until the next request. */
static enum error_code get_message(struct verbs_run *run, uint64_t id, struct message *m)
{
    struct link *l = &run->call.link;
    struct span arg = span_str(run->args[0]);
    enum reply_result result = link_ask(l, OP_SHOW_EXACT, &arg, 1);
    if (result == REPLY_OK)
        result = link_next_message(l, m);
    if (result == REPLY_OK && (m->id != id || m->len != m->body.n))
        return error_say(ERROR_PROTOCOL, "the server sent a different or incomplete message");
    if (result == REPLY_END)
        return error_say(ERROR_PROTOCOL, "the server said Yes and sent no message");
    return result == REPLY_OK ? ERROR_NONE : verbs_run_failed(run, run->args[0], result);
}

/* Gets a message, writes it, and finishes standard output. */
static enum error_code print_message(struct verbs_run *run)
{
    uint64_t id;
    struct message m = {.id = 0};
    if (!span_u64(span_str(run->args[0]), UINT64_MAX, &id))
        return error_say(ERROR_USAGE,
                         "%s is not a message ID: it is a decimal number, see pochta list",
                         run->args[0]);
    enum error_code code = get_message(run, id, &m);
    if (code != ERROR_NONE)
        return code;
    if (run->raw) {
        output_write(m.body);
        return output_finish();
    }
    struct buf text;
    buf_init(&text, SIZE_MAX / 2);
    view_message(&text, &m, output_columns());
    code = output_text(&text);
    buf_free(&text);
    return code;
}

enum error_code verbs_read_read(struct verbs_run *run)
{
    return print_message(run);
}

enum error_code verbs_read_take(struct verbs_run *run)
{
    /* After the deletion the output is the only copy, so it must be complete. */
    enum error_code code = print_message(run);
    if (code != ERROR_NONE)
        return code;
    struct span id = span_str(run->args[0]);
    return verbs_run_ask(run, run->args[0], OP_DELETE_MESSAGE, &id, 1);
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
        code = error_say(ERROR_PROTOCOL, "the server's status has too few numbers");
    else
        code = verbs_run_failed(run, "status", result);
    buf_free(&text);
    return code;
}
