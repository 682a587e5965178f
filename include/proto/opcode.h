/*
 * opcode: the one table of the protocol's words (PROTOCOL 2), which server, client and Help share.
 */
#ifndef PROTO_OPCODE_H
#define PROTO_OPCODE_H

#include "base/span.h"

enum opcode {
    OP_START,
    OP_EXIT,
    OP_REGISTER,
    OP_LOGIN,
    OP_LOGOUT,
    OP_SEND,
    OP_DELETE_USER,
    OP_DELETE_MESSAGE,
    OP_SHOW_UNREAD,
    OP_SHOW_ALL,
    OP_SHOW_EXACT,
    OP_RESEND,
    OP_NOOP,
    OP_STATUS,
    OP_SHOW_LIST,
    OP_SHOW_DELETED,
    OP_RESTORE_MESSAGE,
    OP_PASSWORD,
    OP_WATCH,
    OP_HELP,
    OP_ANSWER, /* from here on: answers and states of the menu, never commands */
    OP_YES,
    OP_INIT,
    OP_IN_SYSTEM,
    OP_OPERATION_CODE,
    OP_COUNT,
    OP_NONE = OP_COUNT /* no such word */
};

enum opcode_flags {
    OPCODE_LOGIN = 1,  /* needs a login */
    OPCODE_ANSWER = 2, /* is not a command */
    OPCODE_TOKEN = 4   /* takes one more argument, a token, in version 2 */
};

struct opcode_info {
    const char *wire;  /* the text on the wire, byte for byte */
    const char *alias; /* the report's enumerator */
    unsigned min, max; /* how many arguments, the token not counted */
    unsigned flags;    /* enum opcode_flags */
    const char *args;  /* the arguments' names, each ending with |; "" for none */
    const char *help;  /* what it does, in one line without | */
};

/* The row of an opcode below OP_COUNT. The table is constant. */
const struct opcode_info *opcode_info(enum opcode op);

/* The opcode of a wire text or an alias, byte for byte; OP_NONE when there is none. */
enum opcode opcode_find(struct span word);

#endif
