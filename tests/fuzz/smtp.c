/* SPDX-License-Identifier: ISC */
/*
 * Whole sessions of submission and LMTP from memory: each ends, answers in whole lines, gives back
 * what it had, and has stored something only if it has said so. The first byte says how it goes and
 * through which door, the second is the seed of what pieces it comes in; '0' is nothing special. ^
 * stands for a login with EHLO before it.
 */
#include "doors/smtp.h"

#include "doors_fixture.h"
#include "fuzz.h"

#define MEMORY    8192
#define FORGOT_MS INT64_C(1209600000) /* two weeks: no failed login counts any more */
#define LOGIN     "EHLO x\r\nAUTH PLAIN AGFubgBwdw==\r\n"

static struct world w;

static void end(void)
{
    doors_end(&w);
}

/* All inputs share one world, made to look new: a new one each time would take too long. */
static void begin(void)
{
    if (!w.service.store || world_ms > FORGOT_MS << 20) {
        if (w.service.store)
            doors_end(&w);
        else
            fuzz_at_end(end);
        world_ms = 1;
        doors_begin(&w, &door_submission, 12000, MEMORY);
    }
    fixture_clear(w.service.store);
    world_ms += FORGOT_MS;
    account_register(w.service.store, "ann", "pw");
    account_register(w.service.store, "bob", "pw");
    w.scatter = false;
    w.end = IO_CLOSED;
    w.room = UINT64_MAX;
    w.reason = NULL;
}

/* Whether what was written is nothing but lines with a code, each of at most 512 bytes. */
static bool is_well_formed(void)
{
    struct span out = buf_span(&w.output), line;
    while (span_cut(&out, '\n', &line)) {
        if (line.n < 5 || line.n > 511 || !span_ends(line, SPAN("\r")) ||
            !span_is_decimal(span_first(line, 3)) || !strchr(" -", line.p[3]))
            return false;
        if (span_find(span_first(line, line.n - 1), '\r') < line.n - 1)
            return false;
    }
    return out.n == 0;
}

/* The words have spaces in them: an answer may also repeat a domain. */
static bool says(const char *words)
{
    return memmem(w.output.p, w.output.n, words, strlen(words));
}

static int count(const char *user)
{
    struct who who = {.generation = ""};
    struct mailbox *mb;
    struct mail m;
    uint32_t mark = 0;
    int n = 0;
    snprintf(who.name, sizeof who.name, "%s", user);
    must(mailbox_open(w.service.store, &who, &mb) == ST_OK);
    while (messages_next(mb, &mark, &m) == ST_OK)
        n++;
    mailbox_close(mb);
    return n;
}

/* What is said, with the login written out. */
static struct span said_of(struct span in, struct buf *room)
{
    buf_clear(room);
    for (size_t i = 0; i < in.n; i++)
        if (in.p[i] == '^')
            buf_add_str(room, LOGIN);
        else
            buf_add_char(room, in.p[i]);
    return buf_span(room);
}

void fuzz_one(struct span in)
{
    static const enum io_result ends[] = {IO_CLOSED, IO_TIMEOUT, IO_INTERRUPT};
    unsigned how = fuzz_byte(&in) - '0';
    struct buf room;

    buf_init(&room, SIZE_MAX / 2);
    begin();
    chance.state = fuzz_byte(&in);
    w.scatter = how & 1;
    w.reason = how & 2 ? "the end" : NULL;
    w.end = ends[(how >> 2) % 3];
    w.talk = how & 32 ? &door_lmtp : &door_submission;
    if (how & 16)
        w.room = fuzz_below(&in, 2000);
    bool breaks = w.room != UINT64_MAX;
    struct span said = exact(said_of(in, &room));
    world_run(&w, said);
    must(breaks || is_well_formed());
    must(w.users == 0 && budget_used(&w.budget) == 0 && w.fixture.troubles == 0);
    bool stored = says(" stored as ") || says(" stored for ");
    must(breaks || stored == (count("ann") + count("bob") > 0));
    exact_free(said);
    buf_free(&room);
}
