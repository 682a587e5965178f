/* SPDX-License-Identifier: ISC */
#include "client/verbs_write.h"

#include "client/error.h"
#include "client/repeat.h"
#include "os/random.h"

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

enum error_code verbs_write_forward(struct verbs_run *run)
{
    struct forward f = {.run = run};
    struct repeat r = {.call = &run->call, .dial = dial, .send = resend, .ctx = &f};
    os_random_hex(f.token, LINK_TOKEN_BYTES);
    if (repeat_send(&r) == REPEAT_DONE)
        return ERROR_NONE;
    enum error_code code = verbs_run_failed(run, "cannot forward", r.result);
    if (r.in_doubt)
        code = error_say(ERROR_TEMPORARY, "no answer came: the message may have been sent, or not");
    return code;
}

enum error_code verbs_write_register(struct verbs_run *run)
{
    struct span args[3] = {span_str(run->user), secret_span(&run->password),
                           secret_span(&run->invite)};
    return verbs_run_ask(run, run->user, OP_REGISTER, args, run->invite.n > 0 ? 3 : 2);
}
