/* SPDX-License-Identifier: ISC */
#include "client/verbs_write.h"

#include "client/error.h"
#include "os/clock.h"
#include "os/random.h"

/* Whether the server may have carried out the request although no answer came. */
static bool is_unknown(enum reply_result result)
{
    return result == REPLY_LOST || result == REPLY_TIMEOUT || result == REPLY_EXIT;
}

/*
 * Sends a message. If no answer comes, sends it again over a new connection with the same token:
 * the server stores only one message for each token, so the repeat is safe. Version 1 has no
 * tokens: there it sends only once.
 */
static enum error_code send_once(struct verbs_run *run, const char *subject,
                                 enum reply_result (*send)(struct verbs_run *, const char *token))
{
    static const int64_t wait_ms[] = {100, 500, 1500}; /* before each repeat */
    char token[LINK_TOKEN_BYTES + 1];
    os_random_hex(token, LINK_TOKEN_BYTES);
    bool has_token = link_version(&run->call.link) >= 2;
    enum reply_result result = send(run, token);
    for (size_t i = 0; i < sizeof wait_ms / sizeof wait_ms[0] && has_token && is_unknown(result);
         i++) {
        os_clock_sleep(wait_ms[i]);
        if (verbs_run_dial(run) == REPLY_OK && link_version(&run->call.link) >= 2)
            result = send(run, token);
    }
    if (result == REPLY_OK)
        return ERROR_NONE;
    enum error_code code = verbs_run_failed(run, subject, result);
    if (is_unknown(result)) {
        code = ERROR_TEMPORARY;
        error_say(code, "no answer came: the message may have been sent, or not");
    }
    return code;
}

static enum reply_result send_body(struct verbs_run *run, const char *token)
{
    return link_send(&run->call.link, span_str(run->args[0]), buf_span(&run->body), token);
}

enum error_code verbs_write_send(struct verbs_run *run)
{
    return send_once(run, run->args[0], send_body);
}

static enum reply_result resend(struct verbs_run *run, const char *token)
{
    return link_resend(&run->call.link, span_str(run->args[1]), span_str(run->args[0]), token);
}

enum error_code verbs_write_forward(struct verbs_run *run)
{
    return send_once(run, "cannot forward", resend);
}

enum error_code verbs_write_register(struct verbs_run *run)
{
    struct span args[3] = {span_str(run->user), secret_span(&run->password),
                           secret_span(&run->invite)};
    return verbs_run_ask(run, run->user, OP_REGISTER, args, run->invite.n > 0 ? 3 : 2);
}
