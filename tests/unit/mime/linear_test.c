/* SPDX-License-Identifier: ISC */
/*
 * What reads mail takes a time in proportion to its size, whatever is in it: here the processor's
 * time for a large mail, and for many small ones of the same size in all. A search that begins
 * again at each line or each byte would take a thousand times as long; noise does not.
 */
#include <time.h>

#include "mime/mail_address.h"
#include "mime/parts.h"
#include "mime/render.h"
#include "tap.h"

#define FEW   500
#define MOST  500000
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
    for (enum render_origin origin = RENDER_DOOR; origin <= RENDER_OTHER; origin++) {
        struct render r;
        struct buf out;
        buf_init(&out, RENDER_PIECE_BYTES);
        render_begin(&r, &e, origin, body);
        render_bytes(&r);
        while (render_more(&r, &out))
            buf_clear(&out);
        render_end(&r);
        buf_free(&out);
    }
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

static clock_t time_of(void read(struct span s), const char *begin, const char *piece,
                       const char *end, size_t n)
{
    struct buf mail;
    repeat(&mail, begin, piece, n, end);
    clock_t from = clock();
    for (size_t i = 0; i < MOST / n; i++)
        read(buf_span(&mail));
    clock_t to = clock();
    buf_free(&mail);
    return to - from;
}

/* A search that begins again is noticed at the second size; the largest would take minutes. */
static void is_linear(void read(struct span s), const char *begin, const char *piece,
                      const char *end, const char *name)
{
    clock_t few = time_of(read, begin, piece, end, FEW), many = few;
    clock_t most = NOISE * (few + CLOCKS_PER_SEC / 100);
    for (size_t n = 100 * FEW; n <= MOST && many <= most; n *= 10)
        many = time_of(read, begin, piece, end, n);
    ok(many <= most, "%s: %d take as long per byte as %d (%.1f ms, %.1f ms)", name, MOST, FEW,
       (double)many * 1000 / CLOCKS_PER_SEC, (double)few * 1000 / CLOCKS_PER_SEC);
}

#define MARK  "MIME-Version: 1.0\n"
#define MULTI MARK "Content-Type: multipart/mixed; boundary=b\n\n"

int main(void)
{
    is_linear(as_mail, MARK, "X: y\n", "\nHi\n", "render_more: fields of a header");
    is_linear(as_mail, MARK, "From: y\n", "\nHi\n", "render_more: forged fields");
    is_linear(as_mail, MARK "From: x\n", " y\n", "\nHi\n", "render_more: lines of one field");
    is_linear(as_mail, MARK, "no field\n", "\nHi\n", "render_more: lines that are no field");
    is_linear(as_mail, MARK, "From", "", "render_more: a header of one line");
    is_linear(as_mail, "", "\n", "Hi", "render_more: blank lines before a subject");
    is_linear(as_mail, "Subject: ", "=?", "", "render_more: a subject of one line");
    is_linear(as_mail, "", "Hi\n", "", "render_more: lines of a text");
    is_linear(as_mail, "", "\r", "", "render_more: CRs");
    is_linear(as_mail, MULTI, "--b\n", "", "render_more: parts");
    is_linear(as_parts, MULTI, "--c\n", "", "parts_next: lines that look like delimiters");
    is_linear(as_addresses, "", "a@x,", "", "mail_address_next: addresses");
    is_linear(as_addresses, "", "(", "", "mail_address_next: comments that do not end");
    is_linear(as_addresses, "", "()", "a@x", "mail_address_next: comments");
    is_linear(as_addresses, "", "a ", "<a@x>", "mail_address_next: words");
    is_linear(as_addresses, "", "\"\".", "a@x", "mail_address_next: quoted words");
    is_linear(as_addresses, "", "a:", "a@x", "mail_address_next: groups");
    is_linear(as_addresses, "<", "@x,", ":a@x>", "mail_address_path: a route");
    is_linear(as_addresses, "<", "@x(,", ":a@x>", "mail_address_path: a route of comments");
    return done_testing();
}
