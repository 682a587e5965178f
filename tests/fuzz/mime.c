/* SPDX-License-Identifier: ISC */
/* MIME texts that somebody sent, and those that are made of what a user sends. */
#include "client/letter.h"
#include "client/quote.h"
#include "fuzz.h"
#include "mime/compose.h"
#include "mime/file_name.h"
#include "mime/parts.h"

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
    quote(in);
    there_and_back(in);
}
