#include "proto/opcode.h"

#include <assert.h>

/* Rows stand in the order of enum opcode. */
static const struct opcode_info table[OP_COUNT] = {
    [OP_START] = {"Start", "START", 0, 1, 0, "version|", "begins; 2 asks for version 2"},
    [OP_EXIT] = {"Exit", "EXIT", 0, 0, 0, "", "ends the connection"},
    [OP_REGISTER] = {"Register", "REG", 2, 3, 0, "name|password|invite|",
                     "makes an account; the invite only where the server asks for one"},
    [OP_LOGIN] = {"Login", "LOG", 2, 2, 0, "name|password|", "logs in, or switches user"},
    [OP_LOGOUT] = {"Logout", "LUG", 0, 0, OPCODE_LOGIN, "", "logs out; the connection stays"},
    [OP_SEND] = {"Send mes", "SND", 2, 2, OPCODE_LOGIN | OPCODE_TOKEN, "name|message|",
                 "sends a message to a user"},
    [OP_DELETE_USER] = {"Delete user", "DEL_US", 0, 0, OPCODE_LOGIN, "",
                        "deletes your own account and its mail"},
    [OP_DELETE_MESSAGE] = {"Delete mes", "DEL_MES", 1, 1, OPCODE_LOGIN, "id|", "deletes a message"},
    [OP_SHOW_UNREAD] = {"Show unread", "SH_UNR", 0, 0, OPCODE_LOGIN, "",
                        "gives the unread messages, which then count as read"},
    [OP_SHOW_ALL] = {"Show all", "SH_ALL", 0, 0, OPCODE_LOGIN, "",
                     "gives all messages, which then count as read"},
    [OP_SHOW_EXACT] = {"Show exact", "SH_EX", 1, 1, OPCODE_LOGIN, "id|",
                       "gives one message, which then counts as read"},
    [OP_RESEND] = {"Resend", "RSND", 2, 2, OPCODE_LOGIN | OPCODE_TOKEN, "name|id|",
                   "sends a message of yours on to a user"},
    [OP_NOOP] = {"Noop", "NO_OPERATION", 0, 0, 0, "", "does nothing: keeps the connection alive"},
    [OP_STATUS] = {"Status", "STAT", 0, 0, OPCODE_LOGIN, "",
                   "counts messages, unread ones, bytes, and the quota in bytes and messages"},
    [OP_SHOW_LIST] = {"Show list", "SH_LST", 0, 2, OPCODE_LOGIN, "first id|how many|",
                      "lists messages by their first line, all or a part; none becomes read"},
    [OP_SHOW_DELETED] = {"Show deleted", "SH_DEL", 0, 2, OPCODE_LOGIN, "first id|how many|",
                         "lists deleted messages that can still be restored"},
    [OP_RESTORE_MESSAGE] = {"Restore mes", "RST_MES", 1, 1, OPCODE_LOGIN, "id|",
                            "brings a deleted message back"},
    [OP_PASSWORD] = {"Password", "PASSWD", 2, 2, OPCODE_LOGIN, "old|new|", "changes your password"},
    [OP_WATCH] = {"Watch", "WATCH", 0, 0, OPCODE_LOGIN, "",
                  "announces mail as it arrives, each message in a Mail frame, until logout"},
    [OP_HELP] = {"Help", "HELP", 0, 1, 0, "opcode|", "explains all commands, or one"},
    [OP_ANSWER] = {"Answer", "ANSWER", 0, 0, OPCODE_ANSWER, "", "the server's answer"},
    [OP_YES] = {"Yes", "SERV_OK", 0, 0, OPCODE_ANSWER, "", "success, in an answer"},
    [OP_INIT] = {"Init", "INIT", 0, 0, OPCODE_ANSWER, "", "the menu before login"},
    [OP_IN_SYSTEM] = {"In system", "INSYS", 0, 0, OPCODE_ANSWER, "", "the menu after login"},
    [OP_OPERATION_CODE] = {"Operation Code", "OPCODE", 0, 0, OPCODE_ANSWER, "",
                           "the name of this list"},
};

const struct opcode_info *opcode_info(enum opcode op)
{
    assert(op < OP_COUNT);
    return &table[op];
}

enum opcode opcode_find(struct span word)
{
    for (enum opcode op = 0; op < OP_COUNT; op++) {
        if (span_eq(word, span_str(table[op].wire)) || span_eq(word, span_str(table[op].alias)))
            return op;
    }
    return OP_NONE;
}
