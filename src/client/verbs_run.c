/* SPDX-License-Identifier: ISC */
#include "client/verbs_run.h"

#include <string.h>

#include "client/attach.h"
#include "client/language.h"
#include "client/output.h"

/* Checks and reads everything that is needed before connecting. */
static enum error_code prepare(struct verbs_run *run, unsigned flags)
{
    const struct options *o = run->options;
    const char *why = call_place(&run->call, span_str(run->server), &run->place);
    if (why)
        return error_say(ERROR_USAGE, _("not a server: %s: %s"), run->server, why);
    if (!run->user)
        return error_say(ERROR_USAGE,
                         _("no user: give --user NAME, or set POCHTA_USER or the key user"));
    if ((flags & VERBS_BODY) && secret_is_standard(&o->set))
        return error_say(ERROR_USAGE, _("standard input is the message: it cannot also be the "
                                        "password file"));
    if (o->invite_file && strcmp(o->invite_file, "-") == 0 && secret_is_standard(&o->set))
        return error_say(ERROR_USAGE, _("standard input cannot be both the password file and the "
                                        "invite file"));
    enum error_code code = attach_check(o);
    /* For a new account the user is asked only after the server. */
    if (code == ERROR_NONE && (!(flags & VERBS_NO_LOGIN) || secret_is_given(&o->set)))
        code = secret_get(&run->password, &o->set, run->user);
    if (code == ERROR_NONE && (flags & VERBS_INVITE))
        code = secret_get_invite(&run->invite, o->invite_file);
    return code;
}

enum error_code verbs_run_prepare(struct verbs_run *run, const char *server, const char *user)
{
    run->login = true;
    run->server = server;
    run->user = user;
    return prepare(run, 0);
}

enum reply_result verbs_run_dial(struct verbs_run *run)
{
    enum reply_result result = call_open(&run->call, &run->place);
    if (result == REPLY_OK && run->login)
        result = call_login(&run->call, span_str(run->user), &run->password);
    return result;
}

enum error_code verbs_run_connect(struct verbs_run *run)
{
    enum reply_result result = verbs_run_dial(run);
    return result == REPLY_OK ? ERROR_NONE : verbs_run_turned_away(run, result);
}

enum error_code verbs_run_turned_away(struct verbs_run *run, enum reply_result result)
{
    if (result != REPLY_NOOP)
        return verbs_run_failed(run, run->server, result);
    struct span words = call_words(&run->call);
    bool against_rule = span_eq(words, SPAN(NAME_RULE)) || span_eq(words, SPAN(PASSWORD_RULE));
    enum error_code code = verbs_run_failed(run, _("cannot log in"), result);
    return code == ERROR_TEMPORARY || against_rule ? code : ERROR_NO_PERMISSION;
}

enum error_code verbs_run_begin(struct verbs_run *run, const struct options *o, unsigned flags,
                                const struct call_way *way)
{
    *run = (struct verbs_run){.options = o,
                              .args = o->words + 1,
                              .nargs = o->nwords - 1,
                              .raw = o->raw,
                              .json = o->json,
                              .server = o->set.server,
                              .user = o->set.user,
                              .login = !(flags & VERBS_NO_LOGIN)};
    call_init(&run->call, way);
    if (flags & VERBS_LOCAL)
        return ERROR_NONE;
    enum error_code code = prepare(run, flags);
    return code == ERROR_NONE && !(flags & VERBS_BODY) ? verbs_run_connect(run) : code;
}

void verbs_run_end(struct verbs_run *run)
{
    call_close(&run->call);
    secret_wipe(&run->password);
    secret_wipe(&run->invite);
}

enum error_code verbs_run_failed(struct verbs_run *run, const char *subject,
                                 enum reply_result result)
{
    output_flush(); /* what was printed before stands before the error */
    return error_reply(subject, result, call_words(&run->call));
}

enum error_code verbs_run_ask(struct verbs_run *run, const char *subject, enum opcode op,
                              const struct span *args, size_t nargs)
{
    enum reply_result result = link_ask(&run->call.link, op, args, nargs);
    return result == REPLY_OK ? ERROR_NONE : verbs_run_failed(run, subject, result);
}
