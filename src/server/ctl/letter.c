/* SPDX-License-Identifier: ISC */
#include "ctl/letter.h"

#include <string.h>

#include "base/utf8.h"
#include "ctl/format.h"

bool letter_is_shown(const struct ctl_options *o)
{
    return o->verb->id == VERB_mailbox && o->nargs > 1 && strcmp(o->args[1], "show") == 0;
}

/* A row of JSON without the brace that ends it. */
static void begin_json(struct letter *l, struct buf *out, struct span row)
{
    struct format f = {.columns = l->columns, .form = VERB_JSON};
    format_rows(&f, out, row);
    if (buf_ok(out))
        out->n--;
    buf_add_str(out, ", \"text\": \"");
}

static void begin(struct letter *l, struct buf *out, struct span row)
{
    struct span names = span_str(l->columns);
    if (l->json) {
        begin_json(l, out, row);
        return;
    }
    while (names.n > 0) {
        buf_add(out, span_take(&names, '\t'));
        buf_add_str(out, ": ");
        buf_add(out, span_take(&row, '\t'));
        buf_add_char(out, '\n');
    }
    buf_add_char(out, '\n');
}

/* Adds one character, the n bytes at the beginning of s. */
static void add_character(const struct letter *l, struct buf *out, struct span s, uint32_t c,
                          size_t n)
{
    char spelt[UTF8_SPELT_BYTES];
    if (l->json)
        format_json_text(out, span_first(s, n));
    else if (c == '\n' || c == '\t' || utf8_is_safe(c))
        buf_add(out, span_first(s, n));
    else
        buf_add(out, span_of(spelt, utf8_spell(s, spelt)));
}

/* All of the text but what may be half a character, unless it is the last. Returns the rest. */
static struct span add_text(const struct letter *l, struct buf *out, struct span text, bool last)
{
    while (text.n > (last ? 0 : sizeof l->rest)) {
        uint32_t c;
        size_t n = utf8_decode(text, &c);
        add_character(l, out, text, c, n);
        text = span_skip(text, n);
    }
    return text;
}

void letter_add(struct letter *l, struct buf *out, struct span part, bool last)
{
    struct buf text;
    if (!l->begun) {
        struct span row = span_line(part);
        part = span_skip(part, row.n);
        begin(l, out, span_first(row, row.n > 0 ? row.n - 1 : 0));
        l->begun = true;
    }
    if (!l->json && !l->terminal) {
        buf_add(out, part);
        return;
    }
    buf_init(&text, SIZE_MAX / 2);
    buf_add(&text, span_of(l->rest, l->nrest));
    buf_add(&text, part);
    struct span rest = add_text(l, out, buf_span(&text), last);
    l->nrest = rest.n;
    if (rest.n > 0)
        memcpy(l->rest, rest.p, rest.n);
    if (!buf_ok(&text))
        buf_fail(out);
    buf_free(&text);
    if (last && l->json)
        buf_add_str(out, "\"}\n]\n");
}

int letter_print(struct letter *l, const struct buf *part, bool last)
{
    struct format none = {.form = 0};
    struct buf out;
    buf_init(&out, SIZE_MAX / 2);
    letter_add(l, &out, buf_span(part), last);
    if (!buf_ok(part))
        buf_fail(&out);
    int result = format_print(&none, &out, false);
    buf_free(&out);
    return result;
}
