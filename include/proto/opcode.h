/* SPDX-License-Identifier: ISC */
/*
 * opcode: the protocol's words (PROTOCOL 2): one row each, from which the server's dispatch, the
 * client and Help are made.
 */
#ifndef PROTO_OPCODE_H
#define PROTO_OPCODE_H

#include <stdbool.h>

#include "base/span.h"

enum opcode_flags {
    OPCODE_LOGIN = 1,  /* needs a login */
    OPCODE_TOKEN = 2,  /* takes one more argument, a token, in version 2 */
    OPCODE_REPORT = 4, /* an operation of the report: other servers of version 1 know it, too */
    OPCODE_NEW = 8,    /* only in version 2 */
    OPCODE_HEALTH = 16 /* asks about the store, and does not wait for it as long as others do */
};

/*
 * The commands. To add one, add a row here and the function cmd_NAME in the session room, which
 * expands this list; without the function the server does not link. The columns:
 *
 *     enumerator (OP_...), name of the function (cmd_...),
 *     text on the wire, byte for byte; the report's enumerator, accepted as an alias,
 *     least and greatest number of arguments, not counting the token,
 *     flags (enum opcode_flags), names of the arguments, each ended by |,
 *     help: what the command does, in one line without |
 */
#define OPCODE_COMMANDS(ROW)                                                                       \
    ROW(START, start, "Start", "START", 0, 1, OPCODE_REPORT, "version|",                           \
        "starts a session; 2 asks for version 2 of the protocol")                                  \
    ROW(EXIT, exit, "Exit", "EXIT", 0, 0, OPCODE_REPORT, "", "ends the connection")                \
    ROW(REGISTER, register, "Register", "REG", 2, 3, OPCODE_REPORT, "name|password|invite|",       \
        "creates an account; the invite is needed only if the server asks for one")                \
    ROW(LOGIN, login, "Login", "LOG", 2, 2, OPCODE_REPORT, "name|password|",                       \
        "logs in, or switches user")                                                               \
    ROW(LOGOUT, logout, "Logout", "LUG", 0, 0, OPCODE_LOGIN | OPCODE_REPORT, "",                   \
        "logs out; the connection stays open")                                                     \
    ROW(SEND, send, "Send mes", "SND", 2, 2, OPCODE_LOGIN | OPCODE_TOKEN | OPCODE_REPORT,          \
        "name|message|", "sends a message to a user")                                              \
    ROW(DELETE_USER, delete_user, "Delete user", "DEL_US", 0, 0, OPCODE_LOGIN | OPCODE_REPORT, "", \
        "deletes your own account and its mail")                                                   \
    ROW(DELETE_MESSAGE, delete_message, "Delete mes", "DEL_MES", 1, 1,                             \
        OPCODE_LOGIN | OPCODE_REPORT, "id|", "deletes a message")                                  \
    ROW(SHOW_UNREAD, show_unread, "Show unread", "SH_UNR", 0, 0, OPCODE_LOGIN | OPCODE_REPORT, "", \
        "shows the unread messages and marks them as read")                                        \
    ROW(SHOW_ALL, show_all, "Show all", "SH_ALL", 0, 0, OPCODE_LOGIN | OPCODE_REPORT, "",          \
        "shows all messages and marks them as read")                                               \
    ROW(SHOW_EXACT, show_exact, "Show exact", "SH_EX", 1, 1, OPCODE_LOGIN | OPCODE_REPORT, "id|",  \
        "shows one message and marks it as read")                                                  \
    ROW(RESEND, resend, "Resend", "RSND", 2, 2, OPCODE_LOGIN | OPCODE_TOKEN | OPCODE_REPORT,       \
        "name|id|", "forwards one of your messages to a user")                                     \
    ROW(NOOP, noop, "Noop", "NO_OPERATION", 0, 0, 0, "",                                           \
        "does nothing; keeps the connection alive")                                                \
    ROW(HEALTH, health, "Health", "HEALTH", 0, 0, OPCODE_HEALTH, "",                               \
        "tells a load balancer whether to send clients here")                                      \
    ROW(STATUS, status, "Status", "STAT", 0, 0, OPCODE_LOGIN, "",                                  \
        "counts messages, unread messages and bytes, and gives the quotas")                        \
    ROW(SHOW_LIST, show_list, "Show list", "SH_LST", 0, 2, OPCODE_LOGIN, "first id|how many|",     \
        "lists messages by their first line and marks none as read")                               \
    ROW(SHOW_DELETED, show_deleted, "Show deleted", "SH_DEL", 0, 2, OPCODE_LOGIN,                  \
        "first id|how many|", "lists deleted messages that can still be restored")                 \
    ROW(RESTORE_MESSAGE, restore_message, "Restore mes", "RST_MES", 1, 1, OPCODE_LOGIN, "id|",     \
        "restores a deleted message")                                                              \
    ROW(PASSWORD, password, "Password", "PASSWD", 2, 2, OPCODE_LOGIN, "old|new|",                  \
        "changes your password")                                                                   \
    ROW(PEEK, peek, "Peek mes", "PEEK", 1, 1, OPCODE_LOGIN, "id|",                                 \
        "shows one message and does not mark it as read")                                          \
    ROW(MARK, mark, "Mark mes", "MARK", 2, 2, OPCODE_LOGIN, "id|state|",                           \
        "marks one message: 0 read, 2 unread")                                                     \
    ROW(CHECK_USER, check_user, "Check user", "CHK_US", 1, 1, OPCODE_LOGIN, "name|",               \
        "tells whether a message to this user would be accepted now")                              \
    ROW(IMPORT, import, "Import mes", "IMPORT", 3, 3, OPCODE_LOGIN | OPCODE_TOKEN | OPCODE_NEW,    \
        "date/time|state|body|", "in version 2: stores an older message in your own mailbox")      \
    ROW(WATCH, watch, "Watch", "WATCH", 0, 0, OPCODE_LOGIN, "",                                    \
        "announces each new message in a Mail frame, until logout")                                \
    ROW(HELP, help, "Help", "HELP", 0, 1, 0, "opcode|", "explains all commands, or one")

/* The words that are not commands: answers, and states of the client's menu. */
#define OPCODE_WORDS(ROW)                \
    ROW(ANSWER, "Answer", "ANSWER")      \
    ROW(YES, "Yes", "SERV_OK")           \
    ROW(INIT, "Init", "INIT")            \
    ROW(IN_SYSTEM, "In system", "INSYS") \
    ROW(OPERATION_CODE, "Operation Code", "OPCODE")

#define OPCODE_ENUMERATOR(id, ...) OP_##id,

enum opcode {
    OPCODE_COMMANDS(OPCODE_ENUMERATOR) OP_COMMANDS, /* the number of commands */
    OP_LAST_COMMAND = OP_COMMANDS - 1,
    OPCODE_WORDS(OPCODE_ENUMERATOR) OP_COUNT,
    OP_NONE = OP_COUNT /* no such word */
};

/* A row without its first two columns. Of a word that is no command all but the texts is empty. */
struct opcode_info {
    const char *wire, *alias;
    unsigned min, max;
    unsigned flags;
    const char *args, *help;
};

/* The row of an opcode below OP_COUNT. The table is constant. */
const struct opcode_info *opcode_info(enum opcode op);

/* False for answers, for states of the menu and for OP_NONE. */
bool opcode_is_command(enum opcode op);

/* The opcode whose wire text or alias is this word, byte for byte; OP_NONE if there is none. */
enum opcode opcode_find(struct span word);

/* The same for a word that a person types in line form: help, ? and quit are understood, too. */
enum opcode opcode_find_typed(struct span word);

#endif
