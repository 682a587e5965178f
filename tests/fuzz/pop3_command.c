/* SPDX-License-Identifier: ISC */
/*
 * A line of POP3: which command it is, and its arguments. And the lines of a mail: what comes of
 * them, whatever pieces it is in, is the mail again once the dots that were added are taken away.
 */
#include "doors/pop3_command.h"

#include <string.h>

#include "doors/pop3_lines.h"
#include "fuzz.h"

static void test_command(struct span line)
{
    struct pop3_command c = pop3_command_parse(line);
    must(c.id < POP3_IDS);
    for (size_t i = 0; i < c.nargs && i < POP3_ARGS; i++) {
        must(fuzz_within(c.arg[i], line));
        must((pop3_rows[c.id].flags & POP3_REST) ||
             (c.arg[i].n > 0 && span_find(c.arg[i], ' ') == c.arg[i].n));
    }
    struct span word = span_first(line, span_find(line, ' '));
    must(c.id == POP3_UNKNOWN || span_eq_folded(word, span_str(pop3_rows[c.id].word)));
}

static void test_lines(struct span in)
{
    size_t most = fuzz_byte(&in), at_once = 1 + fuzz_byte(&in);
    struct pop3_lines l = pop3_lines_new(most);
    struct span rest = in, line;
    struct buf out;
    bool more = true;

    buf_init(&out, 2 * in.n + 1);
    for (; more && rest.n > 0; rest = span_skip(rest, at_once))
        more = pop3_lines_add(&l, span_first(rest, at_once), &out);
    must(buf_ok(&out));
    struct span sent = buf_span(&out);
    while (span_cut(&sent, '\n', &line)) {
        must(!span_eq(line, SPAN(".")) && !span_eq(line, SPAN(".\r")));
        line = span_skip(line, span_starts(line, SPAN(".")));
        must(span_starts(in, line) && in.p[line.n] == '\n');
        in = span_skip(in, line.n + 1);
    }
    must(more || sent.n == 0);
    must(span_starts(in, span_skip(sent, span_starts(sent, SPAN(".")))));
    must(!more || sent.n - span_starts(sent, SPAN(".")) == in.n);
    buf_free(&out);
}

void fuzz_one(struct span in)
{
    test_command(in);
    test_lines(in);
}
