/* SPDX-License-Identifier: ISC */
#include "doors/pop3_lines.h"

#include "tap.h"

/* What comes of a mail that arrives in pieces of `at_once` bytes; a pointer to the text. */
static const char *sent(const char *mail, uint64_t most, size_t at_once, struct buf *out)
{
    struct pop3_lines l = pop3_lines_new(most);
    struct span rest = span_str(mail);

    buf_clear(out);
    while (rest.n > 0 && pop3_lines_add(&l, span_first(rest, at_once), out))
        rest = span_skip(rest, at_once);
    buf_add_char(out, '\0');
    return out->p;
}

static void gives(const char *mail, uint64_t most, const char *want, const char *name)
{
    struct buf out;
    const char *got = want;
    size_t at_once = 1;

    buf_init(&out, 1000);
    for (; at_once <= strlen(mail) && strcmp(got, want) == 0; at_once++)
        got = sent(mail, most, at_once, &out);
    is_str(got, want, "%s, in pieces of any size up to %zu", name, at_once - 1);
    buf_free(&out);
}

int main(void)
{
    gives("A: b\r\n\r\nhello\r\n", UINT64_MAX, "A: b\r\n\r\nhello\r\n", "a mail without dots");
    gives("A: b\r\n\r\n.\r\n..x\r\na.b\r\n.\r\n", UINT64_MAX,
          "A: b\r\n\r\n..\r\n...x\r\na.b\r\n..\r\n", "a dot at the beginning of a line");
    gives(".A: b\r\n\r\n", UINT64_MAX, "..A: b\r\n\r\n", "a dot at the very beginning");
    gives("A: b\r\n\r\n1\r\n2\r\n3\r\n", 0, "A: b\r\n\r\n", "only the header");
    gives("A: b\r\n\r\n1\r\n2\r\n3\r\n", 2, "A: b\r\n\r\n1\r\n2\r\n", "two lines of the body");
    gives("A: b\r\n\r\n\r\n\r\n3\r\n", 2, "A: b\r\n\r\n\r\n\r\n", "empty lines count");
    gives("A: b\r\n\r\n1\r\n", 7, "A: b\r\n\r\n1\r\n", "more lines than there are");
    gives("A: b\r\n c\r\n\t\r\nD: e\r\n\r\n1\r\n", 0, "A: b\r\n c\r\n\t\r\nD: e\r\n\r\n",
          "a line with a tab does not end the header");
    gives("\r\n1\r\n2\r\n", 1, "\r\n1\r\n", "an empty header");
    gives("A: b\r\nC: d\r\n", 0, "A: b\r\nC: d\r\n", "a header that does not end");
    gives("A\nB\r\n\n1\n.2\n", UINT64_MAX, "A\nB\r\n\n1\n..2\n", "lines that end in LF alone");
    return done_testing();
}
