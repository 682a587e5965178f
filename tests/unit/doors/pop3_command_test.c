/* SPDX-License-Identifier: ISC */
#include "doors/pop3_command.h"

#include <string.h>

#include "tap.h"

static void parses(const char *line, enum pop3_id id, size_t nargs, const char *first,
                   const char *second)
{
    struct pop3_command c = pop3_command_parse(span_str(line));
    const char *want[POP3_ARGS] = {first, second};

    is_int(c.id, id, "\"%s\": which command it is", line);
    is_int(c.nargs, nargs, "\"%s\": how many arguments it has", line);
    for (size_t i = 0; i < POP3_ARGS && want[i]; i++)
        ok(i < c.nargs && span_eq(c.arg[i], span_str(want[i])), "\"%s\": argument %zu is \"%s\"",
           line, i + 1, want[i]);
}

int main(void)
{
    static const char *const words[] = {"CAPA", "USER", "PASS", "AUTH", "STAT", "LIST", "UIDL",
                                        "RETR", "TOP",  "DELE", "RSET", "NOOP", "QUIT"};

    is_int(sizeof words / sizeof *words, POP3_UNKNOWN, "these are all commands");
    for (size_t i = 0; i < POP3_UNKNOWN; i++)
        parses(words[i], (enum pop3_id)i, 0, NULL, NULL);
    parses("", POP3_UNKNOWN, 0, NULL, NULL);
    parses("STATS", POP3_UNKNOWN, 0, NULL, NULL);
    parses("STA", POP3_UNKNOWN, 0, NULL, NULL);
    parses(" STAT", POP3_UNKNOWN, 1, "STAT", NULL);
    parses("UNKNOWN", POP3_UNKNOWN, 0, NULL, NULL);
    parses("retr 7", POP3_RETR, 1, "7", NULL);
    parses("rEtR  7 ", POP3_RETR, 1, "7", NULL);
    parses("TOP 1 20", POP3_TOP, 2, "1", "20");
    parses("TOP 1 20 x y", POP3_TOP, 4, "1", "20");
    parses("USER  ann", POP3_USER, 1, "ann", NULL);
    parses("PASS", POP3_PASS, 0, NULL, NULL);
    parses("PASS ", POP3_PASS, 1, "", NULL);
    parses("PASS  a  word ", POP3_PASS, 1, " a  word ", NULL);
    parses("AUTH PLAIN =", POP3_AUTH, 2, "PLAIN", "=");
    struct pop3_command c = pop3_command_parse(span_of("NOOP\0", 5));
    is_int(c.id, POP3_UNKNOWN, "a NUL is part of the word");
    return done_testing();
}
