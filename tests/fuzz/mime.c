/* SPDX-License-Identifier: ISC */
/* MIME texts that somebody sent, and those that are made of what a user sends. */
#include "base/utf8.h"
#include "client/letter.h"
#include "client/quote.h"
#include "fuzz.h"
#include "mime/compose.h"
#include "mime/field.h"
#include "mime/file_name.h"
#include "mime/parts.h"
#include "mime/subject.h"

static void check_word(const char *word)
{
    must(strlen(word) < PARTS_WORD_BYTES);
    must(strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789/+-._:") == strlen(word));
}

static void check_part(const struct part *part, struct span text)
{
    char name[FILE_NAME_BYTES];
    struct buf out;
    size_t n, counted;

    must(part->number >= 1 && part->number <= PARTS_MAX && part->name_bytes <= PARTS_NAME_BYTES);
    must(fuzz_within(part->body, text) && strchr(part->type, '/'));
    check_word(part->type);
    check_word(part->charset);
    file_name_safe(span_of(part->name, part->name_bytes), name);
    must(name[0] && name[0] != '.' && !strchr(name, '/') && !strchr(name, '\n'));
    buf_init(&out, SIZE_MAX / 2);
    bool whole = encoding_decode(part->encoding, part->body, &out, &n);
    must(n == out.n && n <= part->body.n);
    must(encoding_decode(part->encoding, part->body, NULL, &counted) == whole && counted == n);
    buf_free(&out);
}

static void read_text(struct span body)
{
    struct buf room;
    buf_init(&room, SIZE_MAX / 2);
    struct span text = letter_text(&room, body);
    if (parts_is_mime(body))
        must(fuzz_within(parts_header(body), body) && text.n == room.n);
    else
        must(text.p == body.p && text.n == body.n);
    buf_free(&room);
}

/* The line of a list depends only on the beginning of a body. */
static void list(struct span body)
{
    char rooms[2][80];
    struct buf subject;
    struct span head = exact(span_first(body, SUBJECT_LOOK_BYTES));
    struct span line = subject_line(body, rooms[0], sizeof rooms[0]);
    must(line.n <= sizeof rooms[0] && span_eq(line, subject_line(head, rooms[1], sizeof rooms[1])));
    must(span_find(line, '\n') == line.n && span_find(line, '\r') == line.n);
    must(parts_is_mime(body) || span_starts(body, line));
    exact_free(head);
    buf_init(&subject, SIZE_MAX / 2);
    bool found = subject_find(body, &subject);
    must(found == (subject.n > 0) && subject.n <= FIELD_TEXT_BYTES);
    buf_free(&subject);
}

/* Whatever the character set, text that is ASCII stays as it is, and nothing else becomes ASCII. */
static void convert(struct span in)
{
    static const char *const sets[] = {"utf-8",        "koi8-r",     "koi8-u",     "windows-1250",
                                       "windows-1251", "iso-8859-1", "iso-8859-2", "iso-8859-5",
                                       "iso-8859-15",  "x-none"};
    size_t set = fuzz_below(&in, sizeof sets / sizeof sets[0]), ascii[2] = {0, 0};
    struct buf out;
    uint32_t c;
    buf_init(&out, CHARSET_GROWTH * in.n + 1);
    must(charset_add(&out, span_str(sets[set]), in) == (strcmp(sets[set], "x-none") != 0));
    must(buf_ok(&out));
    for (size_t i = 0; i < in.n; i++)
        ascii[0] += (unsigned char)in.p[i] < 0x80;
    for (struct span s = buf_span(&out); s.n > 0; s = span_skip(s, utf8_decode(s, &c))) {
        ascii[1] += (unsigned char)s.p[0] < 0x80;
        utf8_decode(s, &c);
        must(c != UTF8_INVALID || strchr("ux", sets[set][0]));
    }
    must(ascii[0] == ascii[1]);
    buf_free(&out);
}

static bool contains(struct span s, struct span part)
{
    return s.n >= part.n && memmem(s.p, s.n, part.p, part.n);
}

/* However it is made, the text of a copy begins with its author. An answer has no line of its own.
 */
static void quote(struct span body)
{
    struct message m = {.from = SPAN("ann"), .date = SPAN("now"), .body = body};
    struct buf out, room;
    buf_init(&out, SIZE_MAX / 2);
    buf_init(&room, SIZE_MAX / 2);
    quote_copy(&out, &m);
    must(parts_is_mime(buf_span(&out)) == parts_is_mime(body));
    must(contains(letter_text(&room, buf_span(&out)), SPAN("Forwarded message from ann, now:")));
    buf_clear(&out);
    quote_reply(&out, &m);
    struct span rest = buf_span(&out), line;
    while (span_cut(&rest, '\n', &line))
        must(line.n == 0 || line.p[0] == '>' || span_starts(line, SPAN("Subject: ")) ||
             span_eq(line, SPAN("On now, ann wrote:")));
    buf_free(&out);
    buf_free(&room);
}

static void read_parts(struct span text)
{
    struct parts p;
    struct part part;
    unsigned number = 0;
    const char *end = text.p;

    parts_init(&p, text);
    while (parts_next(&p, &part) == PARTS_ONE) {
        check_part(&part, text);
        must(part.number == ++number && part.body.p >= end);
        end = part.body.p + part.body.n;
    }
}

static void must_be(struct parts *p, struct span name, struct span content)
{
    struct part part;
    struct buf out;
    size_t n;

    must(parts_next(p, &part) == PARTS_ONE);
    buf_init(&out, SIZE_MAX / 2);
    must(encoding_decode(part.encoding, part.body, &out, &n) && span_eq(buf_span(&out), content));
    must(span_eq(span_of(part.name, part.name_bytes), name));
    buf_free(&out);
}

static void there_and_back(struct span in)
{
    static const unsigned char dice[COMPOSE_CHANCE_BYTES];
    struct span name = fuzz_bytes(&in, fuzz_below(&in, 80)), content = fuzz_bytes(&in, in.n / 2);
    struct buf out;
    struct compose c;
    struct parts p;
    struct part part;

    buf_init(&out, SIZE_MAX / 2);
    compose_begin(&c, &out, in, dice);
    size_t before = out.n;
    compose_file(&c, name, content);
    must(span_skip(buf_span(&out), before).n <= compose_file_bytes(name.n, content.n));
    compose_end(&c);
    must(parts_is_mime(buf_span(&out)));
    struct buf room;
    buf_init(&room, SIZE_MAX / 2);
    must(span_eq(letter_text(&room, buf_span(&out)), in));
    buf_free(&room);
    parts_init(&p, buf_span(&out));
    must_be(&p, SPAN(""), in);
    must_be(&p, name, content);
    must(parts_next(&p, &part) == PARTS_END);
    buf_free(&out);
}

void fuzz_one(struct span in)
{
    read_parts(in);
    read_text(in);
    list(in);
    convert(in);
    quote(in);
    there_and_back(in);
}
