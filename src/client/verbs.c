#include "client/verbs.h"

#include <errno.h>
#include <string.h>

#include "client/error.h"
#include "client/output.h"
#include "client/verbs_read.h"
#include "client/verbs_write.h"
#include "os/error.h"

#define BODY_LIMIT ((size_t)64 << 20) /* far more than a server accepts */

static enum error_code run_help(struct verbs_run *run)
{
    (void)run;
    return verbs_help();
}

static const struct verbs_row verbs[] = {
    {"send", 1, 1, VERBS_BODY, "NAME", "send standard input to a user", verbs_write_send},
    {"list", 0, 0, 0, "", "list all messages: id, state, bytes, date, sender, first line",
     verbs_read_list},
    {"watch", 0, 0, 0, "", "print each message that arrives as list does, until killed",
     verbs_read_watch},
    {"show", 0, 0, 0, "", "print all messages in full", verbs_read_show},
    {"unread", 0, 0, 0, "", "print the unread messages in full", verbs_read_unread},
    {"read", 1, 1, VERBS_RAW, "ID", "print a message; with --raw only its text, byte for byte",
     verbs_read_one},
    {"take", 1, 1, VERBS_RAW, "ID", "print a message, then delete it once it is safely written out",
     verbs_read_take},
    {"delete", 1, 1, 0, "ID", "delete a message", verbs_write_delete},
    {"forward", 2, 2, 0, "ID NAME", "forward a message to another user", verbs_write_forward},
    {"status", 0, 0, 0, "", "print how many messages and bytes the mailbox holds",
     verbs_read_status},
    {"register", 0, 0, VERBS_NO_LOGIN | VERBS_INVITE, "", "create an account",
     verbs_write_register},
    {"help", 0, 0, VERBS_LOCAL, "", "print this text", run_help},
};

#define VERBS_COUNT (sizeof verbs / sizeof verbs[0])

enum error_code verbs_help(void)
{
    printf("usage: pochta [--server HOST:PORT] [--user NAME] [--udp | --proxy-command COMMAND]   "
           "the menu\n"
           "       pochta [OPTION]... COMMAND [ARGUMENT]...\n\n"
           "Commands:\n");
    for (size_t i = 0; i < VERBS_COUNT; i++)
        printf("  %-8s %-8s %s\n", verbs[i].name, verbs[i].usage, verbs[i].help);
    puts("\nOptions:");
    options_print();
    puts("\n"
         "Exit codes: 0 done, 64 wrong command line, 65 refused by the server, 66 cannot read the\n"
         "password or invite file, 67 no such user, 69 server not reached, 70 out of memory,\n"
         "74 standard input or output failed, 75 try again, 76 not a mail server,\n"
         "77 wrong name or password.");
    return output_finish();
}

/* The row of the command. NULL: unknown or used wrongly, as an error message has said. */
static const struct verbs_row *find_verb(const struct options *o)
{
    for (size_t i = 0; i < VERBS_COUNT; i++) {
        const struct verbs_row *row = &verbs[i];
        if (strcmp(o->words[0], row->name) != 0)
            continue;
        size_t nargs = o->nwords - 1;
        if (nargs < row->min || nargs > row->max)
            error_say(ERROR_USAGE, "%s: wrong number of arguments: pochta %s%s%s", row->name,
                      row->name, *row->usage ? " " : "", row->usage);
        else if (o->raw && !(row->flags & VERBS_RAW))
            error_say(ERROR_USAGE, "%s: --raw is only for read and take", row->name);
        else if (o->invite_file && !(row->flags & VERBS_INVITE))
            error_say(ERROR_USAGE, "%s: --invite-file is only for register", row->name);
        else
            return row;
        return NULL;
    }
    error_say(ERROR_USAGE, "no such command: %s: see pochta help", o->words[0]);
    return NULL;
}

static enum error_code read_body(struct buf *body)
{
    char *space;
    size_t n;
    while ((space = buf_space(body, BUFSIZ)) && (n = fread(space, 1, BUFSIZ, stdin)) > 0)
        buf_added(body, n);
    if (!buf_ok(body))
        return error_say(ERROR_DATA, "standard input is too large: a message has at most %zu MiB",
                         BODY_LIMIT >> 20);
    if (ferror(stdin))
        return error_say(ERROR_IO, "cannot read standard input: %s", os_error_text(errno));
    return ERROR_NONE;
}

/* Checks and reads everything that is needed before connecting. */
static enum error_code prepare(struct verbs_run *run, const struct verbs_row *row,
                               const struct options *o)
{
    const char *server = o->server ? o->server : "127.0.0.1:5555";
    const char *why = call_place(&run->call, span_str(server), &run->place);
    if (why)
        return error_say(ERROR_USAGE, "not a server: %s: %s", server, why);
    if (!run->user)
        return error_say(ERROR_USAGE, "no user: give --user NAME or the variable POCHTA_USER");
    if ((row->flags & VERBS_BODY) && o->password_file && strcmp(o->password_file, "-") == 0)
        return error_say(ERROR_USAGE, "standard input is the message: it cannot also be the "
                                      "password file");
    if (o->invite_file && o->password_file && strcmp(o->invite_file, "-") == 0 &&
        strcmp(o->password_file, "-") == 0)
        return error_say(ERROR_USAGE, "standard input cannot be both the password file and the "
                                      "invite file");
    enum error_code code = secret_get(&run->password, o->password_file, run->user);
    if (code == ERROR_NONE && (row->flags & VERBS_INVITE))
        code = secret_get_invite(&run->invite, o->invite_file);
    if (code == ERROR_NONE && (row->flags & VERBS_BODY))
        code = read_body(&run->body);
    return code;
}

enum reply_result verbs_dial(struct verbs_run *run)
{
    enum reply_result result = call_open(&run->call, &run->place);
    if (result == REPLY_OK && run->login)
        result = call_login(&run->call, span_str(run->user), &run->password);
    return result;
}

static enum error_code dial_or_say(struct verbs_run *run, const char *server)
{
    enum reply_result result = verbs_dial(run);
    struct span words = call_words(&run->call);
    if (result == REPLY_OK)
        return ERROR_NONE;
    if (result != REPLY_NOOP)
        return error_reply(server ? server : "127.0.0.1:5555", result, words);
    enum error_code code = error_of_reply(result, words);
    bool against_rule = span_eq(words, SPAN(NAME_RULE)) || span_eq(words, SPAN(PASSWORD_RULE));
    error_reply("cannot log in", result, words);
    return code == ERROR_TEMPORARY || against_rule ? code : ERROR_NO_PERMISSION;
}

enum error_code verbs_run(const struct options *o, const struct call_way *way)
{
    const struct verbs_row *row = find_verb(o);
    if (!row)
        return ERROR_USAGE;
    struct verbs_run run = {.args = o->words + 1, .raw = o->raw, .user = o->user};
    run.login = !(row->flags & VERBS_NO_LOGIN);
    buf_init(&run.body, BODY_LIMIT);
    call_init(&run.call, way);
    enum error_code code = ERROR_NONE;
    if (!(row->flags & VERBS_LOCAL)) {
        code = prepare(&run, row, o);
        if (code == ERROR_NONE)
            code = dial_or_say(&run, o->server);
    }
    if (code == ERROR_NONE)
        code = row->run(&run);
    call_close(&run.call);
    buf_free(&run.body);
    secret_wipe(&run.password);
    secret_wipe(&run.invite);
    return code;
}
