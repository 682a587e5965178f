/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "doors/smtp_command.h"
#include "doors/smtp_private.h"

/* What the answer to a recipient in another domain shows. */
#define SHOWN_BYTES   64  /* of that domain, at most */
#define DOMAINS_BYTES 300 /* with this many, no further domain of ours is added */
#define FOREIGN_BYTES 400 /* room for both: the first domain of ours is always added */

enum smtp_whose smtp_whose(const struct smtp *m, const struct mail_address *a,
                           char name[NAME_BYTES + 1])
{
    struct span local = mail_address_local(a), domain = mail_address_domain(a);
    if (domain.n > 0 && !doors_is_ours(m->doors, domain))
        return SMTP_FOREIGN;
    return name_fold(span_first(local, span_find(local, '+')), name) ? SMTP_OURS : SMTP_NOBODY;
}

struct outgoing smtp_outgoing(const struct smtp *m, const char *request, const char *to)
{
    struct outgoing o = outgoing_new(m->s, request);
    snprintf(o.to.name, sizeof o.to.name, "%s", to);
    if (smtp_has_user(m))
        return o;
    o.from = NAME_OUTSIDE;
    o.unlimited = true;
    return o;
}

/* Refuses a command with a fault. enhanced: the code for an address that is wrong. */
static void refuse_syntax(struct smtp *m, const char *command, struct span rest,
                          enum smtp_syntax syntax, const char *enhanced, const char *form)
{
    const struct smtp_code code = {501, "5.5.4"};
    if (syntax == SMTP_SYNTAX_PATH)
        smtp_refuse(m, command, rest, code, "%s must follow", form);
    else if (syntax == SMTP_SYNTAX_TOO_LONG)
        smtp_refuse(m, command, rest, (struct smtp_code){501, enhanced},
                    "the address is too long: at most %d bytes before @ and %d after it",
                    MAIL_ADDRESS_LOCAL_BYTES, MAIL_ADDRESS_DOMAIN_BYTES);
    else if (syntax == SMTP_SYNTAX_VALUE)
        smtp_refuse(m, command, rest, code, "a parameter has a value that is not allowed");
    else
        smtp_refuse(m, command, rest, (struct smtp_code){555, "5.5.4"}, "unknown parameter");
}

/* Whether the client may send in this name. */
static bool may_be_sender(const struct smtp *m, const struct mail_address *from)
{
    char name[NAME_BYTES + 1];
    if (!smtp_has_user(m) || (from->local_bytes == 0 && from->domain_bytes == 0))
        return true;
    return smtp_whose(m, from, name) == SMTP_OURS && strcmp(name, m->s->who.name) == 0;
}

static void set_sender(struct smtp *m, const struct mail_address *from)
{
    struct span domain = mail_address_domain(from);
    snprintf(m->sender, sizeof m->sender, "%.*s%s%.*s", SPAN_PRINTF(mail_address_local(from)),
             domain.n > 0 ? "@" : "", SPAN_PRINTF(domain));
    m->mail = true;
}

void smtp_cmd_mail(struct smtp *m, struct span rest)
{
    struct mail_address from;
    uint64_t size;
    enum smtp_syntax syntax = smtp_command_mail(rest, &from, &size);
    if (syntax != SMTP_SYNTAX_OK) {
        refuse_syntax(m, "MAIL", rest, syntax, "5.1.7", "FROM:<your address>");
    } else if (size > smtp_text_most(m)) {
        char words[SMTP_TOO_LARGE_BYTES];
        smtp_refuse(m, "MAIL", rest, SMTP_TOO_LARGE, "%s", smtp_too_large_words(m, words));
    } else if (!may_be_sender(m, &from)) {
        smtp_refuse(m, "MAIL", rest, (struct smtp_code){553, "5.7.1"},
                    "not your address: you are %s@%s", m->s->who.name, m->doors->domains[0]);
    } else {
        set_sender(m, &from);
        smtp_answer(m, (struct smtp_code){250, "2.1.0"}, "go on");
    }
}

/* Asks whether a user would get a message now, and answers. */
static void add_recipient(struct smtp *m, const char *name)
{
    struct outgoing o = smtp_outgoing(m, "check", name);
    enum status st = outgoing_check(m->s, &o);
    if (st == ST_OK) {
        memcpy(m->to[m->nto++], o.to.name, sizeof o.to.name);
        smtp_answer(m, (struct smtp_code){250, "2.1.5"}, "%s", name);
    } else {
        char why[SMTP_WHY_BYTES];
        smtp_why(why, st, &o);
        smtp_answer(m, smtp_code_of(st), "%s", why);
    }
}

/* Names the domain, and those of ours for which there is room. */
static void refuse_foreign(struct smtp *m, struct span rest, struct span domain)
{
    char words[FOREIGN_BYTES];
    struct buf b;
    buf_init_room(&b, words, sizeof words);
    for (size_t i = 0; i < domain.n && i < SHOWN_BYTES; i++) /* an answer is ASCII */
        buf_add_char(&b, (unsigned char)domain.p[i] < 0x80 ? domain.p[i] : '?');
    buf_printf(&b, "%s is not one of our domains (%s", domain.n > SHOWN_BYTES ? "..." : "",
               m->doors->domains[0]);
    for (unsigned i = 1; i < m->doors->ndomains; i++) {
        if (b.n + strlen(m->doors->domains[i]) > DOMAINS_BYTES) {
            buf_add_str(&b, ", ...");
            break;
        }
        buf_printf(&b, ", %s", m->doors->domains[i]);
    }
    smtp_refuse(m, "RCPT", rest, (struct smtp_code){550, "5.7.1"},
                "%.*s); this server sends no mail to other servers", SPAN_PRINTF(buf_span(&b)));
}

void smtp_cmd_rcpt(struct smtp *m, struct span rest)
{
    struct mail_address to;
    char name[NAME_BYTES + 1];
    enum smtp_syntax syntax = smtp_command_rcpt(rest, &to);
    if (syntax != SMTP_SYNTAX_OK) {
        refuse_syntax(m, "RCPT", rest, syntax, "5.1.3", "TO:<an address>");
        return;
    }
    if (m->nto == SMTP_RECIPIENTS) {
        smtp_refuse(m, "RCPT", rest, (struct smtp_code){452, "4.5.3"},
                    "too many recipients: at most %d", SMTP_RECIPIENTS);
        return;
    }
    switch (smtp_whose(m, &to, name)) {
    case SMTP_OURS:
        add_recipient(m, name);
        break;
    case SMTP_NOBODY:
        smtp_refuse(m, "RCPT", rest, smtp_code_of(ST_NO_USER), "%s", status_text(ST_NO_USER));
        break;
    case SMTP_FOREIGN:
        refuse_foreign(m, rest, mail_address_domain(&to));
        break;
    }
}
