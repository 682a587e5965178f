/* SPDX-License-Identifier: ISC */
#include "base/shell_word.h"

#include "tap.h"

static void gives(const char *path, const char *want, const char *name)
{
    struct buf out;
    buf_init(&out, 200);
    shell_word_add(&out, path);
    buf_add_char(&out, '\0');
    is_str(out.p, want, "shell_word_add: %s", name);
    buf_free(&out);
}

int main(void)
{
    gives("/var/mail_1.x", "/var/mail_1.x", "a plain path stays as it is");
    gives("/srv/a b$(rm);*", "'/srv/a b$(rm);*'", "characters of the shell are quoted");
    gives("it's", "'it'\\''s'", "a quotation mark");
    gives("a\\b", "'a\\b'", "a backslash");
    gives("/a'\n\\\xff", "$'/a\\047\\012\\134\\377'", "bytes that are not printable are escaped");
    gives("-rf", "./-rf", "a path that looks like an option");
    gives("!x", "./'!x'", "a path that looks like an operator");
    gives("~ann", "./'~ann'", "a path that looks like a home");
    gives(".store", ".store", "a relative path");
    gives("/srv/store//", "/srv/store", "slashes at the end");
    gives("/", "/", "the root");
    gives("", "''", "an empty path");
    return done_testing();
}
