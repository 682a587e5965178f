/* SPDX-License-Identifier: ISC */
#include "admin/verbs.h"

#include <string.h>

#define ROW(id, where, name, min, max, flags, args, columns, help) \
    [VERB_##id] = {VERB_##id, where, name, min, max, flags, args, columns, help},
#define ANYWHERE(id, ...) ROW(id, VERB_ANYWHERE, __VA_ARGS__)
#define SERVER(id, ...)   ROW(id, VERB_SERVER, __VA_ARGS__)
#define TOOL(id, ...)     ROW(id, VERB_TOOL, __VA_ARGS__)

static const struct verb verbs[VERBS] = {VERBS_ANYWHERE(ANYWHERE) VERBS_SERVER(SERVER)
                                             VERBS_TOOL(TOOL)};

const struct verb *verb_get(unsigned id)
{
    return id < VERBS ? &verbs[id] : NULL;
}

const struct verb *verb_named(struct span name)
{
    for (unsigned id = 0; id < VERBS; id++)
        if (span_eq(name, span_str(verbs[id].name)))
            return &verbs[id];
    return NULL;
}

bool verb_takes(const struct verb *verb, unsigned flag)
{
    return flag == VERB_JSON ? *verb->columns != '\0' : (verb->flags & flag) != 0;
}

bool verb_has_usage(const struct verb *verb, const struct span *args, size_t n)
{
    return n > 0 && verb_takes(verb, VERB_USAGE) && span_eq(args[n - 1], SPAN(VERB_USAGE_WORD));
}

struct span verb_delay(const struct verb *verb, const struct span *args, size_t n)
{
    if (n < 2 || !verb_takes(verb, VERB_DELAY) || !span_eq(args[n - 2], SPAN(VERB_DELAY_WORD)))
        return SPAN("");
    return args[n - 1];
}

bool verb_delay_parse(struct span text, uint64_t *ms)
{
    return units_parse(text, units_time, ms) && *ms <= VERB_DELAY_MAX_MS;
}

void verb_takers(struct buf *out, unsigned flag)
{
    const char *before = " ";
    for (unsigned id = 0; id < VERBS; id++) {
        if (!verb_takes(&verbs[id], flag))
            continue;
        buf_printf(out, "%s%s", before, verbs[id].name);
        before = ", ";
    }
}

void verb_second_words(struct buf *out, struct span first)
{
    const char *before = " ";
    for (unsigned id = 0; id < VERBS; id++) {
        struct span rest = span_str(verbs[id].name);
        if (!span_eq(span_take(&rest, ' '), first) || rest.n == 0)
            continue;
        buf_printf(out, "%s%.*s", before, SPAN_PRINTF(rest));
        before = ", ";
    }
}

/*
 * The number of words in a verb's name if as many of the given words are the beginnings of them, or
 * 0. *exact: no word was shortened.
 */
static int match(const char *name, char **words, int n, bool *exact)
{
    struct span rest = span_str(name);
    int i = 0;
    *exact = true;
    do {
        struct span word = span_take(&rest, ' ');
        if (i == n || !words[i][0] || !span_starts(word, span_str(words[i])))
            return 0;
        *exact = *exact && word.n == strlen(words[i]);
        i++;
    } while (rest.n > 0);
    return i;
}

unsigned verb_find(char **words, int n, const struct verb **verb, int *used)
{
    unsigned found = 0;
    bool exact;
    for (unsigned id = 0; id < VERBS; id++) {
        int taken = match(verbs[id].name, words, n, &exact);
        if (taken == 0)
            continue;
        *verb = &verbs[id];
        *used = taken;
        found++;
        if (exact)
            return 1;
    }
    return found;
}
