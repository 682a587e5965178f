/* SPDX-License-Identifier: ISC */
#include "script.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/*
 * The first line is empty: the answer to the question for a subject. Letters of two bytes, an empty
 * line, a dot that ends nothing.
 */
static const char letter[] = "\rletter %04u\r\320\264\320\262\320\260, 2\r\r. is text\rend\r%s";

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

void script_make(struct script *s, unsigned run, bool dot)
{
    char all[sizeof letter + 32];
    size_t lines = 0;
    *s = (struct script){.n = 0};
    buf_init(&s->text, SIZE_MAX / 2);
    snprintf(all, sizeof all, letter, run, dot ? ".\r" : "\004");
    for (struct span rest = span_str(all); rest.n > 0;) {
        uint32_t c;
        size_t n = utf8_decode(rest, &c);
        if (s->n < SCRIPT_KEYS)
            add_key(s, span_first(rest, n), &lines);
        rest = span_skip(rest, n);
    }
    s->whole = s->text.n;
    if (dot) {
        s->whole -= 2;
        s->keys[s->n - 1].lines = s->keys[s->n - 2].lines;
    }
}

void script_free(struct script *s)
{
    buf_free(&s->text);
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
    return text.n >= (least > first ? least - first : 0) && span_starts(rest, text);
}

bool script_is_whole(const struct script *s, struct span text)
{
    return script_is_part(s, text, s->whole - 1) && after_first(text).n <= s->whole;
}
