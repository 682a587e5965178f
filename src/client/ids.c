/* SPDX-License-Identifier: ISC */
#include "client/ids.h"

#include <stdlib.h>

#include "client/language.h"

/* What one part of the text means. */
struct part {
    uint64_t first, last;
    bool unread; /* only those that are unread */
};

void ids_free(struct ids *ids)
{
    free(ids->id);
    *ids = (struct ids){.n = 0};
}

static bool parse_part(struct span text, struct part *p)
{
    struct span first = text;
    *p = (struct part){.first = 0, .last = UINT64_MAX, .unread = span_eq(text, SPAN("unread"))};
    if (p->unread || span_eq(text, SPAN("all")))
        return true;
    bool range = span_cut(&text, '-', &first);
    return span_u64(first, UINT64_MAX, &p->first) &&
           span_u64(range ? text : first, UINT64_MAX, &p->last) && p->first <= p->last;
}

/* Takes the first part off the text. False: the text is empty, or the part is not valid. */
static bool next_part(struct span *text, struct part *p)
{
    struct span part = *text;
    if (!span_cut(text, ',', &part))
        *text = span_of(NULL, 0);
    return parse_part(part, p);
}

/* All of them, read or not, have a range. */
static bool is_single(const struct part *p)
{
    return p->first == p->last;
}

/* An empty text and an empty part are not valid, and that is what next_part finds there. */
bool ids_text_ok(struct span text)
{
    struct part p;
    size_t parts = span_count(text, ',') + 1;
    while (parts > 0 && next_part(&text, &p))
        parts--;
    return parts == 0;
}

static bool add_id(struct ids *ids, uint64_t id)
{
    if (ids->n == ids->cap) {
        size_t cap = 2 * ids->cap + 16;
        uint64_t *grown = realloc(ids->id, cap * sizeof *grown);
        if (!grown)
            return false;
        ids->id = grown;
        ids->cap = cap;
    }
    ids->id[ids->n++] = id;
    return true;
}

static bool is_meant(struct span text, const struct message *m)
{
    struct part p;
    while (next_part(&text, &p))
        if (m->id >= p.first && m->id <= p.last && (!p.unread || m->state == MESSAGE_UNREAD))
            return true;
    return false;
}

/* Adds those of a list. */
static enum reply_result add_listed(struct ids *ids, struct link *l, struct span text,
                                    enum opcode list)
{
    struct message m;
    enum reply_result result = link_ask(l, list, NULL, 0);
    while (result == REPLY_OK && (result = link_next_message(l, &m)) == REPLY_OK)
        if (is_meant(text, &m) && !add_id(ids, m.id))
            return REPLY_MEMORY;
    return result == REPLY_END ? REPLY_OK : result;
}

static int compare_ids(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void sort_ids(struct ids *ids)
{
    size_t kept = 0;
    if (ids->n > 0)
        qsort(ids->id, ids->n, sizeof *ids->id, compare_ids);
    for (size_t i = 0; i < ids->n; i++)
        if (i == 0 || ids->id[i] != ids->id[kept - 1])
            ids->id[kept++] = ids->id[i];
    ids->n = kept;
}

enum reply_result ids_find(struct ids *ids, struct link *l, struct span text, enum opcode list)
{
    enum reply_result result = REPLY_OK;
    struct span rest = text;
    struct part p;
    bool listed = false;
    *ids = (struct ids){.n = 0};
    while (result == REPLY_OK && next_part(&rest, &p)) {
        if (is_single(&p))
            result = add_id(ids, p.first) ? REPLY_OK : REPLY_MEMORY;
        else
            listed = true;
    }
    if (result == REPLY_OK && listed)
        result = add_listed(ids, l, text, list);
    if (result == REPLY_MEMORY)
        reply_fail(&l->reply, result, _("out of memory"));
    sort_ids(ids);
    return result;
}
