/* SPDX-License-Identifier: ISC */
#include "client/secret.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client/ended.h"
#include "client/error.h"
#include "client/language.h"
#include "os/command.h"
#include "os/crypt.h"
#include "os/environment.h"
#include "os/error.h"
#include "os/file.h"
#include "os/tty.h"

#define PASSWORD_VARIABLE "POCHTA_PASSWORD"

struct span secret_span(const struct secret *s)
{
    return span_of(s->text, s->n);
}

bool secret_same(const struct secret *a, const struct secret *b)
{
    return span_eq(secret_span(a), secret_span(b));
}

void secret_wipe(struct secret *s)
{
    os_crypt_wipe(s, sizeof *s);
}

static enum secret_result set_password(struct secret *s, struct span text)
{
    if (!name_password_ok(text))
        return SECRET_BAD;
    memcpy(s->text, text.p, text.n);
    s->n = text.n;
    return SECRET_OK;
}

enum secret_result secret_ask(struct secret *s)
{
    struct buf line;
    buf_init(&line, 2 * sizeof s->text);
    /* Reserve all of it now: a buffer that grows leaves copies in memory. */
    if (!buf_reserve(&line, line.limit))
        return SECRET_NONE;
    enum secret_result result = SECRET_NONE;
    if (os_tty_line(&line, false))
        result = set_password(s, buf_span(&line));
    else if (!buf_ok(&line))
        result = SECRET_BAD;
    os_crypt_wipe(line.p, line.cap);
    buf_free(&line);
    return result;
}

/* The kinds of secrets, for messages. */
struct kind {
    const char *name, *rule;
    bool (*is_one)(struct span s);
};

static const struct kind password = {N_("password"), PASSWORD_RULE, name_password_ok};
static const struct kind invite = {N_("invite"), INVITE_RULE, name_invite_ok};

/* Takes a line of n bytes that is in s->text, or -1. Whether it is a secret of this kind. */
static bool take_line(struct secret *s, int64_t n, const struct kind *kind)
{
    s->n = n < 0 ? 0 : (size_t)n;
    if (s->n > 0 && s->text[s->n - 1] == '\r')
        s->n--;
    return n >= 0 && kind->is_one(secret_span(s));
}

/* A configuration file says ~/ for the user's directory; no shell reads it. */
static const char *expand_home(const char *file, char path[OS_FILE_PATH_BYTES])
{
    const char *home = os_environment_home();
    if (strncmp(file, "~/", 2) != 0 || !home)
        return file;
    int n = snprintf(path, OS_FILE_PATH_BYTES, "%s%s", home, file + 1);
    return n > 0 && n < OS_FILE_PATH_BYTES ? path : file;
}

static enum error_code from_file(struct secret *s, const char *file, const struct kind *kind)
{
    char path[OS_FILE_PATH_BYTES];
    bool standard = strcmp(file, "-") == 0;
    int64_t n =
        os_file_first_line(standard ? NULL : expand_home(file, path), s->text, sizeof s->text);
    if (n < 0 && errno != EFBIG)
        return error_say(ERROR_NO_INPUT, _("cannot read the %s file %s: %s"), _(kind->name), file,
                         _(os_error_text(errno)));
    if (take_line(s, n, kind))
        return ERROR_NONE;
    return error_say(ERROR_DATA, _("the first line of %s is not a valid %s: %s"), file,
                     _(kind->name), _(kind->rule));
}

/*
 * Standard input may be the message, and standard error a file: the question is for the user's
 * terminal. *before is for end_asking.
 */
static bool begin_asking(int *before, bool *entered)
{
    *entered = os_tty_enter(before);
    return *entered || os_tty_is_terminal(0);
}

static void end_asking(int before, bool entered)
{
    if (entered)
        os_tty_leave(before);
}

static enum secret_result ask_for(struct secret *s, const char *what, const char *user)
{
    os_tty_say(what);
    os_tty_say(user);
    os_tty_say(": ");
    return secret_ask(s);
}

static enum error_code asked(enum secret_result result)
{
    if (result == SECRET_OK)
        return ERROR_NONE;
    return error_say(ERROR_DATA, _("this is not a password: %s"), _(PASSWORD_RULE));
}

static enum error_code no_password(void)
{
    return error_say(ERROR_USAGE,
                     _("no password: give --password-file FILE or --password-command "
                       "COMMAND, set the variable POCHTA_PASSWORD, or run on a terminal"));
}

static enum error_code from_terminal(struct secret *s, const char *user)
{
    int before;
    bool entered;
    if (!begin_asking(&before, &entered))
        return no_password();
    enum secret_result result = ask_for(s, _("Password of "), user);
    end_asking(before, entered);
    return asked(result);
}

enum way { WAY_ASK, WAY_VARIABLE, WAY_FILE, WAY_COMMAND };

static enum way find_way(const struct settings *set)
{
    static const unsigned none = SETTINGS_DEFAULT;
    unsigned kept = os_environment(PASSWORD_VARIABLE) ? SETTINGS_VARIABLE : none;
    unsigned file = set->password_file ? set->origin[SETTINGS_password_file].source : none;
    unsigned command = set->password_command ? set->origin[SETTINGS_password_command].source : none;
    if (kept > none && kept >= file && kept >= command)
        return WAY_VARIABLE;
    if (file > none && file >= command)
        return WAY_FILE;
    return command > none ? WAY_COMMAND : WAY_ASK;
}

bool secret_is_given(const struct settings *set)
{
    return find_way(set) != WAY_ASK;
}

bool secret_is_standard(const struct settings *set)
{
    return find_way(set) == WAY_FILE && strcmp(set->password_file, "-") == 0;
}

static enum error_code from_variable(struct secret *s)
{
    if (set_password(s, span_str(os_environment(PASSWORD_VARIABLE))) == SECRET_OK)
        return ERROR_NONE;
    return error_say(ERROR_DATA, _("POCHTA_PASSWORD is not a password: %s"), _(PASSWORD_RULE));
}

/* What the command prints is never shown. */
static enum error_code from_command(struct secret *s, const char *command)
{
    struct os_end end;
    int64_t n = os_command_first_line(command, s->text, sizeof s->text, &end);
    if (n < 0 && errno != EFBIG) {
        char words[ENDED_BYTES];
        ended_words(words, &end);
        return error_say(ERROR_NO_INPUT, _("the password command failed: %s"), words);
    }
    if (take_line(s, n, &password))
        return ERROR_NONE;
    return error_say(
        ERROR_DATA,
        _("the first line that the password command prints is not a valid password: %s"),
        _(PASSWORD_RULE));
}

enum error_code secret_get(struct secret *s, const struct settings *set, const char *user)
{
    switch (find_way(set)) {
    case WAY_VARIABLE:
        return from_variable(s);
    case WAY_FILE:
        return from_file(s, set->password_file, &password);
    case WAY_COMMAND:
        return from_command(s, set->password_command);
    case WAY_ASK:
        break;
    }
    return from_terminal(s, user);
}

static enum error_code no_new_password(void)
{
    return error_say(ERROR_USAGE,
                     _("no new password: give --new-password-file FILE, or run on a terminal"));
}

/* Asks twice, since nobody sees what is typed. none says that there is nobody to ask. */
static enum error_code new_from_terminal(struct secret *s, const char *what, const char *user,
                                         enum error_code none(void))
{
    struct secret again = {.n = 0};
    int before;
    bool entered;
    if (!begin_asking(&before, &entered))
        return none();
    enum secret_result result = ask_for(s, what, user);
    if (result == SECRET_OK)
        result = ask_for(&again, _("The same again"), "");
    end_asking(before, entered);
    bool same = secret_same(s, &again);
    secret_wipe(&again);
    if (result == SECRET_OK && !same)
        return error_say(ERROR_DATA, _("the passwords are not the same"));
    return asked(result);
}

enum error_code secret_get_first(struct secret *s, const struct settings *set, const char *user)
{
    return secret_is_given(set) ? secret_get(s, set, user)
                                : new_from_terminal(s, _("Password of "), user, no_password);
}

enum error_code secret_get_new(struct secret *s, const char *file, const char *user)
{
    return file ? from_file(s, file, &password)
                : new_from_terminal(s, _("New password of "), user, no_new_password);
}

enum error_code secret_get_invite(struct secret *s, const char *file)
{
    const char *kept = os_environment("POCHTA_INVITE");
    s->n = 0;
    if (file)
        return from_file(s, file, &invite);
    if (!kept || !*kept)
        return ERROR_NONE;
    if (name_invite_ok(span_str(kept)) && set_password(s, span_str(kept)) == SECRET_OK)
        return ERROR_NONE;
    return error_say(ERROR_DATA, _("POCHTA_INVITE is not an invite: %s"), _(INVITE_RULE));
}
