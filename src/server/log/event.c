/* SPDX-License-Identifier: ISC */
#include "log/event.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#define TAIL_BYTES 48 /* reserved for the end of a line: ms, cut and level */

static const char *const level_names[] = {[EVENT_ERROR] = "error",
                                          [EVENT_WARNING] = "warning",
                                          [EVENT_NOTICE] = "notice",
                                          [EVENT_INFO] = "info",
                                          [EVENT_DEBUG] = "debug"};

const char *event_level_name(unsigned level)
{
    return level < sizeof level_names / sizeof *level_names ? level_names[level] : NULL;
}

void event_begin(struct event *e, const char *name, enum event_level level)
{
    e->name = name;
    e->level = level;
    e->ms = -1;
    e->n = 0;
}

static void add_field(struct event *e, struct event_field field)
{
    assert(e->n < EVENT_FIELDS);
    e->field[e->n++] = field;
}

void event_text(struct event *e, const char *key, struct span text)
{
    add_field(e, (struct event_field){key, span_of(text.p ? text.p : "", text.n), 0});
}

void event_number(struct event *e, const char *key, uint64_t number)
{
    add_field(e, (struct event_field){key, {NULL, 0}, number});
}

struct line {
    char *p;
    size_t n, room;
};

/* Adds all of s, or nothing. */
static bool add(struct line *l, struct span s)
{
    if (s.n > l->room - l->n)
        return false;
    memcpy(l->p + l->n, s.p, s.n);
    l->n += s.n;
    return true;
}

static bool add_number(struct line *l, uint64_t number)
{
    char digits[24];
    return add(l, span_of(digits, (size_t)snprintf(digits, sizeof digits, "%" PRIu64, number)));
}

static bool is_bare(struct span s)
{
    if (s.n == 0 || s.n > EVENT_VALUE_BYTES)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] > '~' || strchr("\"\\=", s.p[i]))
            return false;
    return true;
}

/* Takes a character from s and returns how it is quoted: its own bytes, or bytes in room. */
static struct span take_quoted(struct span *s, char room[UTF8_SPELT_BYTES])
{
    uint32_t c;
    struct span one = span_first(*s, utf8_decode(*s, &c));
    *s = span_skip(*s, one.n);
    if (!utf8_is_safe(c))
        return span_of(room, utf8_spell(one, room));
    if (c != '"' && c != '\\')
        return one;
    room[0] = '\\';
    room[1] = (char)c;
    return span_of(room, 2);
}

static bool add_quoted(struct line *l, struct span s)
{
    char room[UTF8_SPELT_BYTES];
    bool fits = add(l, SPAN("\""));
    size_t begin = l->n;
    while (fits && s.n > 0) {
        struct span piece = take_quoted(&s, room);
        bool whole = l->n - begin + piece.n <= EVENT_VALUE_BYTES;
        fits = add(l, whole ? piece : SPAN("..."));
        if (!whole)
            break;
    }
    return fits && add(l, SPAN("\""));
}

static bool add_value(struct line *l, const struct event_field *field)
{
    if (!field->text.p)
        return add_number(l, field->number);
    return is_bare(field->text) ? add(l, field->text) : add_quoted(l, field->text);
}

/* False: it does not fit, and the line is unchanged. */
static bool write_field(struct line *l, const struct event_field *field)
{
    size_t before = l->n;
    if (add(l, SPAN(" ")) && add(l, span_str(field->key)) && add(l, SPAN("=")) &&
        add_value(l, field))
        return true;
    l->n = before;
    return false;
}

size_t event_write(const struct event *e, char *out, size_t size)
{
    const struct event_field took = {"ms", {NULL, 0}, (uint64_t)e->ms};
    const struct event_field level = {"level", span_str(level_names[e->level]), 0};
    struct line l = {out, 0, size - TAIL_BYTES};
    assert(size >= EVENT_LEAST_BYTES);
    bool cut = !add(&l, SPAN("event=")) || !add(&l, span_str(e->name));
    for (unsigned i = 0; i < e->n; i++)
        cut = !write_field(&l, &e->field[i]) || cut;
    l.room = size - 1;
    if (e->ms >= 0)
        write_field(&l, &took);
    if (cut)
        add(&l, SPAN(" cut=yes"));
    write_field(&l, &level);
    out[l.n] = '\0';
    return l.n;
}
