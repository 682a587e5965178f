/* SPDX-License-Identifier: ISC */
/*
 * settings: what a user sets once and for all, one row each. A value comes from the command line
 * (--password-file FILE), or else from a variable (POCHTA_PASSWORD_FILE), or else from a line of
 * the file $XDG_CONFIG_HOME/pochta/config (password-file = FILE); or it is the default. For one
 * thread.
 */
#ifndef CLIENT_SETTINGS_H
#define CLIENT_SETTINGS_H

#include "client/error.h"
#include "client/language.h"
#include "os/editor.h"
#include "os/file.h"
#include "udp/datagram.h"

#define SETTINGS_PORT        5555 /* of a server that is named without one */
#define SETTINGS_MESSAGE_MAX (UINT64_C(64) << 20)
#define SETTINGS_SERVER_RULE \
    N_("<host> or <host>:<port>, as in mail.example.org, 192.168.0.200:5555 or [::1]:5555")

/*
 * A row is X(member, type, name, value, default, least, most, instead, instead, help). instead:
 * NULL, or variables of other programs that stand for the default, the strongest first. The member
 * of struct settings follows from the type:
 *
 *     text         const char *, NULL if it is empty
 *     path         the same; in the file it begins with / or ~/
 *     place        const char *, which address_parse_server() takes
 *     proxy        const char *, which proxy_text_ok() takes; NULL if it is empty
 *     yes          bool; on the command line the name alone means yes
 *     size         uint64_t, from least to most
 *     time         the same, in milliseconds
 *
 * To add a setting: a row here, its option and its key in pochta(1), and the code that uses it.
 */
#define SETTINGS(X)                                                                               \
    X(server, place, "server", "HOST[:PORT]", "127.0.0.1:5555", 0, 0, NULL, NULL,                 \
      N_("the server; without it the menu asks"))                                                 \
    X(user, text, "user", "NAME", "", 0, 0, NULL, NULL, N_("the user"))                           \
    X(password_file, path, "password-file", "FILE", "", 0, 0, NULL, NULL,                         \
      N_("read the password from the first line of FILE (-: standard input); "                    \
         "without it: POCHTA_PASSWORD, or ask on the terminal"))                                  \
    X(password_command, text, "password-command", "COMMAND", "", 0, 0, NULL, NULL,                \
      N_("read the password from the first line that a shell command prints"))                    \
    X(proxy_command, proxy, "proxy-command", "COMMAND", "", 0, 0, NULL, NULL,                     \
      N_("connect through the standard input and output of a shell command; "                     \
         "%h and %p in it become the server's host and port"))                                    \
    X(udp, yes, "udp", "yes|no", "no", 0, 0, NULL, NULL, N_("use UDP instead of TCP"))            \
    X(udp_datagram, size, "udp-datagram", "BYTES", "1024", DATAGRAM_SIZE_MIN, DATAGRAM_MAX, NULL, \
      NULL, N_("the largest datagram to send"))                                                   \
    X(message_limit, size, "message-limit", "BYTES", "10M", 0, SETTINGS_MESSAGE_MAX, NULL, NULL,  \
      N_("the largest message to make with --attach, or to import"))                              \
    X(idle_ms, time, "idle", "TIME", "1m", 1000, 86400000, NULL, NULL,                            \
      N_("how long to wait for a silent server"))                                                 \
    X(sent, text, "sent", "DIR|no", "", 0, 0, NULL, NULL,                                         \
      N_("the Maildir for copies of what was sent; no: none; without it: "                        \
         "~/.local/share/pochta/sent"))                                                           \
    X(pager, text, "pager", "COMMAND", "", 0, 0, "PAGER", NULL,                                   \
      N_("shows what is longer than the screen; without it: PAGER, or less"))                     \
    X(editor, text, "editor", "COMMAND", OS_EDITOR_STANDARD, 0, 0, "VISUAL", "EDITOR",            \
      N_("writes a message; without it: VISUAL or EDITOR"))

#define SETTINGS_MEMBER_text(name)  const char *name;
#define SETTINGS_MEMBER_path(name)  const char *name;
#define SETTINGS_MEMBER_place(name) const char *name;
#define SETTINGS_MEMBER_proxy(name) const char *name;
#define SETTINGS_MEMBER_yes(name)   bool name;
#define SETTINGS_MEMBER_size(name)  uint64_t name;
#define SETTINGS_MEMBER_time(name)  uint64_t name;

#define SETTINGS_MEMBER(member, type, ...) SETTINGS_MEMBER_##type(member)
#define SETTINGS_INDEX(member, ...)        SETTINGS_##member,

enum settings_index { SETTINGS(SETTINGS_INDEX) SETTINGS_COUNT };

/* Where a value comes from, the weakest first. */
enum settings_source { SETTINGS_DEFAULT, SETTINGS_FILE, SETTINGS_VARIABLE, SETTINGS_OPTION };

struct settings {
    SETTINGS(SETTINGS_MEMBER)

    struct settings_origin {
        enum settings_source source;
        unsigned line;       /* in the file */
        const char *instead; /* the variable that stands for the default, or NULL */
    } origin[SETTINGS_COUNT];
    char path[OS_FILE_PATH_BYTES]; /* of the file; "" if there is no such directory */
    struct buf file;               /* what it holds; values point into it */
};

#define SETTINGS_WHY_BYTES 512

/*
 * Reads all: the default of each setting, the file, the variables, and the command line (given;
 * NULL where a setting is not on it). If the result is not ERROR_NONE, it has written an error
 * message. What given points to must outlive *s. The caller frees *s in every case.
 */
enum error_code settings_read(struct settings *s, const char *const given[SETTINGS_COUNT]);
void settings_free(struct settings *s);

/* Sets all to their defaults, as if no variable were set. There is no file. */
void settings_init(struct settings *s);

/*
 * Takes the lines of s->file, which it changes. On failure returns false, and why has the error:
 * "PATH:LINE: KEY: ...".
 */
bool settings_parse(struct settings *s, char why[SETTINGS_WHY_BYTES]);

/* What the value of a setting is called; NULL if its name alone is enough. */
const char *settings_value(unsigned i);

/* Whether a setting has another value than its default. */
bool settings_given(const struct settings *s, enum settings_index i);

/* Appends what a setting does, and its default, without a line end. */
void settings_describe(unsigned i, struct buf *out);

/* Appends all settings as lines of the file, each after a line that says where it comes from. */
void settings_print(const struct settings *s, struct buf *out);

/* The same for a person, in one line for each. */
void settings_show(const struct settings *s, struct buf *out);

#endif
