/* SPDX-License-Identifier: ISC */
/*
 * Whole sessions of POP3 from memory. Each line gets one answer, in the form that its command has;
 * a mail has the size that was announced; and messages are gone exactly if DELE, and then QUIT,
 * was answered with +OK. The first byte says how it goes, the second is the seed of what pieces it
 * comes in; '0' is nothing special.
 */
#include "doors/pop3.h"

#include "doors/line.h"
#include "doors/pop3_command.h"
#include "fuzz.h"
#include "session_fixture.h"

#define MEMORY    300000
#define FORGOT_MS INT64_C(1209600000) /* two weeks: no failed login counts any more */
#define MESSAGES  3

static struct world w;

static void end(void)
{
    world_end(&w);
}

/* All inputs share one world, made to look new: a new one each time would take too long. */
static struct mailbox *begin(void)
{
    static const char *const bodies[MESSAGES] = {"a\n.\n..\nb", "MIME-Version: 1.0\nA: b\n\n.c\n",
                                                 "Subject: x\n\n\xff"};
    struct who who = {.name = "ann"};
    struct mailbox *mb;
    if (!w.service.store || world_ms > FORGOT_MS << 20) {
        if (w.service.store)
            world_end(&w);
        else
            fuzz_at_end(end);
        world_ms = 1;
        world_begin(&w, 3000, MEMORY);
        w.talk = &door_pop3;
    }
    fixture_clear(w.service.store);
    world_ms += FORGOT_MS;
    must(account_register(w.service.store, "ann", "pw") == ST_OK);
    must(mailbox_open(w.service.store, &who, &mb) == ST_OK);
    for (size_t i = 0; i < MESSAGES; i++)
        must(fixture_deliver(mb, "bob", bodies[i]) == i + 1);
    return mb;
}

/* What a client has heard. */
struct heard {
    struct span out; /* what is left to hear */
    bool responding, ended;
    bool marked[MESSAGES], gone[MESSAGES];
};

static struct span hear_line(struct heard *h)
{
    struct span line = span_of(NULL, 0);
    must(span_cut(&h->out, '\n', &line) && span_ends(line, SPAN("\r")));
    return span_first(line, line.n - 1);
}

/* The lines up to the dot. Returns their bytes, without dots that were added. */
static uint64_t hear_lines(struct heard *h)
{
    uint64_t n = 0;
    for (;;) {
        struct span line = hear_line(h);
        if (span_eq(line, SPAN(".")))
            return n;
        must(!span_starts(line, SPAN(".")) || span_starts(line, SPAN("..")));
        n += line.n + 2 - span_starts(line, SPAN("."));
    }
}

/* The command was answered with +OK and the rest of the line. */
static void hear_more(struct heard *h, const struct pop3_command *c, struct span rest)
{
    uint64_t number = 0, n;
    switch (c->id) {
    case POP3_RETR:
        n = hear_lines(h);
        must(span_u64(span_take(&rest, ' '), UINT64_MAX, &number) && number == n);
        break;
    case POP3_LIST:
    case POP3_UIDL:
    case POP3_AUTH:
        if (c->nargs == 0)
            hear_lines(h);
        break;
    case POP3_CAPA:
    case POP3_TOP:
        hear_lines(h);
        break;
    case POP3_DELE:
        must(span_u64(c->arg[0], MESSAGES, &number) && number > 0 && !h->marked[number - 1]);
        h->marked[number - 1] = true;
        break;
    case POP3_RSET:
        memset(h->marked, 0, sizeof h->marked);
        break;
    case POP3_QUIT:
        memcpy(h->gone, h->marked, sizeof h->gone);
        break;
    default:
        must(c->id != POP3_UNKNOWN);
    }
}

static void hear_answer(struct heard *h, struct span said)
{
    struct pop3_command c = pop3_command_parse(said);
    struct span answer = hear_line(h);
    if (said.n + 2 > LINE_BYTES)
        c.id = POP3_UNKNOWN;
    if (h->responding) {
        must(span_starts(answer, SPAN("+OK ")) || span_starts(answer, SPAN("-ERR ")));
        h->responding = false;
        return;
    }
    h->responding = c.id == POP3_AUTH && c.nargs == 1 && span_eq(answer, SPAN("+ "));
    if (span_starts(answer, SPAN("+OK ")))
        hear_more(h, &c, span_skip(answer, 4));
    else
        must(h->responding || span_starts(answer, SPAN("-ERR ")));
    h->ended = (c.id == POP3_QUIT && c.nargs == 0) ||
               span_starts(answer, SPAN("-ERR [SYS/TEMP] a PROXY header")) ||
               span_starts(h->out, SPAN("-ERR [SYS/TEMP] too many lines that are not commands"));
}

static void hear(struct heard *h, struct span said)
{
    struct span line;
    must(span_starts(hear_line(h), SPAN("+OK ")));
    while (!h->ended && span_cut(&said, '\n', &line))
        hear_answer(h, span_first(line, line.n - span_ends(line, SPAN("\r"))));
    if (h->out.n > 0)
        must(span_starts(hear_line(h), SPAN("-ERR [SYS/TEMP] ")) && h->out.n == 0);
}

void fuzz_one(struct span in)
{
    static const enum io_result ends[] = {IO_CLOSED, IO_TIMEOUT, IO_INTERRUPT};
    unsigned how = fuzz_byte(&in) - '0';
    struct mailbox *mb = begin();

    chance.state = fuzz_byte(&in);
    w.scatter = how & 1;
    w.reason = how & 2 ? "the end" : NULL;
    w.end = ends[(how >> 2) % 3];
    w.room = how & 16 ? fuzz_below(&in, 2000) : UINT64_MAX;
    bool breaks = w.room != UINT64_MAX;
    struct span said = exact(in);
    world_run(&w, said);
    struct heard h = {.out = buf_span(&w.output)};
    if (!breaks)
        hear(&h, said);
    for (size_t i = 0; i < MESSAGES && !breaks; i++) {
        struct mail m;
        must((messages_find(mb, i + 1, &m) == ST_NO_MESSAGE) == h.gone[i]);
    }
    must(w.users == 0 && budget_used(&w.budget) == 0 && w.fixture.troubles == 0);
    mailbox_close(mb);
    exact_free(said);
}
