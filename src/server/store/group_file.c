/* SPDX-License-Identifier: ISC */
#include "store/group_file.h"

#include <string.h>

#include "base/digits.h"
#include "store/key_line.h"

static bool parse_member(struct span line, struct who *who)
{
    struct span name;
    if (!span_cut(&line, ' ', &name) || !name_fold(name, who->name) ||
        !span_eq(name, span_str(who->name)) || line.n != STORE_GENERATION_DIGITS ||
        !digits_is_hex(line))
        return false;
    memcpy(who->generation, line.p, line.n);
    who->generation[line.n] = '\0';
    return true;
}

bool group_file_parse(struct span s, struct group *g)
{
    struct span line;
    g->n = 0;
    if (!key_line_take(&s, SPAN("pochta-group 1"), &line) || line.n > 0)
        return false;
    while (span_cut(&s, '\n', &line)) {
        struct who *who = &g->members[g->n];
        if (g->n == GROUP_MEMBERS || !parse_member(line, who) ||
            (g->n > 0 && strcmp(who[-1].name, who->name) >= 0))
            return false;
        g->n++;
    }
    return s.n == 0;
}

void group_file_add(struct buf *out, const struct group *g)
{
    buf_add_str(out, "pochta-group 1\n");
    for (size_t i = 0; i < g->n; i++)
        buf_printf(out, "%s %s\n", g->members[i].name, g->members[i].generation);
}

size_t group_position(const struct group *g, const char *name, bool *there)
{
    size_t low = 0, high = g->n;
    *there = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(g->members[middle].name, name);
        *there = *there || order == 0;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool group_insert(struct group *g, const struct who *who)
{
    bool there;
    size_t i = group_position(g, who->name, &there);
    if (!there && g->n == GROUP_MEMBERS)
        return false;
    if (!there)
        memmove(&g->members[i + 1], &g->members[i], (g->n++ - i) * sizeof *g->members);
    g->members[i] = *who;
    return true;
}

bool group_drop(struct group *g, const char *name)
{
    bool there;
    size_t i = group_position(g, name, &there);
    if (there)
        memmove(&g->members[i], &g->members[i + 1], (--g->n - i) * sizeof *g->members);
    return there;
}

bool group_is_same(const struct group *a, const struct group *b)
{
    size_t i = 0;
    while (i < a->n && i < b->n && strcmp(a->members[i].name, b->members[i].name) == 0 &&
           strcmp(a->members[i].generation, b->members[i].generation) == 0)
        i++;
    return a->n == b->n && i == a->n;
}
