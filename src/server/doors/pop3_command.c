/* SPDX-License-Identifier: ISC */
#include "doors/pop3_command.h"

#define ROW(id, function, least, most, flags) [POP3_##id] = {#id, least, most, flags},

const struct pop3_row pop3_rows[POP3_IDS] = {POP3_COMMANDS(ROW)};

static enum pop3_id find(struct span word)
{
    enum pop3_id id = 0;
    while (id < POP3_UNKNOWN && !span_eq_folded(word, span_str(pop3_rows[id].word)))
        id++;
    return id;
}

struct pop3_command pop3_command_parse(struct span line)
{
    bool more = span_find(line, ' ') < line.n;
    struct pop3_command c = {.id = find(span_take(&line, ' ')), .nargs = 0};
    if (pop3_rows[c.id].flags & POP3_REST) {
        c.nargs = more;
        c.arg[0] = line;
        return c;
    }
    while (line.n > 0) {
        struct span arg = span_take(&line, ' ');
        if (arg.n == 0)
            continue;
        if (c.nargs < POP3_ARGS)
            c.arg[c.nargs] = arg;
        c.nargs++;
    }
    return c;
}
