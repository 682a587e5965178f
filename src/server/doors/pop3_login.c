/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "doors/pop3_private.h"
#include "os/crypt.h"
#include "session/login.h"
#include "session/reply.h"

static const char capabilities[] = "+OK capabilities follow\r\n"
                                   "TOP\r\n"
                                   "USER\r\n"
                                   "SASL PLAIN\r\n"
                                   "RESP-CODES\r\n"
                                   "AUTH-RESP-CODE\r\n"
                                   "PIPELINING\r\n"
                                   "UIDL\r\n"
                                   "IMPLEMENTATION Pochta\r\n"
                                   ".\r\n";

void pop3_capa(struct pop3 *p, const struct pop3_command *c)
{
    (void)c;
    buf_add(&p->s.out, SPAN(capabilities));
}

/* Accepts every name, so as not to tell which accounts exist. */
void pop3_user(struct pop3 *p, const struct pop3_command *c)
{
    p->user_bytes = c->arg[0].n < sizeof p->user ? c->arg[0].n : sizeof p->user;
    memcpy(p->user, c->arg[0].p, p->user_bytes);
    pop3_ok(p, "send the password");
}

static void refuse_login(struct pop3 *p, enum status st)
{
    if (st == ST_TOO_OFTEN) {
        char words[REPLY_TOO_OFTEN_BYTES];
        reply_too_often_words(words, REPLY_WRONG_PASSWORDS, p->s.try_again_ms);
        pop3_refuse(p, pop3_code(st), "%s", words);
    } else {
        pop3_refuse_status(p, st);
    }
}

static void log_in(struct pop3 *p, struct span user, struct span password)
{
    struct session *s = &p->s;
    enum status st = sasl_login(s, user, password);
    p->user_bytes = 0;
    if (st == ST_OK)
        st = pop3_maildrop_open(s, &p->drop);
    if (st == ST_OK) {
        pop3_ok_count(p);
        return;
    }
    if (s->logged_in) {
        pop3_maildrop_close(s, &p->drop);
        login_end(s);
    }
    refuse_login(p, st);
}

void pop3_pass(struct pop3 *p, const struct pop3_command *c)
{
    if (p->user_bytes == 0)
        pop3_refuse(p, "", "USER comes before PASS");
    else
        log_in(p, span_of(p->user, p->user_bytes), c->arg[0]);
}

void pop3_respond(struct pop3 *p, struct span line)
{
    char response[SASL_BYTES];
    struct sasl_plain plain;
    size_t n;
    if (span_eq(line, SPAN("*")))
        pop3_refuse(p, "", "cancelled");
    else if (!sasl_decode(line, response, &n) || !sasl_plain(span_of(response, n), &plain))
        pop3_refuse(p, "", "not a response of PLAIN (RFC 4616) in base64");
    else if (sasl_is_foreign(&p->s, &plain))
        pop3_refuse(p, "[AUTH] ", SASL_FOREIGN);
    else
        log_in(p, plain.user, plain.password);
    os_crypt_wipe(response, sizeof response);
}

void pop3_auth(struct pop3 *p, const struct pop3_command *c)
{
    if (c->nargs == 0) { /* older programs ask so for the mechanisms */
        buf_add_str(&p->s.out, "+OK mechanisms follow\r\nPLAIN\r\n.\r\n");
    } else if (!span_eq_folded(c->arg[0], SPAN("PLAIN"))) {
        pop3_refuse(p, "", "the only mechanism is PLAIN");
    } else if (c->nargs == 1) {
        buf_add_str(&p->s.out, "+ \r\n");
        p->responding = true;
    } else {
        pop3_respond(p, c->arg[1]);
    }
}
