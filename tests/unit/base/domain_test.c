/* SPDX-License-Identifier: ISC */
#include "base/domain.h"

#include <string.h>

#include "tap.h"

/* Writes n times c, and then the rest. */
static void add(char *text, char c, size_t n, const char *rest)
{
    size_t at = strlen(text);
    memset(text + at, c, n);
    strcpy(text + at + n, rest);
}

static void test_lengths(void)
{
    char name[DOMAIN_BYTES], text[300] = "";

    add(text, 'a', 63, ".b");
    ok(domain_fold(span_str(text), name), "domain_fold: a label of 63 bytes");
    text[0] = '\0';
    add(text, 'a', 64, ".b");
    ok(!domain_fold(span_str(text), name), "... but not of 64");
    text[0] = '\0';
    for (int i = 0; i < 3; i++)
        add(text, 'a', 63, ".");
    add(text, 'b', 61, "");
    ok(domain_fold(span_str(text), name) && strlen(name) == 253, "domain_fold: 253 bytes in all");
    strcat(text, "b");
    ok(!domain_fold(span_str(text), name), "... but not 254");
}

int main(void)
{
    static const char *const wrong[] = {"",     ".",        ".a",    "a.",  "a..b", "-a.b",
                                        "a-.b", "a.b-",     "a.-b",  "a b", "a_b",  "a@b",
                                        "a\n",  "\xd0\xb0", "[::1]", "a/b", "a:b",  "a\x7f"};
    char name[DOMAIN_BYTES];

    ok(domain_fold(SPAN("Mail-7.Example.ORG"), name), "domain_fold: letters, digits and a hyphen");
    is_str(name, "mail-7.example.org", "... in small letters");
    ok(domain_fold(SPAN("localhost"), name) && domain_fold(SPAN("9"), name),
       "domain_fold: one label");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ok(!domain_fold(span_str(wrong[i]), name), "domain_fold: not \"%s\"", wrong[i]);
    ok(!domain_fold(span_of("a\0b", 3), name), "domain_fold: no NUL");
    test_lengths();
    return done_testing();
}
