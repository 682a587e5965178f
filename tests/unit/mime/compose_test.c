/* SPDX-License-Identifier: ISC */
#include "mime/compose.h"

#include "mime/parts.h"
#include "random.h"
#include "tap.h"

static const unsigned char dice[COMPOSE_CHANCE_BYTES] = "0123456789abcde";

static void composed_is(struct span text, const char *want, const char *name)
{
    struct buf out;
    struct compose c;
    buf_init(&out, 10000);
    compose_begin(&c, &out, text, dice);
    compose_end(&c);
    buf_add_char(&out, '\0');
    is_str(out.p, want, "compose_begin: %s", name);
    buf_free(&out);
}

#define BOUNDARY "=_30313233343536373839616263646500"
#define BEGIN                                                                                      \
    "MIME-Version: 1.0\nContent-Type: multipart/mixed;\n boundary=\"" BOUNDARY "\"\n\n--" BOUNDARY \
    "\nContent-Type: text/plain; charset="
#define ENCODED(encoding) "\nContent-Transfer-Encoding: " encoding "\n\n"
#define END               "\n--" BOUNDARY "--\n"

static void test_text(void)
{
    composed_is(SPAN("Hi\n"), BEGIN "utf-8" ENCODED("7bit") "Hi\n" END, "ASCII");
    composed_is(SPAN("\xc3\xa4"), BEGIN "utf-8" ENCODED("8bit") "\xc3\xa4" END, "UTF-8");
    composed_is(SPAN("\xff"), BEGIN "unknown-8bit" ENCODED("base64") "/w==\n" END, "other bytes");
    composed_is(SPAN("a\r\n"), BEGIN "utf-8" ENCODED("base64") "YQ0K\n" END, "CR");
    composed_is(SPAN("--" BOUNDARY),
                BEGIN
                "utf-8" ENCODED("base64") "LS09XzMwMzEzMjMzMzQzNTM2MzczODM5NjE2MjYzNjQ2NTAw\n" END,
                "a text that contains the boundary");
}

static void test_names(void)
{
    struct buf out;
    struct compose c;
    buf_init(&out, 10000);
    compose_begin(&c, &out, SPAN(""), dice);
    compose_file(&c, SPAN("a b.txt"), SPAN("x"));
    compose_file(&c, SPAN("\"\xc3\xa4.txt"), SPAN(""));
    compose_file(&c, SPAN("1234567890123456789\xc3\xa4/1234567890123456789012345678901234567890"),
                 SPAN(""));
    compose_end(&c);
    buf_add_char(&out, '\0');
    ok(strstr(out.p, "attachment;\n filename=\"a b.txt\"\n\neA==\n"),
       "compose_file: an ASCII name between quotes");
    ok(strstr(out.p, "attachment;\n filename*=utf-8''%22%C3%A4.txt\n\n\n"),
       "compose_file: another name by RFC 2231");
    ok(strstr(out.p,
              "attachment;\n filename*0*=utf-8''1234567890123456789%C3%A4%2F12345678901234567890"
              "123456789012;\n filename*1*=34567890\n\n"),
       "compose_file: a long name in sections");
    buf_free(&out);
}

#define FILES 4
#define SIZE  3000

struct letter {
    char bytes[1 + FILES][SIZE], names[FILES][PARTS_NAME_BYTES];
    struct span text, contents[FILES], name[FILES];
    size_t files;
};

static void make_letter(struct letter *l)
{
    l->text = random_bytes(l->bytes[FILES], random_below(2) ? SIZE : 3);
    /* Half of the texts are readable, so that they are not encoded. */
    bool readable = random_below(2);
    for (size_t i = 0; readable && i < l->text.n; i++)
        l->bytes[FILES][i] = "ab -=_\n"[(unsigned char)l->bytes[FILES][i] % 7];
    l->files = random_below(FILES + 1);
    for (size_t i = 0; i < l->files; i++) {
        l->contents[i] = random_bytes(l->bytes[i], SIZE);
        do
            l->name[i] = random_bytes(l->names[i], random_below(2) ? 5 : PARTS_NAME_BYTES - 3);
        while (l->name[i].n == 0);
    }
}

static bool is_part(struct parts *p, struct span name, struct span content)
{
    struct part part;
    struct buf back;
    size_t n;
    buf_init(&back, 2 * SIZE);
    bool same =
        parts_next(p, &part) == PARTS_ONE && encoding_decode(part.encoding, part.body, &back, &n) &&
        span_eq(buf_span(&back), content) && span_eq(span_of(part.name, part.name_bytes), name) &&
        part.attachment == (name.n > 0);
    buf_free(&back);
    return same;
}

/* Whatever the text, the names and the contents are: they come back. */
static void test_random(void)
{
    size_t wrong = 0, larger = 0;
    for (int round = 0; round < 1000; round++) {
        static struct letter l;
        struct buf out;
        struct compose c;
        struct parts p;
        struct part part;
        buf_init(&out, 100000);
        make_letter(&l);
        compose_begin(&c, &out, l.text, dice);
        for (size_t i = 0; i < l.files; i++) {
            size_t before = out.n;
            compose_file(&c, l.name[i], l.contents[i]);
            larger += span_skip(buf_span(&out), before).n >
                      compose_file_bytes(l.name[i].n, l.contents[i].n);
        }
        compose_end(&c);
        wrong += !parts_is_mime(buf_span(&out));
        parts_init(&p, buf_span(&out));
        wrong += !is_part(&p, SPAN(""), l.text);
        for (size_t i = 0; i < l.files; i++)
            wrong += !is_part(&p, l.name[i], l.contents[i]);
        wrong += parts_next(&p, &part) != PARTS_END;
        for (struct span rest = buf_span(&out), line; span_cut(&rest, '\n', &line);)
            wrong += line.n > 998;
        buf_free(&out);
    }
    is_int(wrong, 0, "compose: random texts and files come back");
    is_int(larger, 0, "compose_file_bytes: is never too small");
    if (wrong + larger)
        random_diag();
}

int main(void)
{
    random_begin();
    test_text();
    test_names();
    test_random();
    return done_testing();
}
