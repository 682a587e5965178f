/* SPDX-License-Identifier: ISC */
#include "doors/smtp.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "doors/smtp_command.h"
#include "doors/smtp_private.h"
#include "session/foreign.h"
#include "session/input.h"
#include "session/lifecycle.h"
#include "session/reply.h"
#include "session/session_log.h"
#include "store/fence.h"

#define WRONG_MAX 10 /* commands in a row */

/* What must be true before a command may run. */
enum need {
    GREETED = 1,
    SENDER = 2,   /* a login, if this client needs one */
    NO_LOGIN = 4, /* nobody has logged in */
    NO_MAIL = 8,  /* no MAIL is under way */
    MAIL = 16,
    RCPT = 32,
    ALONE = 64 /* nothing may follow the word */
};

struct command {
    const char *word;
    unsigned doors, needs;
    void (*run)(struct smtp *m, struct span rest);
};

/* --- answers --- */

/*
 * Counts commands that no mail program sends, and wrong passwords. A recipient who does not exist
 * is not the program's fault; nor are commands out of sequence, which may have been sent before an
 * earlier one was refused (RFC 2920).
 */
static void count_wrong(struct smtp *m, int code)
{
    bool sequence = code == 503 || code == 530;
    if (code >= 500 && code < 550 && !sequence)
        m->wrong++;
    else if (code < 300)
        m->wrong = 0;
}

__attribute__((format(printf, 4, 0))) static void add_line(struct smtp *m, struct smtp_code code,
                                                           char sep, const char *format,
                                                           va_list args)
{
    buf_printf(&m->s->out, "%d%c%s%s", code.basic, sep, code.enhanced, *code.enhanced ? " " : "");
    buf_vprintf(&m->s->out, format, args);
    buf_add_str(&m->s->out, "\r\n");
}

void smtp_answer(struct smtp *m, struct smtp_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_line(m, code, ' ', format, args);
    va_end(args);
    count_wrong(m, code.basic);
}

void smtp_answer_line(struct smtp *m, struct smtp_code code, bool more, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_line(m, code, more ? '-' : ' ', format, args);
    va_end(args);
}

void smtp_refuse(struct smtp *m, const char *command, struct span argument, struct smtp_code code,
                 const char *format, ...)
{
    size_t before = m->s->out.n;
    va_list args;
    va_start(args, format);
    add_line(m, code, ' ', format, args);
    va_end(args);
    count_wrong(m, code.basic);
    session_log_not_sent(m->s, command, argument,
                         span_trim(span_skip(buf_span(&m->s->out), before)));
}

struct smtp_code smtp_code_of(enum status st)
{
    switch (st) {
    case ST_OK:
        return (struct smtp_code){250, "2.0.0"};
    case ST_NO_USER:
    case ST_NO_MEMBERS:
        return (struct smtp_code){550, "5.1.1"};
    case ST_RESERVED:
        return (struct smtp_code){550, "5.7.1"};
    case ST_FULL:
        return (struct smtp_code){452, "4.2.2"};
    case ST_DISK_FULL:
    case ST_NO_MEMORY:
        return (struct smtp_code){452, "4.3.1"};
    case ST_TOO_OFTEN:
        return (struct smtp_code){450, "4.7.1"};
    default:
        return (struct smtp_code){451, "4.3.0"};
    }
}

void smtp_why(char why[SMTP_WHY_BYTES], enum status st, const struct outgoing *o)
{
    if (st == ST_TOO_OFTEN)
        reply_too_often_words(why, o->rule, o->wait_ms);
    else
        snprintf(why, SMTP_WHY_BYTES, "%s%s", status_text(st),
                 st == ST_UNKNOWN ? "; send it again, it is stored only once" : "");
}

/* --- commands --- */

static const char *our_name(const struct smtp *m)
{
    return m->doors->domains[0];
}

void smtp_reset(struct smtp *m)
{
    m->mail = false;
    m->nto = 0;
}

static bool greet(struct smtp *m, struct span rest)
{
    if (rest.n == 0) {
        smtp_answer(m, (struct smtp_code){501, "5.5.4"}, "the name of the client is missing");
        return false;
    }
    smtp_reset(m);
    m->greeted = true;
    return true;
}

/* EHLO, and LHLO. */
static void say_extensions(struct smtp *m, struct span rest)
{
    const struct smtp_code none = {250, ""};
    if (!greet(m, rest))
        return;
    smtp_answer_line(m, none, true, "%s", our_name(m));
    smtp_answer_line(m, none, true, "PIPELINING");
    smtp_answer_line(m, none, true, "SIZE %" PRIu64, smtp_text_most(m));
    smtp_answer_line(m, none, true, "8BITMIME");
    smtp_answer_line(m, none, true, "SMTPUTF8");
    if (m->door == SMTP_SUBMISSION)
        smtp_answer_line(m, none, true, "AUTH PLAIN LOGIN");
    smtp_answer(m, none, "ENHANCEDSTATUSCODES");
}

static void say_helo(struct smtp *m, struct span rest)
{
    if (greet(m, rest))
        smtp_answer(m, (struct smtp_code){250, ""}, "%s", our_name(m));
}

static void do_rset(struct smtp *m, struct span rest)
{
    (void)rest;
    smtp_reset(m);
    smtp_answer(m, (struct smtp_code){250, "2.0.0"}, "reset");
}

static void do_noop(struct smtp *m, struct span rest)
{
    (void)rest;
    smtp_answer(m, (struct smtp_code){250, "2.0.0"}, "here");
}

static void do_vrfy(struct smtp *m, struct span rest)
{
    (void)rest;
    smtp_answer(m, (struct smtp_code){252, "2.0.0"}, "RCPT tells whether there is such a user");
}

static void do_quit(struct smtp *m, struct span rest)
{
    (void)rest;
    smtp_answer(m, (struct smtp_code){221, "2.0.0"}, "goodbye");
    reply_close(m->s, "closed by the client");
}

static void not_here(struct smtp *m, struct span rest)
{
    (void)rest;
    smtp_answer(m, (struct smtp_code){502, "5.5.1"}, "not available here");
}

/* A web page can make a browser connect to this port and post SMTP commands. */
static void unknown(struct smtp *m, struct span rest)
{
    if (span_starts(span_skip(rest, span_find(rest, ' ') + 1), SPAN("HTTP/"))) {
        foreign_end(m->s, EVENT_INFO, FOREIGN_HTTP_REASON);
        return;
    }
    smtp_answer(m, (struct smtp_code){500, "5.5.1"}, "unknown command; HELP lists all commands");
}

static void end_for_proxy(struct smtp *m, struct span rest)
{
    (void)rest;
    foreign_end(m->s, EVENT_WARNING,
                m->door == SMTP_LMTP ? "a PROXY header, but there can be no proxy before lmtp"
                                     : FOREIGN_PROXY_REASON);
}

static void do_help(struct smtp *m, struct span rest);

#define BOTH ((unsigned)SMTP_SUBMISSION | (unsigned)SMTP_LMTP)

/* The last row is for every other word. */
static const struct command commands[] = {
    {"EHLO", SMTP_SUBMISSION, 0, say_extensions},
    {"HELO", SMTP_SUBMISSION, 0, say_helo},
    {"LHLO", SMTP_LMTP, 0, say_extensions},
    {"AUTH", SMTP_SUBMISSION, GREETED | NO_LOGIN | NO_MAIL, smtp_cmd_auth},
    {"MAIL", BOTH, GREETED | SENDER | NO_MAIL, smtp_cmd_mail},
    {"RCPT", BOTH, GREETED | SENDER | MAIL, smtp_cmd_rcpt},
    {"DATA", BOTH, GREETED | SENDER | MAIL | RCPT | ALONE, smtp_cmd_data},
    {"RSET", BOTH, ALONE, do_rset},
    {"NOOP", BOTH, 0, do_noop},
    {"VRFY", BOTH, 0, do_vrfy},
    {"HELP", BOTH, 0, do_help},
    {"QUIT", BOTH, ALONE, do_quit},
    {"EXPN", BOTH, 0, not_here},
    {"STARTTLS", BOTH, 0, not_here},
    {"BDAT", BOTH, 0, not_here},
    {"PROXY", BOTH, 0, end_for_proxy},
    {"", BOTH, 0, unknown},
};

static void do_help(struct smtp *m, struct span rest)
{
    char words[200];
    struct buf list;
    (void)rest;
    buf_init_room(&list, words, sizeof words);
    for (const struct command *c = commands; c->run != not_here; c++)
        if (c->doors & m->door)
            buf_printf(&list, " %s", c->word);
    smtp_answer(m, (struct smtp_code){214, "2.0.0"}, "commands:%.*s; see pochta-doors(7)",
                SPAN_PRINTF(buf_span(&list)));
}

static const struct command *find(const struct smtp *m, struct span word)
{
    const struct command *c = commands;
    while (*c->word && !(c->doors & m->door && span_eq_folded(word, span_str(c->word))))
        c++;
    return c;
}

bool smtp_has_user(const struct smtp *m)
{
    return m->s->logged_in;
}

/* Whether the command may run; answers if not. */
static bool may_run(struct smtp *m, const struct command *c, struct span rest)
{
    const struct smtp_code sequence = {503, "5.5.1"};
    if (c->needs & GREETED && !m->greeted)
        smtp_answer(m, sequence, "%s must come first", m->door == SMTP_LMTP ? "LHLO" : "EHLO");
    else if (c->needs & SENDER && !smtp_has_user(m) && !m->trusted)
        smtp_answer(m, (struct smtp_code){530, "5.7.0"}, "log in first");
    else if (c->needs & NO_LOGIN && smtp_has_user(m))
        smtp_answer(m, sequence, "logged in already");
    else if (c->needs & NO_MAIL && m->mail)
        smtp_answer(m, sequence, "a message has begun; RSET cancels it");
    else if (c->needs & MAIL && !m->mail)
        smtp_answer(m, sequence, "MAIL must come first");
    else if (c->needs & RCPT && m->nto == 0)
        smtp_answer(m, sequence, "RCPT must come first");
    else if (c->needs & ALONE && rest.n > 0)
        smtp_answer(m, (struct smtp_code){501, "5.5.4"}, "%s takes no arguments", c->word);
    else
        return true;
    return false;
}

static void run_command(struct smtp *m, struct span line)
{
    struct span word, rest;
    if (!smtp_command_split(line, &word, &rest)) {
        smtp_answer(m, (struct smtp_code){500, "5.5.2"},
                    "a command must not contain control characters");
        return;
    }
    const struct command *c = find(m, word);
    if (!may_run(m, c, rest))
        return;
    /* If the store is lost, nothing can be answered, so nothing must be done. */
    if (!fence_holds(m->s->service->store)) {
        reply_exit(m->s, status_text(ST_UNKNOWN));
        return;
    }
    c->run(m, rest);
}

/* --- the conversation --- */

enum line_result smtp_next_line(struct smtp *m, struct span *line)
{
    struct session *s = m->s;
    enum line_result result = LINE_WOKEN;
    reply_is_whole(s);
    line_done(s);
    while (result == LINE_WOKEN)
        result =
            !s->closing && lifecycle_may_go_on(s) ? line_next(s, LINE_BYTES, line) : LINE_ENDED;
    input_complete(s);
    return result;
}

void smtp_refuse_line(struct smtp *m, enum line_result why)
{
    const struct smtp_code code = {500, "5.5.2"};
    if (why == LINE_TOO_LONG)
        smtp_answer(m, code, "the line is too long: at most %d bytes", LINE_BYTES);
    else
        smtp_answer(m, code, "a line must end in CR LF, not in LF alone (netcat: nc -C)");
}

static void run_door(const struct conversation *talk, const struct service *service, struct io *io,
                     struct session_host *host, enum smtp_door door)
{
    struct session s;
    struct span line;
    enum line_result result;
    lifecycle_begin(&s, talk, service, io, host);
    struct smtp m = {.s = &s, .doors = service->doors, .door = door};
    m.trusted = door == SMTP_LMTP || doors_is_trusted(m.doors, host->address(host));
    smtp_answer(&m, (struct smtp_code){220, ""}, "%s Pochta %s", our_name(&m),
                door == SMTP_LMTP ? "LMTP" : "ESMTP");
    while ((result = smtp_next_line(&m, &line)) != LINE_ENDED) {
        if (result == LINE_READY)
            run_command(&m, line);
        else
            smtp_refuse_line(&m, result);
        if (m.wrong >= WRONG_MAX)
            reply_exit(&s, "too many wrong commands");
        reply_pour(&s);
    }
    lifecycle_end(&s);
}

static void run_submission(const struct service *service, struct io *io, struct session_host *host)
{
    run_door(&door_submission, service, io, host, SMTP_SUBMISSION);
}

static void run_lmtp(const struct service *service, struct io *io, struct session_host *host)
{
    run_door(&door_lmtp, service, io, host, SMTP_LMTP);
}

static size_t say_farewell(char out[FRAME_EXIT_BYTES], struct dialect d, const char *reason)
{
    (void)d;
    struct buf line;
    struct span end = SPAN("\r\n"), why = span_str(reason);
    bool late = span_eq(why, SPAN(INPUT_IDLE)) || span_eq(why, SPAN(INPUT_SLOW));
    buf_init_room(&line, out, FRAME_EXIT_BYTES);
    buf_printf(&line, "421 %s ", late ? "4.4.2" : "4.3.0");
    buf_add(&line, span_first(why, FRAME_EXIT_BYTES - line.n - end.n));
    buf_add(&line, end);
    return line.n;
}

const struct conversation door_submission = {.run = run_submission, .farewell = say_farewell};
const struct conversation door_lmtp = {.run = run_lmtp, .farewell = say_farewell};
