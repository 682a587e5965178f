/* SPDX-License-Identifier: ISC */
#include "person.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk.h"
#include "ledger.h"
#include "machine.h"
#include "proto/escape.h"
#include "proto/frame.h"
#include "session/session.h"
#include "talk.h"

struct person_counts person_counts;

static struct talk talks[TALKS];

static const struct dialect length_2 = {.form = FORM_LENGTH, .version = 2};

/* --- the connection, as the session sees it --- */

#define TALK_OF(member_pointer, member) \
    ((struct talk *)(void *)((char *)(member_pointer)-offsetof(struct talk, member)))

/* Takes the frames that have arrived. */
static void hear(struct talk *t)
{
    struct frame_scan scan = {.skipped = 0};
    while (!t->gone && frame_scan(buf_span(&t->in), FORM_LENGTH, SIZE_MAX, &scan) == FRAME_DONE) {
        struct span payload = scan.payload, op;
        uint64_t nargs;
        if (!frame_head(&payload, &op, &nargs))
            machine_violated("an answer that is no frame");
        if (span_eq(op, SPAN("Mail"))) {
            answer_mail(t, payload);
        } else if (span_eq(op, SPAN("Exit"))) {
            t->over = true;
        } else if (!t->waits) {
            machine_violated("an answer that nobody has asked for");
        } else {
            t->waits = false;
            person_counts.answered++;
            answer_take(t, payload, nargs);
        }
        buf_consume(&t->in, scan.total);
        scan = (struct frame_scan){.skipped = 0};
    }
}

/* The time at which a person has finished thinking, now and then after hours. */
static int64_t think(void)
{
    if (machine_choose(2000) == 0)
        return machine.now_us + INT64_C(1500) * 1000000;
    return machine.now_us + (machine_choose(4) ? machine_choose(1000) : machine_choose(400000));
}

/* Gives the session some bytes of a request. */
static enum io_result pass_on(struct talk *t, void *bytes, size_t size, size_t *n)
{
    *n = t->out.n < size ? t->out.n : size;
    if (machine_choose(20) == 0)
        *n = 1 + machine_choose((uint32_t)*n);
    memcpy(bytes, t->out.p, *n);
    buf_consume(&t->out, *n);
    if (t->vanishes && t->out.n == 0)
        t->gone = true;
    return IO_OK;
}

static enum io_result talk_read(struct io *io, void *bytes, size_t size, int64_t deadline_ms,
                                size_t *n)
{
    struct talk *t = TALK_OF(io, io);
    machine_step("talk_read");
    hear(t);
    if (t->waits && t->out.n == 0 && !t->gone && !t->over && !t->reason)
        machine_violated("a request without an answer: %s", t->what);
    while (t->out.n == 0) {
        if (t->woken) {
            t->woken = false;
            return IO_INTERRUPT;
        }
        if (t->gone || t->over || t->done)
            return IO_CLOSED;
        if (machine.now_us >= t->next_us) {
            ask_next(t);
            t->next_us = think();
            continue;
        }
        int64_t deadline_us = deadline_ms == IO_FOREVER ? INT64_MAX : deadline_ms * 1000;
        if (deadline_us <= machine.now_us)
            return IO_TIMEOUT;
        machine_wait(t, t->next_us < deadline_us ? t->next_us : deadline_us);
    }
    return pass_on(t, bytes, size, n);
}

static enum io_result talk_write(struct io *io, const void *bytes, size_t size, int64_t deadline_ms)
{
    struct talk *t = TALK_OF(io, io);
    (void)deadline_ms;
    machine_step("talk_write");
    if (t->gone)
        return IO_CLOSED;
    buf_add(&t->in, span_of(bytes, size));
    hear(t);
    return IO_OK;
}

static const char *end_reason(struct session_host *host)
{
    return TALK_OF(host, host)->reason;
}

static const char *address(struct session_host *host)
{
    (void)host;
    return "192.0.2.1";
}

static void heard(struct session_host *host, int64_t ms)
{
    (void)host, (void)ms;
}

static void pause_for(struct session_host *host, int64_t ms)
{
    (void)host;
    machine_sleep(ms * 1000);
}

static void wake_talk(struct session_host *host)
{
    struct talk *t = TALK_OF(host, host);
    t->woken = true;
    machine_wake(t);
}

static void set_watching(struct session_host *host, bool watching)
{
    (void)host, (void)watching;
}

static void set_user(struct session_host *host, const struct who *who)
{
    struct talk *t = TALK_OF(host, host);
    t->who = who ? *who : (struct who){.name = ""};
}

static void end_talk(struct talk *t, const char *reason)
{
    t->reason = reason;
    wake_talk(&t->host);
}

/* cppcheck-suppress constParameter ; the type of a host's function */
static void end_others(struct session_host *host, const struct who *who, const char *reason)
{
    for (struct talk *t = talks; t < talks + TALKS; t++)
        if (t->house && &t->host != host && strcmp(t->who.name, who->name) == 0 &&
            strcmp(t->who.generation, who->generation) == 0)
            end_talk(t, reason);
}

static void tell(struct session_host *host, struct event *e)
{
    (void)host, (void)e;
}

/* --- conversations --- */

static struct talk *new_talk(struct house *h, unsigned user)
{
    struct talk *t = talks;
    while (t < talks + TALKS && t->house)
        t++;
    if (t == talks + TALKS)
        machine_violated("more than %d conversations", TALKS);
    *t = (struct talk){
        .house = h,
        .user = user,
        .io = {talk_read, talk_write},
        .host = {.end_reason = end_reason,
                 .address = address,
                 .heard = heard,
                 .pause = pause_for,
                 .wake = wake_talk,
                 .set_watching = set_watching,
                 .set_user = set_user,
                 .end_others = end_others,
                 .tell = tell},
        .dialect = length_2,
    };
    buf_init(&t->out, SIZE_MAX / 2);
    buf_init(&t->in, SIZE_MAX / 2);
    return t;
}

static void end_conversation(struct talk *t)
{
    answer_none(t);
    buf_free(&t->out);
    buf_free(&t->in);
    t->house = NULL;
}

/* Whether all that was to be asked was asked: the conversation was not broken off. */
static bool talk_once(struct house *h, unsigned user, const struct talk *twin)
{
    struct talk *t = new_talk(h, user);
    if (twin)
        ask_again_beside(t, twin);
    h->sessions++;
    session_run(h->service, &t->io, &t->host);
    h->sessions--;
    hear(t);
    /* If a tool sleeps while it holds a mailbox's lock, a long answer breaks off in the middle. */
    if (!t->over && !t->gone && !t->done && house_is_strict(h) && machine.naps == 0)
        machine_violated("a session ended without Exit: %s, after \"%s\"",
                         t->reason ? t->reason : "for no reason", t->what);
    bool done = t->done;
    end_conversation(t);
    return done;
}

static void run_twin(void *ctx)
{
    const struct talk *t = ctx;
    if (t->house && !t->house->closing)
        talk_once(t->house, t->user, t);
}

void person_repeat_beside(struct talk *t)
{
    machine_start(machine_current(), run_twin, t);
}

void person_live(struct house *h, unsigned user)
{
    bool done;
    do {
        done = talk_once(h, user, NULL);
        machine_sleep(machine_choose(200000));
    } while (!h->closing && !(h->audit && done));
}

void person_end_all(const struct house *h)
{
    for (struct talk *t = talks; t < talks + TALKS; t++)
        if (t->house == h)
            end_talk(t, "the server is shutting down");
}

void person_forget_sessions(void)
{
    for (struct talk *t = talks; t < talks + TALKS; t++)
        if (t->house)
            end_conversation(t);
}
