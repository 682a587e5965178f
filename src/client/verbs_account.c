/* SPDX-License-Identifier: ISC */
#include "client/verbs_account.h"

#include <string.h>

#include "client/language.h"
#include "os/tty.h"
#include "proto/name.h"

#define LINE_BYTES 4096

/* The password that was used to log in is the old one. */
enum error_code verbs_account_password(struct verbs_run *run)
{
    struct secret fresh = {.n = 0};
    enum error_code code = ERROR_NONE;
    if (link_version(&run->call.link) >= 2) /* other servers do not know the request anyway */
        code = secret_get_new(&fresh, run->options->new_password_file, run->user);
    if (code == ERROR_NONE) {
        struct span args[2] = {secret_span(&run->password), secret_span(&fresh)};
        code = verbs_run_ask(run, _("cannot change the password"), OP_PASSWORD, args, 2);
    }
    secret_wipe(&fresh);
    return code;
}

/* Whether the user types the account's name. What was typed before the question does not count. */
static bool types_name(const char *user)
{
    char typed[NAME_BYTES + 1], name[NAME_BYTES + 1];
    struct buf line;
    buf_init(&line, LINE_BYTES);
    os_tty_forget();
    error_note(_("This deletes the account %s and all its mail. Type its name to go on: "), user);
    bool same = os_tty_line(&line, true) && name_fold(buf_span(&line), typed) &&
                name_fold(span_str(user), name) && strcmp(typed, name) == 0;
    buf_free(&line);
    return same;
}

enum error_code verbs_account_delete(struct verbs_run *run)
{
    if (!run->options->yes && !os_tty_is_terminal(0))
        return error_say(ERROR_USAGE, _("delete-account asks before it deletes anything: "
                                        "give --yes, or run on a terminal"));
    if (!run->options->yes && !types_name(run->user))
        return error_say(ERROR_USAGE, _("this is not the name: nothing was deleted"));
    return verbs_run_ask(run, _("cannot delete the account"), OP_DELETE_USER, NULL, 0);
}
