/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "proto/frame.h"
#include "session/commands.h"
#include "session/reply.h"

void cmd_help_arguments(struct buf *out, const struct opcode_info *info)
{
    struct span args = span_str(info->args), name;
    for (unsigned i = 0; span_cut(&args, '|', &name); i++)
        buf_printf(out, i < info->min ? "%s%.*s" : "%s[%.*s]", i ? ", " : "", SPAN_PRINTF(name));
}

static void add_line(struct session *s, enum opcode op)
{
    const struct opcode_info *info = opcode_info(op);
    struct buf line;
    buf_init(&line, 512);
    buf_printf(&line, "%s (%s)", info->wire, info->alias);
    if (info->max > 0)
        buf_add_str(&line, ": ");
    cmd_help_arguments(&line, info);
    if (info->flags & OPCODE_TOKEN && s->dialect.version >= 2)
        buf_add_str(&line, ", [token]");
    buf_printf(&line, " - %s", info->help);
    frame_arg(&s->out, s->dialect, buf_span(&line));
    buf_free(&line);
}

void cmd_help(struct session *s, const struct span *arg, size_t nargs)
{
    enum opcode only = nargs ? opcode_find(arg[0]) : OP_NONE;
    if (nargs && !opcode_is_command(only)) {
        reply_noop(s, "unknown command; Help without an argument lists all commands");
        return;
    }
    size_t mark = frame_open(&s->out, s->dialect, "Answer", nargs ? 2 : OP_COMMANDS + 1);
    frame_arg(&s->out, s->dialect, SPAN("Yes"));
    for (enum opcode op = 0; op < OP_COMMANDS; op++) {
        if (nargs && op != only)
            continue;
        if (!nargs && s->dialect.form == FORM_LINE)
            buf_add_char(&s->out, '\n'); /* a person reads it: one line a command */
        add_line(s, op);
    }
    frame_close(&s->out, s->dialect, mark);
}
