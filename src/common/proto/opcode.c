/* SPDX-License-Identifier: ISC */
#include "proto/opcode.h"

#include <assert.h>

#define COMMAND(id, function, ...) [OP_##id] = {__VA_ARGS__},
#define WORD(id, wire, alias)      [OP_##id] = {wire, alias, 0, 0, 0, "", ""},

static const struct opcode_info table[OP_COUNT] = {OPCODE_COMMANDS(COMMAND) OPCODE_WORDS(WORD)};

const struct opcode_info *opcode_info(enum opcode op)
{
    assert(op < OP_COUNT);
    return &table[op];
}

bool opcode_is_command(enum opcode op)
{
    return op < OP_COMMANDS;
}

enum opcode opcode_find(struct span word)
{
    for (enum opcode op = 0; op < OP_COUNT; op++)
        if (span_eq(word, span_str(table[op].wire)) || span_eq(word, span_str(table[op].alias)))
            return op;
    return OP_NONE;
}

enum opcode opcode_find_typed(struct span word)
{
    if (span_eq(word, SPAN("help")) || span_eq(word, SPAN("?")))
        return OP_HELP;
    return span_eq(word, SPAN("quit")) ? OP_EXIT : opcode_find(word);
}
