/* SPDX-License-Identifier: ISC */
#include "client/verbs_show.h"

#include <inttypes.h>

#include "client/language.h"
#include "client/letter.h"
#include "client/output.h"
#include "client/peek.h"
#include "client/verbs_ids.h"
#include "client/verbs_read.h"

/*
 * Hands a message to standard output, where output_finish finds what went wrong. *files is how many
 * of its files were not written.
 */
static enum error_code write_message(struct verbs_ids *walk, const struct message *m, bool apart,
                                     size_t *files)
{
    enum error_code code = ERROR_NONE;
    struct buf text;
    *files = 0;
    if (walk->run->raw) {
        output_write(m->body);
        return code;
    }
    buf_init(&text, SIZE_MAX / 2);
    *files = letter_show(&text, m, walk->run->user, output_columns());
    if (apart)
        buf_add_char(&text, '\n');
    if (buf_ok(&text))
        output_write(buf_span(&text));
    else
        code = error_say(ERROR_SOFTWARE, _("out of memory"));
    buf_free(&text);
    return code;
}

static enum error_code mark_read(struct verbs_ids *walk)
{
    enum reply_result result = peek_mark_read(&walk->run->call.link, walk->ids.id[walk->at]);
    return result == REPLY_OK ? ERROR_NONE : verbs_ids_failed(walk, result);
}

static enum error_code show_one(struct verbs_ids *walk, bool apart)
{
    struct message m = {.id = 0};
    enum error_code code = verbs_ids_message(walk, true, &m);
    bool mark = m.state == MESSAGE_UNREAD;
    size_t files;
    if (code == ERROR_NONE)
        code = write_message(walk, &m, apart, &files);
    if (code != ERROR_NONE)
        return code;
    walk->stop = !output_flush() || (mark && !verbs_ids_last(walk) && !output_taken());
    return walk->stop || !mark ? ERROR_NONE : mark_read(walk);
}

static enum error_code show_apart(struct verbs_ids *walk)
{
    return show_one(walk, true);
}

/* One message stands alone; several are set apart by blank lines. */
static enum error_code show_given(struct verbs_ids *walk)
{
    return show_one(walk, walk->ids.n > 1);
}

/* What could not be written counts more than a message that could not be got. */
static enum error_code finish(enum error_code code)
{
    enum error_code written = output_finish();
    return written == ERROR_NONE ? code : written;
}

static enum error_code take_one(struct verbs_ids *walk)
{
    struct message m = {.id = 0};
    size_t files = 0;
    enum error_code code = verbs_ids_message(walk, true, &m);
    if (code == ERROR_NONE)
        code = write_message(walk, &m, walk->ids.n > 1, &files);
    if (code != ERROR_NONE)
        return code;
    if (files > 0)
        return error_say(ERROR_DATA,
                         _("%" PRIu64
                           " is kept: its files were not written out (%zu): take it with "
                           "--raw, or save the files and delete it"),
                         m.id, files);
    /* After the deletion the output is the only copy. */
    walk->stop = !output_sync() || !output_taken();
    if (walk->stop)
        return ERROR_NONE;
    enum reply_result result = verbs_ids_ask(walk, OP_DELETE_MESSAGE, NULL);
    walk->stop = result != REPLY_OK;
    return walk->stop ? verbs_ids_failed(walk, result) : ERROR_NONE;
}

static void view_block(struct buf *out, const struct message *m)
{
    letter_show(out, m, NULL, output_columns());
    buf_add_char(out, '\n');
}

enum error_code verbs_show_show(struct verbs_run *run)
{
    /* A server that knows only the report does not list messages without marking them as read. */
    if (link_version(&run->call.link) < 2)
        return verbs_read_maybe(verbs_read_each(run, "show", OP_SHOW_ALL, view_block));
    return verbs_read_maybe(finish(verbs_ids_walk(run, "all", OP_SHOW_LIST, show_apart, NULL)));
}

enum error_code verbs_show_unread(struct verbs_run *run)
{
    enum error_code code =
        link_version(&run->call.link) < 2
            ? verbs_read_each(run, "unread", OP_SHOW_UNREAD, view_block)
            : finish(verbs_ids_walk(run, "unread", OP_SHOW_LIST, show_apart, NULL));
    if (code == ERROR_NOTHING)
        error_nothing(_("there are no unread messages"));
    return code;
}

enum error_code verbs_show_read(struct verbs_run *run)
{
    return finish(verbs_ids_walk(run, run->args[0], OP_SHOW_LIST, show_given, NULL));
}

enum error_code verbs_show_take(struct verbs_run *run)
{
    return finish(verbs_ids_walk(run, run->args[0], OP_SHOW_LIST, take_one, NULL));
}
