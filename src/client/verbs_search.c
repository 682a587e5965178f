/* SPDX-License-Identifier: ISC */
#include "client/verbs_search.h"

#include "client/language.h"
#include "client/letter.h"
#include "client/output.h"
#include "client/search.h"
#include "client/verbs_ids.h"
#include "client/verbs_list.h"

struct hunt {
    struct search search;
    struct buf row, text;
    bool found; /* at least once */
};

static enum error_code search_one(struct verbs_ids *walk)
{
    struct hunt *h = walk->ctx;
    struct message m;
    enum error_code code = verbs_ids_message(walk, false, &m);
    walk->stop = link_lacks(&walk->run->call.link);
    if (code != ERROR_NONE)
        return code;
    buf_clear(&h->row);
    if (search_finds(&h->search, &m)) {
        h->found = true;
        m.body = letter_text(&h->text, m.body);
        verbs_list_row(&h->row, &m);
    }
    if (!buf_ok(&h->row) || !buf_ok(&h->text) || !buf_ok(&h->search.text)) {
        walk->stop = true;
        return error_say(ERROR_SOFTWARE, _("out of memory"));
    }
    if (h->row.n > 0)
        walk->stop = !output_write(buf_span(&h->row)) || !output_flush();
    return ERROR_NONE;
}

enum error_code verbs_search_search(struct verbs_run *run)
{
    struct hunt h = {.found = false};
    verbs_list_begin(run);
    search_begin(&h.search, span_str(run->args[0]));
    buf_init(&h.row, SIZE_MAX / 2);
    buf_init(&h.text, SIZE_MAX / 2);
    enum error_code code = verbs_ids_walk(run, "all", OP_SHOW_LIST, search_one, &h);
    enum error_code written = output_finish();
    if (written != ERROR_NONE)
        code = written;
    else if (code == ERROR_NONE && !h.found)
        code = ERROR_NOTHING;
    if (code == ERROR_NOTHING)
        error_nothing(_("no message contains this text"));
    buf_free(&h.row);
    buf_free(&h.text);
    search_end(&h.search);
    return code;
}
