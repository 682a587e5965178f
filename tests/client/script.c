/* SPDX-License-Identifier: ISC */
#include "script.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/*
 * The first line is empty: the answer to the question for a subject. Letters of two bytes, an empty
 * line, a dot that ends nothing.
 */
static const char letter[] = "\rletter %04u\r\320\264\320\262\320\260, 2\r\r. is text\rend\r";

void script_edited_line(unsigned number, char first[SCRIPT_LINE_BYTES],
                        char second[SCRIPT_LINE_BYTES])
{
    snprintf(first, SCRIPT_LINE_BYTES, "edited %04u in", number);
    snprintf(second, SCRIPT_LINE_BYTES, " the editor");
}

static void add_key(struct script *s, struct span key, size_t *lines)
{
    struct script_key *k = &s->keys[s->n++];
    memcpy(k->bytes, key.p, key.n);
    k->n = key.n;
    if (key.p[0] == '\r') {
        *lines = s->text.n;
        buf_add_char(&s->text, '\n');
    } else if ((unsigned char)key.p[0] >= ' ') {
        buf_add(&s->text, key);
    }
    k->lines = *lines;
    k->typed = s->text.n;
}

static void add_keys(struct script *s, const char *text, size_t *lines)
{
    for (struct span rest = span_str(text); rest.n > 0;) {
        uint32_t c;
        size_t n = utf8_decode(rest, &c);
        if (s->n < SCRIPT_KEYS)
            add_key(s, span_first(rest, n), lines);
        rest = span_skip(rest, n);
    }
}

/*
 * What the editor adds, as far as it gets. If it ends while it writes the text again, that is still
 * what it was given; if that was nothing, the beginning of it.
 */
static void add_edited(struct script *s, const struct script_sort *sort, size_t *lines)
{
    char first[SCRIPT_LINE_BYTES], second[SCRIPT_LINE_BYTES];
    script_edited_line(sort->number, first, second);
    s->saved[0] = s->saved[2] = *lines;
    s->saved[1] = s->text.n + strlen(first);
    s->saved[3] = s->saved[1] + strlen(second);
    if (sort->waits != 1 && !(sort->waits == 3 && sort->typed)) {
        buf_add_str(&s->text, first);
        buf_add_str(&s->text, sort->waits == 2 ? "" : second);
        *lines = s->text.n;
        buf_add_char(&s->text, '\n');
    }
}

/* The line that starts the editor goes away, but may be kept while it is typed. */
static void add_command(struct script *s, const struct script_sort *sort, size_t *lines)
{
    size_t before = s->text.n;
    add_keys(s, "~e", lines);
    buf_add(&s->command, buf_span(&s->text));
    buf_erase(&s->text, before, s->text.n - before);
    s->starter = s->n;
    add_edited(s, sort, lines);
    struct script_key *k = &s->keys[s->n++];
    *k = (struct script_key){.bytes = "\r", .n = 1, .lines = *lines, .typed = s->text.n};
}

void script_make(struct script *s, const struct script_sort *sort)
{
    size_t lines = 0;
    *s = (struct script){.starter = SIZE_MAX};
    buf_init(&s->text, SIZE_MAX / 2);
    buf_init(&s->command, SIZE_MAX / 2);
    buf_add(&s->text, sort->before);
    if (sort->typed) {
        char all[sizeof letter + 32];
        snprintf(all, sizeof all, letter, sort->number);
        add_keys(s, all, &lines);
    }
    if (sort->typed && sort->edited) {
        add_command(s, sort, &lines);
        add_keys(s, "after\r", &lines);
    } else if (sort->edited) {
        add_edited(s, sort, &lines);
    }
    if (sort->typed)
        add_keys(s, sort->dot ? ".\r" : "\004", &lines);
    s->whole = s->text.n;
    if (sort->typed && sort->dot) {
        s->whole -= 2;
        s->keys[s->n - 1].lines = s->keys[s->n - 2].lines;
    }
}

void script_free(struct script *s)
{
    buf_free(&s->text);
    buf_free(&s->command);
}

/* Without the first line if it is empty. */
static struct span after_first(struct span text)
{
    return text.n > 0 && text.p[0] == '\n' ? span_skip(text, 1) : text;
}

bool script_is_part(const struct script *s, struct span text, size_t least)
{
    struct span all = buf_span(&s->text), rest = after_first(all);
    size_t first = all.n - rest.n;
    text = after_first(text);
    return text.n >= (least > first ? least - first : 0) &&
           (span_starts(rest, text) || span_starts(after_first(buf_span(&s->command)), text));
}

bool script_is_whole(const struct script *s, struct span text)
{
    return script_is_part(s, text, s->whole - 1) && after_first(text).n <= s->whole;
}
