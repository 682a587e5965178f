/* SPDX-License-Identifier: ISC */
#include "mime/charset.h"

#include "base/crc32c.h"
#include "random.h"
#include "tap.h"

/*
 * The CRC-32C of all 256 bytes of a set in UTF-8. Computed with Python:
 * bytes(range(256)).decode(set, "replace"), and U+FFFD for U+0080 to U+009F.
 */
static void test_all_bytes(void)
{
    static const struct {
        const char *name;
        uint32_t crc;
    } rows[] = {
        {"iso-8859-1", 0x5b873e91},   {"iso-8859-2", 0xb58775c0},   {"iso-8859-5", 0x3a9f61a3},
        {"iso-8859-15", 0x868872a9},  {"windows-1250", 0x9127d7db}, {"windows-1251", 0xe250abc0},
        {"windows-1252", 0x5b873e91}, {"koi8-r", 0xa3a57375},       {"koi8-u", 0xb620e478},
    };
    char bytes[256];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(unsigned char)i;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out;
        buf_init(&out, CHARSET_GROWTH * sizeof bytes);
        bool known = charset_add(&out, span_str(rows[i].name), span_of(bytes, sizeof bytes));
        ok(known && crc32c(0, buf_span(&out)) == rows[i].crc, "charset_add: all bytes of %s",
           rows[i].name);
        buf_free(&out);
    }
}

static void becomes(const char *name, const char *s, const char *want, bool known)
{
    struct buf out;
    struct span in = exact(span_str(s)), set = exact(span_str(name));
    buf_init(&out, 1000);
    ok(charset_add(&out, set, in) == known && span_eq(buf_span(&out), span_str(want)),
       "charset_add: \"%s\" is %s", name, known ? "known" : "not known: the bytes stay");
    exact_free(in);
    exact_free(set);
    buf_free(&out);
}

static void test_names(void)
{
    becomes("", "a\xf0", "a\xf0", true);
    becomes("us-ascii", "a\xf0", "a\xf0", true);
    becomes("UTF-8", "\xd0\x9f\xff", "\xd0\x9f\xff", true);
    becomes("utf8", "\xd0\x9f", "\xd0\x9f", true);
    becomes("KOI8-R", "\xf0 a", "П a", true);
    becomes("koi8_r", "\xf0", "П", true);
    becomes("koi8-u", "\xa4", "є", true);
    becomes("Windows-1251", "\xcf", "П", true);
    becomes("cp1251", "\xcf", "П", true);
    becomes("CP-1250", "\x8a", "Š", true);
    becomes("iso-8859-1", "\x93\xe9\x94", "“é”", true);
    becomes("ISO_8859-15", "\xa4", "€", true);
    becomes("windows-1251", "", "", true);
    becomes("koi8", "\xf0", "\xf0", false);
    becomes("koi8-rr", "\xf0", "\xf0", false);
    becomes("utf-16", "\xff\xfe", "\xff\xfe", false);
}

int main(void)
{
    test_all_bytes();
    test_names();
    return done_testing();
}
