/* SPDX-License-Identifier: ISC */
/* Escapes, UTF-8, names, tokens. */
#include "base/utf8.h"
#include "fuzz.h"
#include "proto/escape.h"
#include "proto/name.h"
#include "proto/token.h"

static void test_escape(struct span in, struct dialect d, enum escape_place place)
{
    bool line = d.form == FORM_LINE;
    char *room = exact_bytes(exact(span_of(in.p, in.n)));
    struct buf out;
    size_t n;

    buf_init(&out, SIZE_MAX / 2);
    must(escape_add(&out, in, d, place) && out.n <= ESCAPE_GROWTH * in.n);
    struct span s = buf_span(&out);
    must(span_count(s, '|') == 0);
    must(!line || span_count(s, '\n') + span_count(s, '\r') == 0);
    must((d.version < 2 && place == ESCAPE_ARGUMENT) || span_count(s, '^') == 0);
    if (d.version < 2)
        must(s.n == in.n);
    else
        must(line || s.n == in.n + escape_count(in));
    if (d.version >= 2) {
        struct span copy = exact(s);
        must(escape_undo(copy, exact_bytes(copy), &n) && span_eq(span_of(copy.p, n), in));
        exact_free(copy);
    }
    if (escape_undo(in, room, &n))
        must(n <= in.n && n + span_count(in, '\\') >= in.n);
    exact_free(span_of(room, in.n));
    buf_free(&out);
}

/* RFC 3629's own way round. */
static size_t encode(uint32_t c, char out[4])
{
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    for (size_t i = n; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)(lead[n == 1 ? 0 : n] | c);
    return n;
}

static void test_utf8(struct span in, size_t max)
{
    char again[4], spelt[UTF8_SPELT_BYTES];
    uint32_t c;

    for (struct span s = in; s.n > 0;) {
        size_t n = utf8_decode(s, &c);
        must(n >= 1 && n <= s.n);
        if (c == UTF8_INVALID)
            must(n == 1 && !utf8_is_safe(c) && (unsigned char)s.p[0] >= 0x80);
        else
            must(encode(c, again) == n && span_eq(span_of(again, n), span_first(s, n)));
        size_t length = utf8_spell(s, spelt);
        must(length < sizeof spelt && length == strlen(spelt));
        s = span_skip(s, n);
    }
    struct span line = utf8_first_line(in, max), rest = span_skip(in, line.n);
    must(line.n <= max && span_starts(in, line));
    must(span_find(line, '\n') == line.n && span_find(line, '\r') == line.n);
    must(rest.n == 0 || strchr("\r\n", rest.p[0]) || line.n + utf8_decode(rest, &c) > max);
    struct span head = exact(span_first(in, max + 3));
    must(utf8_first_line(head, max).n == line.n);
    exact_free(head);
}

static bool all_of(struct span s, const char *letters)
{
    for (size_t i = 0; i < s.n; i++)
        if (!s.p[i] || !strchr(letters, s.p[i]))
            return false;
    return true;
}

static void test_words(struct span in)
{
    char name[NAME_BYTES + 1] = "?", again[NAME_BYTES + 1];
    bool hex = all_of(in, "0123456789abcdef");

    must(token_ok(in) == (hex && in.n >= TOKEN_MIN && in.n <= TOKEN_MAX));
    must(name_invite_ok(in) == (hex && in.n == INVITE_DIGITS));
    must(!name_password_ok(in) || (in.n > 0 && in.n <= PASSWORD_BYTES && !memchr(in.p, 0, in.n) &&
                                   span_count(in, '|') == 0));
    if (!name_fold(in, name)) {
        must(strcmp(name, "?") == 0);
        return;
    }
    must(strlen(name) == in.n && name_fold(span_str(name), again) && strcmp(name, again) == 0);
    must(all_of(span_str(name), "abcdefghijklmnopqrstuvwxyz0123456789._-"));
    must(!strchr("._-", name[0]) && name[in.n - 1] != '.');
}

void fuzz_one(struct span in)
{
    unsigned how = fuzz_byte(&in);
    size_t max = fuzz_byte(&in);
    struct dialect d = {how & 1 ? FORM_LINE : FORM_LENGTH, 1 + (how >> 1 & 1), false};

    test_escape(in, d, how & 4 ? ESCAPE_FIELD : ESCAPE_ARGUMENT);
    test_utf8(in, max);
    test_words(in);
}
