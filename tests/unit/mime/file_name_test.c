/* SPDX-License-Identifier: ISC */
#include "mime/file_name.h"

#include "base/utf8.h"
#include "random.h"
#include "tap.h"

static void name_is(struct span in, const char *want)
{
    char out[FILE_NAME_BYTES];
    struct span s = exact(in);
    file_name_safe(s, out);
    is_str(out, want, "file_name_safe: gives %s", want);
    exact_free(s);
}

static void test_examples(void)
{
    name_is(SPAN("report.pdf"), "report.pdf");
    name_is(SPAN("\xd0\x9f \xd1\x82.txt"), "\xd0\x9f \xd1\x82.txt");
    name_is(SPAN("../../etc/passwd"), "passwd");
    name_is(SPAN("C:\\Windows\\x.dll"), "x.dll");
    name_is(SPAN("/"), "unnamed");
    name_is(SPAN(""), "unnamed");
    name_is(SPAN("."), "_");
    name_is(SPAN(".."), "_.");
    name_is(SPAN(".profile"), "_profile");
    name_is(SPAN("-rf"), "_rf");
    name_is(SPAN("a\0b\n\x1b\xff"), "a_b___");
    /* NOLINTNEXTLINE(misc-misleading-bidirectional): it is made harmless. */
    name_is(SPAN("txt\xe2\x80\xae.exe"), "txt_.exe");
}

static void test_random(void)
{
    size_t wrong = 0;
    for (int round = 0; round < 20000; round++) {
        char bytes[400], out[FILE_NAME_BYTES];
        size_t n = random_below(sizeof bytes + 1);
        for (size_t i = 0; i < n; i++)
            bytes[i] = "./-\\a\xc3\xa4\xe2\x80\xae\n"[random_below(11)];
        struct span s = exact(span_of(bytes, n));
        file_name_safe(s, out);
        struct span name = span_str(out);
        wrong += name.n == 0 || name.n >= FILE_NAME_BYTES || out[0] == '.' || out[0] == '-';
        wrong += span_count(name, '/');
        for (uint32_t c; name.n > 0; wrong += !utf8_is_safe(c))
            name = span_skip(name, utf8_decode(name, &c));
        exact_free(s);
    }
    is_int(wrong, 0, "file_name_safe: of random bytes nothing harmful remains");
    if (wrong)
        random_diag();
}

int main(void)
{
    random_begin();
    test_examples();
    test_random();
    return done_testing();
}
