/* SPDX-License-Identifier: ISC */
/*
 * What reads mail takes a time in proportion to its size, whatever is in it: here the processor's
 * time for a large mail, and for many small ones of the same size in all. A search that begins
 * again at each line or each byte would take at least a hundred times as long; noise does not.
 */
#include <time.h>

#include "mime/field.h"
#include "mime/mail_address.h"
#include "mime/parts.h"
#include "mime/render.h"
#include "mime/subject.h"
#include "tap.h"

#define FEW   500
#define MANY  50000
#define NOISE 20 /* a cache and a busy machine make less of a difference */

/* The piece n times between a beginning and an end. */
static void repeat(struct buf *out, const char *begin, const char *piece, size_t n, const char *end)
{
    buf_init(out, SIZE_MAX / 2);
    buf_add_str(out, begin);
    while (n-- > 0)
        buf_add_str(out, piece);
    buf_add_str(out, end);
}

static void as_mail(struct span body)
{
    static const struct envelope e = {.from = {"ann", 3}, .id = {"7", 1}};
    struct render r;
    struct buf out;
    buf_init(&out, RENDER_PIECE_BYTES);
    render_begin(&r, &e, RENDER_OTHER, body);
    render_bytes(&r);
    while (render_more(&r, &out))
        buf_clear(&out);
    render_end(&r);
    buf_free(&out);
}

static void as_parts(struct span text)
{
    struct parts p;
    struct part part;
    parts_init(&p, text);
    while (parts_next(&p, &part) == PARTS_ONE)
        ;
}

static void as_addresses(struct span value)
{
    struct mail_address a;
    struct span path = value;
    mail_address_path(&path, &a);
    while (mail_address_next(&value, &a) == MAIL_ADDRESS_ONE)
        ;
}

static void as_row(struct span body)
{
    char line[80];
    subject_line(body, line, sizeof line);
}

static void as_fields(struct span header)
{
    struct field f;
    while (field_next(&header, &f)) {
        struct buf text;
        buf_init(&text, FIELD_TEXT_BYTES);
        field_text(f.value, &text);
        buf_clear(&text);
        field_param(f.value, "x", &text);
        buf_free(&text);
    }
}

static void as_text(struct span body)
{
    struct buf text;
    struct part part;
    bool known;
    buf_init(&text, SIZE_MAX / 2);
    if (parts_find_text(body, &part))
        parts_add_text(&part, &text, &known);
    buf_free(&text);
}

/* For as many small mails as have total pieces. */
static clock_t time_of(void read(struct span s), const char *begin, const char *piece,
                       const char *end, size_t n, size_t total)
{
    struct buf mail;
    repeat(&mail, begin, piece, n, end);
    clock_t from = clock();
    for (size_t i = 0; i < total / n; i++)
        read(buf_span(&mail));
    clock_t to = clock();
    buf_free(&mail);
    return to - from;
}

static bool is_linear(void read(struct span s), size_t many, const char *begin, const char *piece,
                      const char *end, const char *name)
{
    clock_t in_small = time_of(read, begin, piece, end, FEW, many);
    clock_t in_one = time_of(read, begin, piece, end, many, many);
    bool linear = in_one <= NOISE * (in_small + CLOCKS_PER_SEC / 100);
    ok(linear, "%s: %zu take as long per byte as %d (%.1f ms, %.1f ms)", name, many, FEW,
       (double)in_one * 1000 / CLOCKS_PER_SEC, (double)in_small * 1000 / CLOCKS_PER_SEC);
    return linear;
}

#define MARK  "MIME-Version: 1.0\n"
#define MULTI MARK "Content-Type: multipart/mixed; boundary=b\n\n"

int main(void)
{
    if (is_linear(as_mail, MANY, MARK, "X: y\n", "\nHi\n", "render_more: fields of a header"))
        is_linear(as_mail, 10 * MANY, MARK, "X: y\n", "\nHi\n", "render_more: fields of a header");
    is_linear(as_mail, MANY, MARK, "From: y\n", "\nHi\n", "render_more: forged fields");
    is_linear(as_mail, MANY, MARK "From: x\n", " y\n", "\nHi\n", "render_more: lines of one field");
    is_linear(as_mail, MANY, MARK, "no field\n", "\nHi\n", "render_more: lines that are no field");
    is_linear(as_mail, MANY, MARK, "From", "", "render_more: a header of one line");
    is_linear(as_mail, MANY, "", "\n", "Hi", "render_more: blank lines before a subject");
    is_linear(as_mail, MANY, "Subject: ", "=?", "", "render_more: a subject of one line");
    is_linear(as_mail, MANY, "", "Hi\n", "", "render_more: lines of a text");
    is_linear(as_mail, MANY, "", "\r", "", "render_more: CRs");
    is_linear(as_mail, MANY, MULTI, "--b\n", "", "render_more: parts");
    is_linear(as_parts, MANY, MULTI, "--c\n", "", "parts_next: lines that look like delimiters");
    is_linear(as_text, MANY, MARK "Content-Type: text/plain; charset=koi8-r\n\n", "\xf0\n", "",
              "parts_add_text: letters of KOI8-R");
    is_linear(as_text, MANY, MULTI, "--b\nContent-Type: image/png\n\n", "--b\n\nHi",
              "parts_find_text: parts before the text");
    is_linear(as_row, MANY, MARK, "X: y\n", "Subject: z\n", "subject_line: fields of a header");
    is_linear(as_fields, MANY, "", "X: y\n", "", "field_next: fields of a header");
    is_linear(as_fields, MANY, "", "no field\n", "", "field_next: lines that are no field");
    is_linear(as_fields, MANY, "X: y", "\n y", "", "field_next: lines of one field");
    is_linear(as_addresses, MANY, "", "a@x,", "", "mail_address_next: addresses");
    is_linear(as_addresses, MANY, "", "(", "", "mail_address_next: comments that do not end");
    is_linear(as_addresses, MANY, "", "()", "a@x", "mail_address_next: comments");
    is_linear(as_addresses, MANY, "", "a ", "<a@x>", "mail_address_next: words");
    is_linear(as_addresses, MANY, "", "\"\".", "a@x", "mail_address_next: quoted words");
    is_linear(as_addresses, MANY, "", "a:", "a@x", "mail_address_next: groups");
    is_linear(as_addresses, MANY, "<", "@x,", ":a@x>", "mail_address_path: a route");
    is_linear(as_addresses, MANY, "<", "@x(,", ":a@x>", "mail_address_path: a route of comments");
    return done_testing();
}
