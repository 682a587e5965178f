/* SPDX-License-Identifier: ISC */
#include "proto/name.h"

#include "random.h"
#include "tap.h"

#define LONGEST "abcdefghijklmnopqrstuvwxyz012345"

static void test_names(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"ann", "ann"},      {"Ann.B_c-9", "ann.b_c-9"},
        {"7", "7"},          {LONGEST, LONGEST},
        {LONGEST "6", NULL}, {"", NULL},
        {".ann", NULL},      {"-ann", NULL},
        {"_ann", NULL},      {"ann.", NULL},
        {"a", "a"},          {"a-", "a-"},
        {"a..b", "a..b"},    {"..", NULL},
        {"a/b", NULL},       {"a b", NULL},
        {"ann\n", NULL},     {"\xc3\xa4", NULL},
        {"a\x80", NULL},     {"a|b", NULL},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span in = exact(span_str(rows[i].text));
        char out[NAME_BYTES + 1] = "untouched";
        bool good = name_fold(in, out);
        ok(good == (rows[i].want != NULL), "name_fold: \"%s\"", rows[i].text);
        is_str(out, good ? rows[i].want : "untouched",
               "name_fold: writes the name in lower case, or nothing");
        exact_free(in);
    }
}

static void test_nul(void)
{
    char out[NAME_BYTES + 1];
    ok(!name_fold(span_of("ann\0b", 5), out), "name_fold: refuses a NUL in a name");
    ok(!name_fold(span_of("\0", 1), out), "name_fold: refuses a NUL as a name");
}

/* Every byte in every place, compared with the rule in the protocol. */
static void test_every_byte(void)
{
    int wrong = 0;

    for (int i = 0; i < 256; i++) {
        char out[NAME_BYTES + 1];
        bool alnum = (i >= '0' && i <= '9') || (i >= 'a' && i <= 'z') || (i >= 'A' && i <= 'Z');
        bool mark = i == '.' || i == '_' || i == '-';
        char first[] = {(char)i, 'x'};
        char middle[] = {'x', (char)i, 'x'};
        char last[] = {'x', (char)i};
        wrong += name_fold(span_of(first, 2), out) != alnum;
        wrong += name_fold(span_of(middle, 3), out) != (alnum || mark);
        wrong += name_fold(span_of(last, 2), out) != (alnum || (mark && i != '.'));
    }
    is_int(wrong, 0, "name_fold: every byte at the beginning, in the middle and at the end");
}

static void test_passwords(void)
{
    char longest[PASSWORD_BYTES + 1];

    memset(longest, 'x', sizeof longest);
    ok(name_password_ok(span_of(longest, PASSWORD_BYTES)),
       "name_password_ok: the longest password");
    ok(!name_password_ok(span_of(longest, PASSWORD_BYTES + 1)),
       "name_password_ok: one byte too long");
    ok(!name_password_ok(SPAN("")), "name_password_ok: an empty password");
    ok(name_password_ok(SPAN("p\xc3\xa4ss w^rd\\\x01")),
       "name_password_ok: other bytes are allowed");
    ok(!name_password_ok(SPAN("a\0b")), "name_password_ok: NUL");
    ok(!name_password_ok(SPAN("a\n")), "name_password_ok: LF");
    ok(!name_password_ok(SPAN("\ra")), "name_password_ok: CR");
    ok(!name_password_ok(SPAN("a|b")), "name_password_ok: a vertical bar");
}

static void test_invites(void)
{
    static const char good[] = "0123456789abcdef0123456789abcdef";
    int wrong = 0;

    ok(name_invite_ok(SPAN("0123456789abcdef0123456789abcdef")), "name_invite_ok: an invite");
    ok(!name_invite_ok(SPAN("0123456789abcdef0123456789abcde")),
       "name_invite_ok: one digit too short");
    ok(!name_invite_ok(SPAN("0123456789abcdef0123456789abcdef0")),
       "name_invite_ok: one digit too long");
    ok(!name_invite_ok(SPAN("")), "name_invite_ok: an empty text");
    for (int i = 0; i < 256 * INVITE_DIGITS; i++) {
        char text[sizeof good];
        char c = (char)(i / INVITE_DIGITS);
        memcpy(text, good, sizeof good);
        text[i % INVITE_DIGITS] = c;
        bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        wrong += name_invite_ok(span_of(text, INVITE_DIGITS)) != digit;
    }
    is_int(wrong, 0,
           "name_invite_ok: every byte in every place, of which only hex digits are allowed");
}

static void test_reserved(void)
{
    ok(name_is_reserved(NAME_SERVER) && name_is_reserved(NAME_OUTSIDE),
       "name_is_reserved: the two senders that are no users");
    ok(!name_is_reserved("mail") && !name_is_reserved("mail-outside2") && !name_is_reserved(""),
       "name_is_reserved: no other name");
}

/* A menu puts a full stop after them. */
static void test_rules(void)
{
    static const char *const rules[] = {NAME_RULE, PASSWORD_RULE, INVITE_RULE};

    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        ok(!span_ends(span_str(rules[i]), SPAN(".")), "no full stop ends \"%s\"", rules[i]);
}

int main(void)
{
    test_rules();
    test_names();
    test_nul();
    test_every_byte();
    test_passwords();
    test_invites();
    test_reserved();
    return done_testing();
}
