/* SPDX-License-Identifier: ISC */
/*
 * verbs: the commands of an administrator, one row each. pochtactl and the server share this table.
 * Pure.
 *
 * To add a verb: a row in one of the three lists below, the function that the list asks for, and an
 * entry in pochtactl(8). A row without its function does not compile.
 */
#ifndef ADMIN_VERBS_H
#define ADMIN_VERBS_H

#include "base/buf.h"
#include "base/span.h"
#include "base/units.h"

#define VERB_ARGS_MAX 3 /* the arguments that a server takes, with a password */

enum verb_flags {
    VERB_PASSWORD = 1, /* the second argument is a password: never on the command line */
    VERB_USER = 2,     /* the first argument, if there is one, is a name: of a user, or a group */
    VERB_QUERY = 4,    /* changes nothing, and may be asked often */
    /* The options of pochtactl that the verb takes. */
    VERB_PROMETHEUS = 8,
    VERB_REPAIR = 16,
    VERB_CONFIG = 32,
    VERB_JSON = 64, /* not in a row: every verb with columns takes it */
    VERB_USAGE = 128,
    VERB_BATCH = 256,
    VERB_KEEP = 512,
    VERB_AT = 1024,
    VERB_DELAY = 2048,
    /* The server gets all arguments but the first as one, with spaces between them. */
    VERB_LIST = 4096
};

/* With --delay, the server gets this word and the time, at most a day, as the last arguments. */
#define VERB_DELAY_WORD   "--delay"
#define VERB_DELAY_MAX_MS (24 * 60 * 60 * UINT64_C(1000))
#define VERB_DELAY_RULE   UNITS_TIME_RULE " of at most 1d"

/* With this argument, drain only says how many sessions are left; no row if the server is not being
 * drained. */
#define VERB_WAIT_WORD "--wait"

/* With --usage, which the server gets as the last argument: the columns of "user list". */
#define VERB_USAGE_WORD    "--usage"
#define VERB_USAGE_COLUMNS "name\tstate\tmessages\tunread\tbytes\tquota-bytes\tquota-messages"

/*
 * A row: X(id, name, least and most arguments, flags, arguments as in a usage line, columns of each
 * row of the answer, help). A name has one or two words and is the id with a space for "_".
 */

/* A server runs them, or the tool itself if there is none: admin.c has a function verb_ID for each.
 */
#define VERBS_ANYWHERE(X)                                                                         \
    X(user_add, "user add", 2, 2, VERB_USER | VERB_PASSWORD | VERB_BATCH, "NAME", "",             \
      "create an account and ask for its password; with --batch: many")                           \
    X(user_delete, "user delete", 1, 1, VERB_USER, "NAME", "",                                    \
      "delete an account; it can be restored for a while")                                        \
    X(user_restore, "user restore", 1, 1, VERB_USER, "NAME", "", "restore a deleted account")     \
    X(user_list, "user list", 0, 1, VERB_USER | VERB_QUERY | VERB_USAGE, "[NAME]",                \
      "name\tstate\tquota-bytes\tquota-messages", "list accounts; with --usage: their mailboxes") \
    X(user_passwd, "user passwd", 2, 2, VERB_USER | VERB_PASSWORD, "NAME", "",                    \
      "change the password of an account")                                                        \
    X(user_disable, "user disable", 1, 1, VERB_USER, "NAME", "", "refuse logins to an account")   \
    X(user_enable, "user enable", 1, 1, VERB_USER, "NAME", "", "allow logins again")              \
    X(user_quota, "user quota", 3, 3, VERB_USER, "NAME BYTES MESSAGES", "",                       \
      "limit a mailbox; -: the server's default")                                                 \
    X(group_add, "group add", 2, UINT32_MAX, VERB_USER | VERB_LIST, "GROUP NAME...", "",          \
      "add accounts to a group; creates it if needed")                                            \
    X(group_remove, "group remove", 2, UINT32_MAX, VERB_USER | VERB_LIST, "GROUP NAME...", "",    \
      "remove accounts from a group")                                                             \
    X(group_list, "group list", 0, 1, VERB_USER | VERB_QUERY, "[GROUP]", "group\tmember\tstate",  \
      "list the members of groups")                                                               \
    X(group_delete, "group delete", 1, 1, VERB_USER, "GROUP", "", "delete a group")               \
    X(invite_add, "invite add", 0, 1, 0, "[DAYS]", "code",                                        \
      "create an invite, valid for 7 days; 0: forever")                                           \
    X(invite_list, "invite list", 0, 0, VERB_QUERY, "", "code\tcreated\texpires",                 \
      "list unused invites")                                                                      \
    X(mailbox, "mailbox", 2, 3, VERB_USER, "NAME ACTION [ID]",                                    \
      "id\tstate\tdate\tfrom\tbytes\tsubject", "list, show, restore or delete messages")          \
    X(invite_delete, "invite delete", 1, 1, 0, "CODE", "", "revoke an invite")

/* Only a running server can: control.c has a function verb_ID for each. */
#define VERBS_SERVER(X)                                                                           \
    X(who, "who", 0, 0, VERB_QUERY, "", "session\tuser\taddress\tport\tseconds\ttransport",       \
      "list the sessions")                                                                        \
    X(kick, "kick", 1, 1, 0, "NAME|SESSION", "ended", "end one session, or all of a user")        \
    X(stats, "stats", 0, 0, VERB_QUERY | VERB_PROMETHEUS, "", "name\tvalue",                      \
      "show the server's counters since it started")                                              \
    X(drain, "drain", 0, 0, VERB_QUERY | VERB_DELAY, "[--delay TIME]", "sessions",                \
      "accept no new clients, and wait until all have left")                                      \
    X(stop, "stop", 0, 0, 0, "", "", "stop the server")                                           \
    X(reload, "reload", 0, 0, 0, "", "key\tnote", "make the server read its configuration again") \
    X(log, "log", 0, 1, VERB_QUERY, "[LEVEL]", "level",                                           \
      "show the log level, or set it until the next reload")

/* The tool does them itself, even beside a server: ctl/main.c calls ctl_ID for each. */
#define VERBS_TOOL(X)                                                                             \
    X(fsck, "fsck", 0, UINT32_MAX, VERB_REPAIR, "[NAME]...", "mailbox\tfile\tfinding\tset-aside", \
      "check the files of mailboxes, or --repair them")                                           \
    X(doctor, "doctor", 0, 0, VERB_CONFIG, "[--config FILE]", "level\tsubject\tfinding\tadvice",  \
      "check the store, the configuration and this machine")                                      \
    X(backup, "backup", 1, 1, VERB_KEEP, "DIR", "", "back up the store into a directory")         \
    X(restore, "restore", 1, UINT32_MAX, VERB_AT, "DIR [NAME [ID]...]", "",                       \
      "restore what is missing from the store")                                                   \
    X(user_export, "user export", 2, 2, 0, "NAME DIR", "", "copy an account into a directory")    \
    X(user_import, "user import", 1, 1, 0, "DIR", "", "import an exported account")

#define VERB_ID(id, ...) VERB_##id,
enum verb_id { VERBS_ANYWHERE(VERB_ID) VERBS_SERVER(VERB_ID) VERBS_TOOL(VERB_ID) VERBS };
#undef VERB_ID

enum verb_where { VERB_ANYWHERE, VERB_SERVER, VERB_TOOL };

struct verb {
    enum verb_id id;
    enum verb_where where;
    const char *name;
    unsigned min, max; /* arguments, including a password */
    unsigned flags;    /* enum verb_flags */
    const char *args, *columns, *help;
};

/* A verb, which is constant; NULL from VERBS on. */
const struct verb *verb_get(unsigned id);

/* The verb with exactly this name, or NULL. */
const struct verb *verb_named(struct span name);

/*
 * Finds the verb that the first of n words name. Each word may be shortened if the verb stays
 * clear. *used becomes the number of words in its name. Returns the number of verbs that match:
 * *verb is the answer if it is 1.
 */
unsigned verb_find(char **words, int n, const struct verb **verb, int *used);

/* Appends the second words of the verbs whose first word is this one: " add, list". */
void verb_second_words(struct buf *out, struct span first);

/* Whether a verb takes an option, one of enum verb_flags. */
bool verb_takes(const struct verb *verb, unsigned flag);

/* Whether the last of the arguments that a server got for a verb is --usage. */
bool verb_has_usage(const struct verb *verb, const struct span *args, size_t n);

/* The TIME if the last of these arguments are --delay TIME; otherwise an empty span. */
struct span verb_delay(const struct verb *verb, const struct span *args, size_t n);

/* Reads the TIME of --delay, such as 30s. False: it has another form, or is too long. */
bool verb_delay_parse(struct span text, uint64_t *ms);

/* Appends the names of the verbs that take an option: " stats, who". */
void verb_takers(struct buf *out, unsigned flag);

#endif
