/* SPDX-License-Identifier: ISC */
#include "doors/sasl.h"
#include "doors/smtp_private.h"
#include "os/crypt.h"
#include "session/reply.h"

/* A decoded response, which may contain a password. */
struct response {
    char bytes[SASL_BYTES];
    size_t n;
};

static void wipe_response(struct response *r)
{
    os_crypt_wipe(r, sizeof *r);
}

/* Decodes a response, and wipes it in the input buffer. False: it is not base64, which has been
 * answered. */
static bool decode(struct smtp *m, struct span base64, struct response *r)
{
    bool good = sasl_decode(base64, r->bytes, &r->n);
    if (base64.n > 0)
        os_crypt_wipe(m->s->in.p + (base64.p - m->s->in.p), base64.n);
    if (!good)
        smtp_answer(m, (struct smtp_code){501, "5.5.2"}, "not base64, or more than %d bytes",
                    SASL_BYTES);
    return good;
}

/* Asks for a response. False: the client sends no valid one, which has been answered, or the
 * session ends. */
static bool ask(struct smtp *m, const char *challenge, struct response *r)
{
    struct span line;
    smtp_answer(m, (struct smtp_code){334, ""}, "%s", challenge);
    enum line_result result = smtp_next_line(m, &line);
    if (result == LINE_READY && span_eq(line, SPAN("*")))
        smtp_answer(m, (struct smtp_code){501, "5.7.0"}, "the login was cancelled");
    else if (result == LINE_READY)
        return decode(m, line, r);
    else if (result != LINE_ENDED)
        smtp_refuse_line(m, result);
    return false;
}

static void log_in(struct smtp *m, struct span user, struct span password)
{
    char words[REPLY_TOO_OFTEN_BYTES];
    enum status st = sasl_login(m->s, user, password);
    if (st == ST_OK)
        smtp_answer(m, (struct smtp_code){235, "2.7.0"}, "logged in");
    else if (st == ST_WRONG_PASSWORD)
        smtp_answer(m, (struct smtp_code){535, "5.7.8"}, "%s", status_text(st));
    else if (st == ST_TOO_OFTEN)
        smtp_answer(m, (struct smtp_code){454, "4.7.0"}, "%s",
                    reply_too_often_words(words, REPLY_WRONG_PASSWORDS, m->s->try_again_ms));
    else
        smtp_answer(m, (struct smtp_code){454, "4.7.0"}, "%s", status_text(st));
}

static void auth_plain(struct smtp *m, struct span initial)
{
    struct response r = {.n = 0};
    struct sasl_plain p;
    if (initial.n > 0 ? decode(m, initial, &r) : ask(m, "", &r)) {
        if (!sasl_plain(span_of(r.bytes, r.n), &p))
            smtp_answer(m, (struct smtp_code){501, "5.5.2"},
                        "the response is not NUL user NUL password");
        else if (sasl_is_foreign(m->s, &p))
            smtp_answer(m, (struct smtp_code){535, "5.7.8"}, SASL_FOREIGN);
        else
            log_in(m, p.user, p.password);
    }
    wipe_response(&r);
}

/* Old programs expect exactly these challenges: "Username:" and "Password:" in base64. */
static void auth_login(struct smtp *m, struct span initial)
{
    struct response user = {.n = 0}, password = {.n = 0};
    if ((initial.n > 0 ? decode(m, initial, &user) : ask(m, "VXNlcm5hbWU6", &user)) &&
        ask(m, "UGFzc3dvcmQ6", &password))
        log_in(m, span_of(user.bytes, user.n), span_of(password.bytes, password.n));
    wipe_response(&user);
    wipe_response(&password);
}

void smtp_cmd_auth(struct smtp *m, struct span rest)
{
    struct span initial = rest, mechanism = span_take(&initial, ' ');
    initial = span_trim(initial);
    if (span_eq_folded(mechanism, SPAN("PLAIN")))
        auth_plain(m, initial);
    else if (span_eq_folded(mechanism, SPAN("LOGIN")))
        auth_login(m, initial);
    else
        smtp_answer(m, (struct smtp_code){504, "5.5.4"}, "the mechanisms are PLAIN and LOGIN");
}
