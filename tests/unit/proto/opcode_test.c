/* SPDX-License-Identifier: ISC */
#include "proto/opcode.h"

#include "random.h"
#include "tap.h"

static void test_rows(void)
{
    int wrong = 0;

    for (enum opcode op = 0; op < OP_COUNT; op++) {
        const struct opcode_info *row = opcode_info(op);
        struct span args = span_str(row->args);
        ok(opcode_find(span_str(row->wire)) == op, "opcode_find: the wire text \"%s\"", row->wire);
        ok(opcode_find(span_str(row->alias)) == op, "opcode_find: the alias %s", row->alias);
        wrong += row->min > row->max;
        wrong += span_count(args, '|') != row->max;
        wrong += args.n > 0 && !span_ends(args, SPAN("|"));
        wrong += span_count(span_str(row->help), '|') != 0 ||
                 opcode_is_command(op) != (row->help[0] != 0);
    }
    is_int(wrong, 0, "opcode_info: arguments, their names, help and flags of each row agree");
}

/* The protocol's own table, once more. */
static void test_protocol(void)
{
    static const char *const words[OP_COUNT][2] = {
        {"Start", "START"},        {"Exit", "EXIT"},           {"Register", "REG"},
        {"Login", "LOG"},          {"Logout", "LUG"},          {"Send mes", "SND"},
        {"Delete user", "DEL_US"}, {"Delete mes", "DEL_MES"},  {"Show unread", "SH_UNR"},
        {"Show all", "SH_ALL"},    {"Show exact", "SH_EX"},    {"Resend", "RSND"},
        {"Noop", "NO_OPERATION"},  {"Health", "HEALTH"},       {"Status", "STAT"},
        {"Show list", "SH_LST"},   {"Show deleted", "SH_DEL"}, {"Restore mes", "RST_MES"},
        {"Password", "PASSWD"},    {"Peek mes", "PEEK"},       {"Mark mes", "MARK"},
        {"Check user", "CHK_US"},  {"Import mes", "IMPORT"},   {"Watch", "WATCH"},
        {"Help", "HELP"},          {"Answer", "ANSWER"},       {"Yes", "SERV_OK"},
        {"Init", "INIT"},          {"In system", "INSYS"},     {"Operation Code", "OPCODE"},
    };

    for (enum opcode op = 0; op < OP_COUNT; op++) {
        is_str(opcode_info(op)->wire, words[op][0],
               "opcode_info: the wire text of opcode %d is the protocol's", (int)op);
        is_str(opcode_info(op)->alias, words[op][1],
               "opcode_info: the alias of opcode %d is the protocol's", (int)op);
    }
}

static void test_unknown(void)
{
    static const char *const words[] = {"",     "start",     "Start ",    " Start",
                                        "Show", "Show  all", "Show allx", "Send",
                                        "Mail", "SHOW_ALL",  "Start\n"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct span word = exact(span_str(words[i]));
        ok(opcode_find(word) == OP_NONE, "opcode_find: the unknown word \"%s\" gives OP_NONE",
           words[i]);
        exact_free(word);
    }
    ok(opcode_find(SPAN("Start\0")) == OP_NONE,
       "opcode_find: a word with a NUL at its end gives OP_NONE");
}

static void test_typed(void)
{
    ok(opcode_find_typed(SPAN("help")) == OP_HELP, "opcode_find_typed: help is Help");
    ok(opcode_find_typed(SPAN("?")) == OP_HELP, "opcode_find_typed: ? is Help");
    ok(opcode_find_typed(SPAN("quit")) == OP_EXIT, "opcode_find_typed: quit is Exit");
    ok(opcode_find_typed(SPAN("Show all")) == OP_SHOW_ALL, "opcode_find_typed: a wire text");
    ok(opcode_find_typed(SPAN("??")) == OP_NONE, "opcode_find_typed: an unknown word");
    ok(opcode_find(SPAN("help")) == OP_NONE, "opcode_find: help is no word of the length form");
}

int main(void)
{
    test_rows();
    test_protocol();
    test_unknown();
    test_typed();
    return done_testing();
}
