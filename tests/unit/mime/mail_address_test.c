/* SPDX-License-Identifier: ISC */
#include "mime/mail_address.h"

#include "base/buf.h"
#include "tap.h"

static void add(struct buf *out, const struct mail_address *a)
{
    buf_printf(out, "%.*s|%.*s\n", SPAN_PRINTF(mail_address_local(a)),
               SPAN_PRINTF(mail_address_domain(a)));
}

/* want: local|domain, a line for each address, and "broken" at the end if it is. */
static void field_is(struct span value, const char *want, const char *name)
{
    struct mail_address a;
    struct buf got;
    enum mail_address_result result;
    buf_init(&got, 10000);
    while ((result = mail_address_next(&value, &a)) == MAIL_ADDRESS_ONE)
        add(&got, &a);
    buf_add_str(&got, result == MAIL_ADDRESS_BROKEN ? "broken" : "");
    buf_add_char(&got, '\0');
    is_str(got.p, want, "mail_address_next: %s", name);
    buf_free(&got);
}

static void test_field(void)
{
    field_is(SPAN(" ann@x.org\r\n"), "ann|x.org\n", "an address alone");
    field_is(SPAN("Ann <ann@x.org>"), "ann|x.org\n", "a name before it");
    field_is(SPAN("\"Ann, of \\\"X\\\" <boss@y>\" <ann@x.org>"), "ann|x.org\n",
             "what stands in quotes is no address");
    field_is(SPAN("=?utf-8?Q?Ann?= J. O'Neil\r\n <ann@X.Org> (Ann <boss@y>)\r\n"), "ann|X.Org\n",
             "an encoded name, dots in it, a line end, and a comment after it");
    field_is(SPAN("(a (b \\) boss@y)) ann (c) @ (d) x (e) . (f) org (g)"), "ann|x.org\n",
             "comments and spaces everywhere");
    field_is(SPAN("\"a \\\"b\\\\@c\"@x.org"), "a \"b\\@c|x.org\n", "a quoted local part");
    field_is(SPAN("\"a\r\n b\"@x.org"), "a b|x.org\n", "a folded local part");
    field_is(SPAN("a.\"b\".c@x.org"), "a.b.c|x.org\n", "words between dots");
    field_is(SPAN(".a..b.@x_y.org"), ".a..b.|x_y.org\n", "dots anywhere, and an underscore");
    field_is(SPAN("\xc3\xa4nn@\xc3\xa4.org"), "\xc3\xa4nn|\xc3\xa4.org\n", "bytes above 127");
    field_is(SPAN("ann@[192.0.2.1]"), "ann|[192.0.2.1]\n", "an address literal");
    field_is(SPAN("root (Cron)"), "root|\n", "no domain");
    field_is(SPAN("Ann <ann>"), "ann|\n", "no domain, within < and >");
    field_is(SPAN("a@x, B <b@y>,, ,c@z,"), "a|x\nb|y\nc|z\n", "several, and empty ones");
    field_is(SPAN("Team: a@x, B <b@y>;, c@z"), "a|x\nb|y\nc|z\n", "a group");
    field_is(SPAN("undisclosed-recipients:;"), "", "an empty group");
    field_is(SPAN(" \r\n"), "", "an empty value");
}

static void test_broken(void)
{
    static const char *const broken[] = {"boss@x ann@y",
                                         "boss@x <ann@y>",
                                         "<boss@x> ann@y",
                                         "<boss@x> <ann@y>",
                                         "Ann B",
                                         "Ann B@x",
                                         "<>",
                                         "<ann@x",
                                         "ann@x>",
                                         "ann@",
                                         "@x",
                                         "<@x>",
                                         "<@a.org:ann@x.org>",
                                         "<@x:>",
                                         "ann@x@y",
                                         "ann@x..y",
                                         "ann@.x",
                                         "ann@x.",
                                         "ann@[x",
                                         "ann@[x[y]",
                                         "ann@[x\\]",
                                         "ann@[x y]",
                                         "ann@[",
                                         "ann@[x\"]",
                                         "\"ann@x",
                                         "(ann@x",
                                         "ann@x (",
                                         "ann@x (\\)",
                                         "ann\\b@x",
                                         "Ann [B] <a@x>",
                                         ": a@x;",
                                         "ann@x!y",
                                         "\"a\tb\"@x)",
                                         "Ann <Bo a@x>",
                                         "<a b@x>",
                                         "ann\x7f@x",
                                         "\"ann\x01\"@x",
                                         "ann@x; (",
                                         "Ann <(>ann@x>",
                                         "team:(",
                                         ",(",
                                         "ann@(",
                                         "ann@x.(",
                                         "ann@[x](",
                                         "\"\\"};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        field_is(span_str(broken[i]),
                 span_starts(span_str(broken[i]), SPAN("ann@x; (")) ? "ann|x\nbroken" : "broken",
                 broken[i]);
    field_is(SPAN("a\0b@x"), "broken", "a NUL");
    field_is(SPAN("\"a\0b\"@x"), "broken", "a NUL between quotes");
    field_is(SPAN("ann@x\0"), "broken", "a NUL at the end");
}

/* n times c, then tail. */
static struct span repeated(struct buf *room, size_t n, char c, const char *tail)
{
    buf_clear(room);
    while (n-- > 0)
        buf_add_char(room, c);
    buf_add_str(room, tail);
    return buf_span(room);
}

static void test_bounds(void)
{
    struct mail_address a;
    struct buf room;
    buf_init(&room, 10000);
    struct span s = repeated(&room, MAIL_ADDRESS_LOCAL_BYTES, 'a', "@x");
    ok(mail_address_next(&s, &a) == MAIL_ADDRESS_ONE &&
           mail_address_local(&a).n == MAIL_ADDRESS_LOCAL_BYTES,
       "mail_address_next: the longest local part");
    s = repeated(&room, MAIL_ADDRESS_LOCAL_BYTES + 1, 'a', "@x");
    ok(mail_address_next(&s, &a) == MAIL_ADDRESS_BROKEN,
       "mail_address_next: a local part of one byte more");
    s = repeated(&room, 1000, 'a', " \"Bcd\" <ann@x>");
    ok(mail_address_next(&s, &a) == MAIL_ADDRESS_ONE &&
           span_eq(mail_address_local(&a), SPAN("ann")),
       "mail_address_next: a name may be longer");
    buf_clear(&room);
    buf_add_str(&room, "a@");
    while (room.n < MAIL_ADDRESS_DOMAIN_BYTES + 2)
        buf_add_char(&room, 'x');
    s = buf_span(&room);
    ok(mail_address_next(&s, &a) == MAIL_ADDRESS_ONE &&
           mail_address_domain(&a).n == MAIL_ADDRESS_DOMAIN_BYTES,
       "mail_address_next: a domain of 255 bytes");
    buf_add_char(&room, 'x');
    s = buf_span(&room);
    ok(mail_address_next(&s, &a) == MAIL_ADDRESS_BROKEN,
       "mail_address_next: a domain of 256 bytes");
    room.p[2] = '[';
    room.p[room.n - 1] = ']';
    s = span_of(room.p, room.n);
    ok(mail_address_next(&s, &a) == MAIL_ADDRESS_BROKEN,
       "mail_address_next: a literal of 256 bytes");
    room.p[2] = 'x';
    room.p[room.n - 1] = '.';
    buf_add_char(&room, 'x');
    s = buf_span(&room);
    ok(mail_address_next(&s, &a) == MAIL_ADDRESS_BROKEN,
       "mail_address_next: a domain that is too long with a dot and a label more");
    buf_free(&room);
}

/* want: local|domain and what follows; NULL: it is not a path. */
static void path_is(const char *text, const char *want, const char *name)
{
    struct mail_address a;
    struct buf got;
    struct span s = span_str(text);
    buf_init(&got, 10000);
    if (mail_address_path(&s, &a)) {
        add(&got, &a);
        buf_add(&got, s);
        buf_add_char(&got, '\0');
        is_str(got.p, want ? want : "not a path", "mail_address_path: %s", name);
    } else {
        ok(!want && s.p == text && s.n == strlen(text), "mail_address_path: %s", name);
    }
    buf_free(&got);
}

static void test_path(void)
{
    path_is("<ann@x.org>", "ann|x.org\n", "an address");
    path_is(" <ann@x.org> SIZE=5 BODY=8BITMIME", "ann|x.org\n SIZE=5 BODY=8BITMIME",
            "a space before it, and parameters");
    path_is("<>", "|\n", "the empty path");
    path_is("<> SIZE=5", "|\n SIZE=5", "the empty path with a parameter");
    path_is("<Postmaster>", "Postmaster|\n", "no domain");
    path_is("<@a.org,@[192.0.2.1]:ann@x.org>", "ann|x.org\n", "a route");
    path_is("<\"ann b\\>\"@x.org>", "ann b>|x.org\n", "a quoted local part");
    path_is("<ann+a@[IPv6:2001:db8::1]>", "ann+a|[IPv6:2001:db8::1]\n", "an IPv6 literal");
    path_is("<a..b@x.org>", "a..b|x.org\n", "two dots");
    path_is("ann@x.org", NULL, "no < and >");
    path_is("<ann@x.org", NULL, "no >");
    path_is("<ann@x.org>SIZE=5", NULL, "no space before the parameters");
    path_is("Ann <ann@x.org>", NULL, "a name");
    path_is("<@a.org:>", NULL, "a route to nowhere");
    path_is("<@a.org,,@b.org:ann@x.org>", "ann|x.org\n", "a route with empty places");
    path_is("<@a.org ann@x.org>", NULL, "a route without its colon");
    path_is("<ann@x.org,bob@x.org>", NULL, "two addresses");
    path_is("<@x.org>", NULL, "no local part");
    path_is("", NULL, "nothing");
    path_is("(", NULL, "a comment without an end");
}

/* A path whose only fault is its length, and one that has others. */
static void test_too_long(void)
{
    static const struct {
        const char *before, *after;
        size_t most; /* how many bytes may stand between them */
    } parts[] = {
        {"<", "@x>", MAIL_ADDRESS_LOCAL_BYTES},
        {"<\"", "\"@x>", MAIL_ADDRESS_LOCAL_BYTES},
        {"<ann@", ">", MAIL_ADDRESS_DOMAIN_BYTES},
        {"<ann@x.", ">", MAIL_ADDRESS_DOMAIN_BYTES - 2},
        {"<ann@[", "]>", MAIL_ADDRESS_DOMAIN_BYTES - 2},
        {"<@", ":ann@x>", MAIL_ADDRESS_DOMAIN_BYTES},
    };
    struct mail_address a;
    struct buf text;
    buf_init(&text, 10000);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        for (size_t more = 0; more < 2; more++) {
            buf_clear(&text);
            buf_printf(&text, "%s%0*d%s", parts[i].before, (int)(parts[i].most + more), 0,
                       parts[i].after);
            struct span s = buf_span(&text);
            ok(mail_address_path(&s, &a) == (more == 0) && a.too_long == (more > 0),
               "mail_address_path: %s...%s, %s", parts[i].before, parts[i].after,
               more ? "one byte too long" : "as long as possible");
        }
    struct span s = SPAN("<ann@x");
    ok(!mail_address_path(&s, &a) && !a.too_long, "mail_address_path: no >, but not too long");
    buf_free(&text);
}

int main(void)
{
    test_field();
    test_broken();
    test_bounds();
    test_path();
    test_too_long();
    return done_testing();
}
