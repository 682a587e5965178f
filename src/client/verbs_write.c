#include "client/verbs_write.h"

#include <stdio.h>

#include "client/error.h"
#include "os/clock.h"
#include "os/random.h"

#define ATTEMPTS 4

static enum error_code say_reply(struct verbs_run *run, const char *what, enum reply_result result)
{
    return error_reply(what, result, call_words(&run->call));
}

/* Whether the request may have been carried out although no answer came. */
static bool is_open(enum reply_result result)
{
    return result == REPLY_LOST || result == REPLY_TIMEOUT || result == REPLY_EXIT;
}

static void pause_before(int attempt)
{
    static const int64_t wait_ms[ATTEMPTS] = {0, 100, 500, 1500};

    os_clock_sleep(wait_ms[attempt]);
}

/*
 * Sends, and when the answer does not come, again over a new connection with the same token: the
 * server stores nothing twice under one token, so that the repeat is safe. Nothing else is ever
 * repeated, and version 1, which has no tokens, not at all.
 */
static enum error_code send_once(struct verbs_run *run, const char *what,
                                 enum reply_result (*send)(struct verbs_run *, const char *token))
{
    char token[LINK_TOKEN_BYTES + 1];
    os_random_hex(token, LINK_TOKEN_BYTES);
    bool marked = link_version(&run->call.link) >= 2;
    enum reply_result result = send(run, token);
    for (int i = 1; i < ATTEMPTS && marked && is_open(result); i++) {
        pause_before(i);
        if (verbs_dial(run) == REPLY_OK && link_version(&run->call.link) >= 2)
            result = send(run, token);
    }
    if (result == REPLY_OK)
        return ERROR_NONE;
    enum error_code code = say_reply(run, what, result);
    if (is_open(result)) {
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

enum error_code verbs_write_delete(struct verbs_run *run)
{
    struct span id = span_str(run->args[0]);
    enum reply_result result = link_ask(&run->call.link, OP_DELETE_MESSAGE, &id, 1);
    return result == REPLY_OK ? ERROR_NONE : say_reply(run, run->args[0], result);
}

enum error_code verbs_write_register(struct verbs_run *run)
{
    struct span args[3] = {span_str(run->user), secret_span(&run->password),
                           secret_span(&run->invite)};
    enum reply_result result =
        link_ask(&run->call.link, OP_REGISTER, args, run->invite.n > 0 ? 3 : 2);
    return result == REPLY_OK ? ERROR_NONE : say_reply(run, run->user, result);
}
