/* SPDX-License-Identifier: ISC */
#include "client/stored.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "client/language.h"
#include "os/clock.h"

#define ID_BYTES 24

static bool add(struct stored *s, const struct message *m)
{
    struct tm tm;
    bool utc;
    void *messages = array_room(s->messages, s->n, &s->cap, sizeof *s->messages);
    if (!messages)
        return false;
    s->messages = messages;
    if (message_date_parse(m->date, &tm, &utc) && utc)
        s->messages[s->n++] = (struct stored_message){os_clock_from_utc(&tm), m->len, m->id, false};
    return true;
}

static int by_date(const void *a, const void *b)
{
    const struct stored_message *x = a, *y = b;
    if (x->date != y->date)
        return x->date < y->date ? -1 : 1;
    return (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

enum reply_result stored_list(struct stored *s, struct link *l)
{
    struct message m;
    *s = (struct stored){.n = 0};
    enum reply_result result = link_ask(l, OP_SHOW_LIST, NULL, 0);
    while (result == REPLY_OK && (result = link_next_message(l, &m)) == REPLY_OK)
        if (!add(s, &m))
            return reply_fail(&l->reply, REPLY_MEMORY, _("out of memory"));
    if (s->n > 0)
        qsort(s->messages, s->n, sizeof *s->messages, by_date);
    return result == REPLY_END ? REPLY_OK : result;
}

void stored_free(struct stored *s)
{
    free(s->messages);
    *s = (struct stored){.n = 0};
}

/* The first message that is not before the key. */
static size_t lower_bound(const struct stored *s, const struct stored_message *key)
{
    size_t low = 0, high = s->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_date(&s->messages[middle], key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

enum reply_result stored_find(struct stored *s, struct link *l, int64_t date, struct span body,
                              bool *found)
{
    const struct stored_message key = {date, body.n, 0, false};
    *found = false;
    for (size_t i = lower_bound(s, &key); i < s->n && by_date(&s->messages[i], &key) == 0; i++) {
        char id[ID_BYTES];
        struct message m;
        if (s->messages[i].found)
            continue;
        snprintf(id, sizeof id, "%" PRIu64, s->messages[i].id);
        struct span arg = span_str(id);
        enum reply_result result = link_ask(l, OP_PEEK, &arg, 1);
        if (result == REPLY_OK)
            result = link_next_message(l, &m);
        if (result == REPLY_NOOP || result == REPLY_END)
            continue; /* it was deleted meanwhile */
        if (result != REPLY_OK)
            return result;
        *found = s->messages[i].found = span_eq(m.body, body);
        if (*found)
            return REPLY_OK;
    }
    return REPLY_OK;
}
