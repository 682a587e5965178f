/* SPDX-License-Identifier: ISC */
#include "client/verbs_write.h"

#include <stdio.h>

#include "client/error.h"
#include "client/language.h"
#include "client/letter.h"
#include "client/output.h"
#include "client/peek.h"
#include "client/quote.h"
#include "client/repeat.h"
#include "client/verbs_letter.h"
#include "os/random.h"
#include "os/tty.h"

/* A forward while it is repeated. */
struct forward {
    struct verbs_run *run;
    char token[LINK_TOKEN_BYTES + 1];
};

static enum reply_result dial(void *ctx)
{
    const struct forward *f = ctx;
    return verbs_run_dial(f->run);
}

static enum reply_result resend(void *ctx)
{
    const struct forward *f = ctx;
    return link_resend(&f->run->call.link, span_str(f->run->args[1]), span_str(f->run->args[0]),
                       f->token);
}

/* A server that shows a message only by marking it as read copies it itself, without its author. */
static enum error_code forward_unchanged(struct verbs_run *run)
{
    struct forward f = {.run = run};
    struct repeat r = {.call = &run->call, .dial = dial, .send = resend, .ctx = &f};
    os_random_hex(f.token, LINK_TOKEN_BYTES);
    if (repeat_send(&r) == REPEAT_DONE)
        return ERROR_NONE;
    enum error_code code = verbs_run_failed(run, _("cannot forward"), r.result);
    if (r.in_doubt)
        code =
            error_say(ERROR_TEMPORARY, _("no answer came: the message may have been sent, or not"));
    return code;
}

static enum error_code get_id(struct verbs_run *run, uint64_t *id)
{
    if (span_u64(span_str(run->args[0]), UINT64_MAX, id))
        return ERROR_NONE;
    return error_say(ERROR_USAGE,
                     _("%s is not a message ID: it is a decimal number; see pochta list"),
                     run->args[0]);
}

/* Begins a letter with the text that make gives of the message, and sends it. */
static enum error_code send_letter(struct verbs_run *run, struct span name, const struct message *m,
                                   void make(struct buf *out, const struct message *m),
                                   bool complete)
{
    struct state_dir dir = {.fd = -1};
    struct draft d;
    char folded[NAME_BYTES + 1];
    if (!name_fold(name, folded))
        return error_say(ERROR_DATA, _("not a user name: %s"), _(NAME_RULE));
    draft_begin(&d, &dir, run->server, run->user);
    draft_add_to(&d, folded);
    make(&d.text, m);
    bool whole = buf_ok(&d.text);
    if (whole)
        return verbs_letter_finish(run, &dir, &d, complete);
    draft_discard(&d);
    return error_say(ERROR_SOFTWARE, _("out of memory, or the message is too large"));
}

/* On a terminal the user sees what is answered. */
static void quote_and_show(struct buf *out, const struct message *m)
{
    struct buf shown;
    quote_reply(out, m);
    if (!os_tty_is_terminal(0))
        return;
    buf_init(&shown, SIZE_MAX / 2);
    quote_show(&shown, buf_span(out), output_columns());
    if (buf_ok(&shown))
        fwrite(shown.p, 1, shown.n, stderr);
    fflush(stderr);
    buf_free(&shown);
}

enum error_code verbs_write_reply(struct verbs_run *run)
{
    struct message m;
    uint64_t id;
    enum error_code code = get_id(run, &id);
    if (code == ERROR_NONE)
        code = verbs_run_connect(run);
    if (code != ERROR_NONE)
        return code;
    enum reply_result result = peek_message(&run->call.link, id, false, &m);
    if (result != REPLY_OK)
        return verbs_run_failed(run, run->args[0], result);
    if (letter_is_outside(&m))
        return error_say(ERROR_DATA,
                         _("no reply can be sent to %s: it came from outside, and letters go only "
                           "to users of this server"),
                         run->args[0]);
    return send_letter(run, m.from, &m, quote_and_show, false);
}

enum error_code verbs_write_forward(struct verbs_run *run)
{
    struct message m;
    uint64_t id;
    enum error_code code = get_id(run, &id);
    if (code != ERROR_NONE)
        return code;
    enum reply_result result = peek_message(&run->call.link, id, false, &m);
    if (result == REPLY_NOOP && link_lacks(&run->call.link))
        return forward_unchanged(run);
    return result == REPLY_OK ? send_letter(run, span_str(run->args[1]), &m, quote_copy, true)
                              : verbs_run_failed(run, run->args[0], result);
}

/* Nobody types a password twice for a name that is taken. */
static enum error_code ask_for_password(struct verbs_run *run)
{
    struct span invite = secret_span(&run->invite);
    enum reply_result result = call_may_register(&run->call, span_str(run->user), &invite);
    return result == REPLY_OK ? secret_get_first(&run->password, &run->options->set, run->user)
                              : verbs_run_failed(run, run->user, result);
}

enum error_code verbs_write_register(struct verbs_run *run)
{
    enum error_code code = run->password.n > 0 ? ERROR_NONE : ask_for_password(run);
    if (code != ERROR_NONE)
        return code;
    struct span args[3] = {span_str(run->user), secret_span(&run->password),
                           secret_span(&run->invite)};
    return verbs_run_ask(run, run->user, OP_REGISTER, args, run->invite.n > 0 ? 3 : 2);
}
