/* SPDX-License-Identifier: ISC */
#include "client/verbs.h"

#include <string.h>

#include "client/language.h"
#include "client/output.h"
#include "client/verbs_account.h"
#include "client/verbs_export.h"
#include "client/verbs_import.h"
#include "client/verbs_letter.h"
#include "client/verbs_mark.h"
#include "client/verbs_read.h"
#include "client/verbs_save.h"
#include "client/verbs_search.h"
#include "client/verbs_show.h"
#include "client/verbs_watch.h"
#include "client/verbs_write.h"
#include "client/wrap.h"

static enum error_code verbs_local_help(struct verbs_run *run)
{
    (void)run;
    return verbs_help();
}

/* One row a command, in the order of the help. ROW(module, word, ...) runs verbs_MODULE_WORD. */
#define ROW(module, word, nargs, flags, usage, help) \
    NAMED(#word, module, word, nargs, flags, usage, help)
#define NAMED(name, module, word, nargs, flags, usage, help)     \
    {                                                            \
        name, nargs, flags, usage, help, verbs_##module##_##word \
    }

static const struct verbs_row {
    const char *name;
    unsigned nargs;    /* how many there must be */
    unsigned flags;    /* enum verbs_flags */
    const char *usage; /* the arguments */
    const char *help;  /* in one line */
    enum error_code (*run)(struct verbs_run *run);
} verbs[] = {
    ROW(letter, send, 1, VERBS_BODY | VERBS_MORE | VERBS_EDIT, "NAME...",
        N_("send standard input, and files with --attach, to users")),
    ROW(letter, drafts, 0, VERBS_LOCAL | VERBS_RAW | VERBS_MORE,
        "[list|show|send|discard] [NUMBER...]",
        N_("letters that were not sent: list, print, send or discard them")),
    ROW(read, list, 0, VERBS_JSON, "", N_("list all messages")),
    ROW(watch, watch, 0, VERBS_EXEC, "",
        N_("print each message that arrives as list does, until killed")),
    ROW(show, show, 0, 0, "", N_("print all messages in full")),
    ROW(show, unread, 0, 0, "", N_("print the unread messages in full")),
    ROW(show, read, 1, VERBS_RAW, "IDS",
        N_("print messages; with --raw only their text, byte for byte")),
    ROW(show, take, 1, VERBS_RAW, "IDS",
        N_("print messages, then delete each once it is safely written out")),
    ROW(save, save, 1, VERBS_MORE, "IDS [N] [DIR]",
        N_("write the files of messages, or only part N, into DIR")),
    ROW(mark, delete, 1, 0, "IDS", N_("delete messages; they stay in the trash for a time")),
    ROW(read, trash, 0, VERBS_JSON, "", N_("list the deleted messages that can be restored")),
    ROW(mark, undelete, 1, 0, "IDS", N_("restore deleted messages")),
    NAMED("mark-unread", mark, unread, 1, 0, "IDS", N_("mark messages as unread")),
    ROW(search, search, 1, VERBS_JSON, "PATTERN", N_("list the messages that contain a text")),
    ROW(write, reply, 1, VERBS_BODY | VERBS_EDIT, "ID",
        N_("answer a message: quote it, then add standard input")),
    ROW(write, forward, 2, 0, "ID NAME", N_("forward a message to another user")),
    ROW(export, export, 1, VERBS_MORE | VERBS_FORMAT | VERBS_DELETE, "PATH [IDS]",
        N_("copy messages to a Maildir or an mbox")),
    ROW(import, import, 1, VERBS_FORMAT, "PATH", N_("copy the messages of a Maildir or an mbox")),
    ROW(read, status, 0, 0, "", N_("print how many messages and bytes the mailbox holds")),
    ROW(write, register, 0, VERBS_NO_LOGIN | VERBS_INVITE, "", N_("create an account")),
    ROW(account, password, 0, VERBS_NEW_PASSWORD, "", N_("change the password")),
    NAMED("delete-account", account, delete, 0, VERBS_YES, "",
          N_("delete the account and its mail")),
    ROW(local, help, 0, VERBS_LOCAL, "", N_("print this text")),
};

#define VERBS (sizeof verbs / sizeof verbs[0])

static const char usage[] = N_("usage: pochta [OPTION]...   the menu\n"
                               "       pochta [OPTION]... COMMAND [ARGUMENT]...\n");

static const char exit_codes[] =
    N_("Exit codes: 0 done, 1 nothing found, 64 wrong command line, 65 refused by the server, "
       "66 cannot read a file, 67 no such user, 69 server not reached, 70 out of memory, "
       "74 standard input or output failed, or cannot write a file, 75 try again, "
       "76 not a mail server, 77 wrong name or password, 78 wrong configuration file.\n");

enum error_code verbs_help(void)
{
    struct buf text, shown;
    size_t column = 0;
    buf_init(&text, SIZE_MAX / 2);
    buf_init(&shown, SIZE_MAX / 2);
    buf_printf(&text, "%s\n%s\n", _(usage), _("Commands:"));
    for (size_t i = 0; i < VERBS; i++) {
        size_t start = text.n;
        buf_printf(&text, "  %-*s %s", options_are_narrow() ? 0 : 14, verbs[i].name,
                   verbs[i].usage);
        options_add_help(&text, start, span_str(_(verbs[i].help)));
    }
    buf_add_char(&text, '\n');
    options_describe(&text);
    buf_printf(&text, "\n%s", _(exit_codes));
    wrap_text(&shown, buf_span(&text), options_columns(), &column);
    enum error_code code = output_text(buf_ok(&text) ? &shown : &text);
    buf_free(&text);
    buf_free(&shown);
    return code;
}

/* The row of the command, or NULL after an error message. */
static const struct verbs_row *find_verb(const struct options *o)
{
    for (size_t i = 0; i < VERBS; i++) {
        const struct verbs_row *row = &verbs[i];
        if (strcmp(o->words[0], row->name) != 0)
            continue;
        size_t nargs = o->nwords - 1;
        if (o->nwords > OPTIONS_WORDS_MAX)
            error_say(ERROR_USAGE, _("%s: too many arguments: at most %d"), row->name,
                      OPTIONS_WORDS_MAX - 1);
        else if (nargs < row->nargs || (nargs > row->nargs && !(row->flags & VERBS_MORE)))
            error_say(ERROR_USAGE, _("%s: wrong number of arguments: pochta %s%s%s"), row->name,
                      row->name, *row->usage ? " " : "", row->usage);
        else if (o->raw && !(row->flags & VERBS_RAW))
            error_say(ERROR_USAGE, _("%s: --raw is only for read, take and drafts show"),
                      row->name);
        else if (o->edit && !(row->flags & VERBS_EDIT))
            error_say(ERROR_USAGE, _("%s: --edit is only for send and reply"), row->name);
        else if (o->nattach > 0 && !(row->flags & VERBS_BODY))
            error_say(ERROR_USAGE, _("%s: --attach is only for send and reply"), row->name);
        else if (o->nattach > OPTIONS_ATTACH_MAX)
            error_say(ERROR_USAGE, _("%s: --attach: at most %d files are allowed"), row->name,
                      OPTIONS_ATTACH_MAX);
        else if (o->json && !(row->flags & VERBS_JSON))
            error_say(ERROR_USAGE, _("%s: --json is only for list, trash and search"), row->name);
        else if (o->exec && !(row->flags & VERBS_EXEC))
            error_say(ERROR_USAGE, _("%s: --exec is only for watch"), row->name);
        else if (o->invite_file && !(row->flags & VERBS_INVITE))
            error_say(ERROR_USAGE, _("%s: --invite-file is only for register"), row->name);
        else if (o->new_password_file && !(row->flags & VERBS_NEW_PASSWORD))
            error_say(ERROR_USAGE, _("%s: --new-password-file is only for password"), row->name);
        else if (o->format && !(row->flags & VERBS_FORMAT))
            error_say(ERROR_USAGE, _("%s: --format is only for export and import"), row->name);
        else if (o->erase && !(row->flags & VERBS_DELETE))
            error_say(ERROR_USAGE, _("%s: --delete is only for export"), row->name);
        else if (o->yes && !(row->flags & VERBS_YES))
            error_say(ERROR_USAGE, _("%s: --yes is only for delete-account"), row->name);
        else
            return row;
        return NULL;
    }
    error_say(ERROR_USAGE, _("no such command: %s: see pochta help"), o->words[0]);
    return NULL;
}

enum error_code verbs_execute(const struct options *o, const struct call_way *way)
{
    const struct verbs_row *row = find_verb(o);
    if (!row)
        return ERROR_USAGE;
    struct verbs_run run;
    enum error_code code = verbs_run_begin(&run, o, row->flags, way);
    if (code == ERROR_NONE)
        code = row->run(&run);
    verbs_run_end(&run);
    return code;
}
