/* SPDX-License-Identifier: ISC */
#include <inttypes.h>

#include "doors/smtp_private.h"

void smtp_refuse_text(struct smtp *m, struct smtp_code code, const char *words)
{
    size_t n = m->door == SMTP_LMTP ? m->nto : 1;
    smtp_refuse(m, "DATA", SPAN(""), code, "%s", words);
    while (--n > 0)
        smtp_answer(m, code, "%s", words);
}

/* What became of a message for all its recipients. */
struct outcome {
    struct smtp_code code; /* the worst; basic 0: none yet */
    size_t stored;         /* for how many recipients it is durable */
    size_t repeats;        /* and for how many of these it was there before */
    uint64_t id;           /* of the last of them */
    struct buf failures;   /* a line for each other recipient */
};

/*
 * A temporary failure is worse than a permanent one: after it, the program sends the message again,
 * which is stored for those who do not have it yet, and it hears of the permanent failures again.
 */
static bool is_worse(struct smtp_code code, struct smtp_code than)
{
    return than.basic < 300 || (than.basic >= 500 && code.basic >= 400 && code.basic < 500);
}

static void note(struct outcome *all, enum status st, const struct outgoing *o)
{
    if (is_worse(smtp_code_of(st), all->code))
        all->code = smtp_code_of(st);
    if (st == ST_OK) {
        all->stored++;
        all->repeats += o->repeat;
        all->id = o->stored.id;
    } else {
        char why[SMTP_WHY_BYTES];
        smtp_why(why, st, o);
        buf_printf(&all->failures, "not stored for %s: %s\n", o->to.name, why);
    }
}

/* Before "stored". */
static const char *already(bool repeat)
{
    return repeat ? "already " : "";
}

/* Answers for all recipients together. */
static void answer_all(struct smtp *m, const struct outcome *all)
{
    struct span rest = buf_span(&all->failures), line;
    if (all->stored == m->nto && m->nto == 1)
        smtp_answer(m, all->code, "%sstored as message %" PRIu64, already(all->repeats == m->nto),
                    all->id);
    else if (all->stored == m->nto)
        smtp_answer(m, all->code, "%sstored for %zu recipients", already(all->repeats == m->nto),
                    all->stored);
    else if (!buf_ok(&all->failures))
        smtp_answer(m, smtp_code_of(ST_NO_MEMORY), "%s", status_text(ST_NO_MEMORY));
    else if (m->nto > 1)
        smtp_answer_line(m, all->code, true, "stored for %zu of %zu recipients", all->stored,
                         m->nto);
    while (buf_ok(&all->failures) && span_cut(&rest, '\n', &line))
        smtp_answer_line(m, all->code, rest.n > 0, "%.*s", SPAN_PRINTF(line));
}

/* Answers for one recipient. */
static void answer_one(struct smtp *m, enum status st, const struct outgoing *o)
{
    if (st == ST_OK) {
        smtp_answer(m, smtp_code_of(st), "%s: %sstored as message %" PRIu64, o->to.name,
                    already(o->repeat), (uint64_t)o->stored.id);
    } else {
        char why[SMTP_WHY_BYTES];
        smtp_why(why, st, o);
        smtp_answer(m, smtp_code_of(st), "%s: %s", o->to.name, why);
    }
}

/* The members of a group have tokens of their own, which show that a door stored their messages. */
static void token_for(const void *ctx, const char *name, char token[TOKEN_MAX + 1])
{
    door_message_token(ctx, span_str(name), token);
}

/* Stores the message for one recipient. If the client has named a recipient twice, the second
 * delivery is a repeat, and stores nothing. */
static void deliver_to(struct smtp *m, const char *name, struct span body,
                       const struct door_message *made, struct outcome *all)
{
    char token[TOKEN_MAX + 1];
    struct outgoing o = smtp_outgoing(m, "send", name);
    token_for(made, name, token);
    o.body = body;
    o.token = span_str(token);
    o.token_for = token_for;
    o.ctx = made;
    outgoing_uncheck(m->s, &o);
    enum status st = outgoing_put(m->s, &o);
    if (m->door == SMTP_LMTP)
        answer_one(m, st, &o);
    else
        note(all, st, &o);
    outgoing_end(m->s, &o);
}

void smtp_deliver(struct smtp *m, struct span body, struct span text)
{
    struct outcome all = {.stored = 0};
    struct door_message made;
    door_message_begin(&made, m->doors->key,
                       span_str(smtp_has_user(m) ? m->s->who.name : m->sender), text);
    buf_init(&all.failures, SMTP_RECIPIENTS * (NAME_BYTES + 2 * SMTP_WHY_BYTES));
    for (size_t i = 0; i < m->nto && !m->s->closing; i++)
        deliver_to(m, m->to[i], body, &made, &all);
    if (m->door == SMTP_SUBMISSION && !m->s->closing)
        answer_all(m, &all);
    buf_free(&all.failures);
}
