/* SPDX-License-Identifier: ISC */
/*
 * compose: letters are written key by key in the client, in a terminal, while the client, the
 * server and the connection between them meet their end at each key and at each step. Afterwards
 * the letter was sent once, or is a draft, and that can be sent once.
 *
 * Exit code 0: no letter was lost or doubled; 1: one was; 2: the campaign could not be run.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../crash/client.h"
#include "../crash/request.h"
#include "client/draft.h"
#include "evidence.h"
#include "os/clock.h"
#include "stage.h"

enum { HELD = 0, BROKEN = 1, NOT_RUN = 2, STAGES = 3, EVENTS_MAX = 8192, KINDS_MAX = 48 };

struct options {
    const char *programs, *scratch, *preload;
    unsigned rounds, only; /* only: this event; 0: all */
    bool calls;            /* only system calls */
    uint64_t seed;
};

struct compose {
    struct options options;
    struct stage_world world;
    struct evidence evidence;
    struct script script;
    char program[512], client[512], ctl[512], store[512], calls[512];
    uint64_t chance;
    unsigned run, violations, sent, resumed;
    struct stage stage; /* the last one */
    enum stage_way way; /* of the events that are added */
    bool count_calls;   /* of the next one */
    struct buf story;   /* what happened in this run */
    struct {
        enum stage_way way;
        struct stage_event event;
    } events[EVENTS_MAX]; /* to try */
    unsigned nevents;
    unsigned kinds[KINDS_MAX]; /* where those of each kind begin */
    unsigned nkinds;
};

static void violation(struct compose *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void violation(struct compose *c, const char *format, ...)
{
    char text[300];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    c->violations++;
    printf("# violation: letter %u: %s; %.*s\n", c->run, text, SPAN_PRINTF(buf_span(&c->story)));
    printf("# what there is: %.*s\n", SPAN_PRINTF(buf_span(&c->evidence.text)));
}

/* --- one letter --- */

/* Uses the client once. */
static bool run_stage(struct compose *c, enum stage_way way, struct stage_event event)
{
    c->stage = (struct stage){.way = way,
                              .event = event,
                              .script = &c->script,
                              .number = c->evidence.number,
                              .count_calls = c->count_calls,
                              .certain = c->stage.certain};
    if (c->story.n > 0)
        buf_add_str(&c->story, "; then ");
    stage_describe(&c->story, &c->stage);
    return stage_run(&c->world, &c->stage) && evidence_look(&c->evidence);
}

static void judge(struct compose *c)
{
    const struct evidence *e = &c->evidence;
    const struct stage *s = &c->stage;
    bool there = e->copies > 0 || e->drafts > 0;
    if (s->wrong)
        violation(c, "%s", s->wrong);
    if (e->copies > 1)
        violation(c, "it was sent %u times", e->copies);
    if (e->strange > 0)
        violation(c, "there are other messages");
    if (e->drafts > 1 || e->damaged > 0)
        violation(c, "%u drafts, %u damaged", e->drafts, e->damaged);
    if (s->said_sent && (e->copies != 1 || e->drafts > 0))
        violation(c, "the client says it was sent: sent %u times, %u drafts", e->copies, e->drafts);
    if (!there && s->certain > 0)
        violation(c, "it is lost, %zu bytes of it had been typed", s->certain);
    if (there && !script_is_part(&c->script, buf_span(&e->text), s->certain))
        violation(c, "it is not what was typed, or less than %zu bytes of it", s->certain);
}

/* What happens while a draft is sent: mostly something, at last nothing. */
static struct stage_event next_event(struct compose *c, unsigned stage)
{
    static const enum stage_what whats[] = {CLIENT_KILLED, SERVER_KILLED, USER_KICKED,
                                            CONNECTION_CUT};
    struct stage_event event = {.when = NEVER};
    if (stage + 1 < STAGES && request_chance(&c->chance) % 2) {
        event.when = AT_STEP;
        event.at = 1 + (unsigned)(request_chance(&c->chance) % 24);
        event.what = whats[request_chance(&c->chance) % 4];
    }
    return event;
}

/* Writes a letter and sees to it that it is sent. False: the campaign cannot go on. */
static bool try_letter(struct compose *c, enum stage_way way, struct stage_event event)
{
    c->run++;
    buf_clear(&c->story);
    script_free(&c->script);
    script_make(&c->script, c->run, way == WRITE_IN_MENU);
    evidence_of(&c->evidence, &c->script);
    c->stage.certain = 0;
    if (!run_stage(c, way, event))
        return false;
    judge(c);
    if (c->stage.said_sent && !script_is_whole(&c->script, buf_span(&c->evidence.text)))
        violation(c, "a part of it was sent");
    bool kept = c->evidence.drafts > 0 && c->evidence.text.n > 1; /* an empty line is nothing */
    for (unsigned i = 0; i < STAGES && c->evidence.drafts > 0 && c->violations == 0; i++) {
        enum stage_way again = (c->run + i) % 2 ? SEND_BY_VERB : SEND_IN_MENU;
        c->resumed++;
        if (!run_stage(c, again, next_event(c, i)))
            return false;
        judge(c);
    }
    c->sent += c->evidence.copies;
    if (kept && (c->evidence.copies != 1 || c->evidence.drafts > 0))
        violation(c, "the draft was sent: sent %u times, %u drafts", c->evidence.copies,
                  c->evidence.drafts);
    return true;
}

/* --- what is tried --- */

/* One kind: an event at every position from first to last, or not at all of them. */
static void add_events(struct compose *c, struct stage_event event, unsigned last, unsigned apart)
{
    if (event.at <= last)
        c->kinds[c->nkinds++] = c->nevents;
    for (; event.at <= last && c->nevents < EVENTS_MAX; event.at += apart) {
        c->events[c->nevents].way = c->way;
        c->events[c->nevents++].event = event;
    }
}

/* What comes by when the letter itself is sent, and is answered. */
#define SENDING_STEPS 6

static void add_all_events(struct compose *c, unsigned steps, unsigned calls)
{
    static const enum stage_what whats[] = {CLIENT_KILLED, SERVER_KILLED, USER_KICKED,
                                            CONNECTION_CUT, SERVER_AWAY};
    unsigned keys = (unsigned)c->script.n;
    add_events(c, (struct stage_event){AT_CALL, 1, CLIENT_KILLED}, calls, 1);
    if (c->options.calls)
        return;
    add_events(c, (struct stage_event){AT_KEY, 1, CLIENT_KILLED}, keys, 1);
    add_events(c, (struct stage_event){AT_ONCE, 1, CLIENT_KILLED}, keys, 1);
    add_events(c, (struct stage_event){AT_KEY, 1, TERMINAL_CLOSED}, keys, 2);
    add_events(c, (struct stage_event){AT_KEY, 1, INTERRUPTED}, keys, 3);
    add_events(c, (struct stage_event){AT_KEY, 1, SERVER_KILLED}, keys, 7);
    add_events(c, (struct stage_event){AT_KEY, 1, USER_KICKED}, keys, 7);
    for (size_t i = 0; i < sizeof whats / sizeof whats[0]; i++) {
        unsigned apart = whats[i] == SERVER_AWAY ? 3 : 1;
        add_events(c, (struct stage_event){AT_STEP, 1, whats[i]}, steps - SENDING_STEPS, apart);
        add_events(c, (struct stage_event){AT_STEP, steps - SENDING_STEPS + 1, whats[i]}, steps,
                   apart);
    }
}

static unsigned count_lines(const char *path)
{
    unsigned n = 0;
    int c;
    FILE *f = fopen(path, "r");
    while (f && (c = getc(f)) != EOF)
        n += c == '\n';
    if (f)
        fclose(f);
    return n;
}

/* Writes a letter to which nothing happens: how many steps and system calls does it take? */
static bool measure(struct compose *c, enum stage_way way)
{
    unsigned calls = 0;
    if (!try_letter(c, way, (struct stage_event){.when = NEVER}) || c->violations > 0)
        return false;
    unsigned steps = c->world.relay.step;
    if (access(STAGE_STRACE, X_OK) == 0) {
        c->count_calls = true;
        if (!try_letter(c, way, (struct stage_event){.when = NEVER}))
            return false;
        c->count_calls = false;
        calls = count_lines(c->calls);
    }
    printf("# %s: %zu keys, %u steps, %u system calls\n",
           way == WRITE_IN_MENU ? "menu" : "pochta send", c->script.n, steps, calls);
    c->way = way;
    add_all_events(c, steps, calls);
    return true;
}

/* With fewer rounds than events: as many of each kind, and of a kind those that lie evenly. */
static unsigned which_event(const struct compose *c, unsigned round)
{
    if (c->options.only > 0)
        return (c->options.only - 1) % c->nevents;
    if (c->options.rounds >= c->nevents)
        return round % c->nevents;
    unsigned kind = round % c->nkinds, first = c->kinds[kind];
    unsigned n = (kind + 1 < c->nkinds ? c->kinds[kind + 1] : c->nevents) - first;
    unsigned of_kind = (c->options.rounds + c->nkinds - 1) / c->nkinds;
    return first + ((round / c->nkinds * n + (unsigned)(c->options.seed % n)) / of_kind) % n;
}

static int run_rounds(struct compose *c)
{
    for (unsigned i = 0; i < c->options.rounds && c->violations == 0; i++) {
        unsigned which = which_event(c, i);
        if (!try_letter(c, c->events[which].way, c->events[which].event))
            return NOT_RUN;
        if (c->violations > 0)
            printf("# again: --only %u --seed %llu\n", which + 1,
                   (unsigned long long)c->options.seed);
    }
    return HELD;
}

/* --- the whole --- */

static bool register_user(struct compose *c, const char *name)
{
    const struct span args[] = {span_str(name), span_str("secret")};
    struct client_wire wire;
    struct link link;
    if (!client_dial(&c->world.server, &wire, &link, NULL))
        return false;
    bool ok = link_start(&link) == REPLY_OK && link_ask(&link, OP_REGISTER, args, 2) == REPLY_OK;
    client_hang_up(&wire, &link);
    return ok;
}

/* The client finds nothing of who runs the campaign. */
static void set_environment(const char *scratch)
{
    static const char *const ours[] = {"HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME",
                                       "XDG_DATA_HOME"};
    static const char *const others[] = {"POCHTA_SERVER",        "POCHTA_USER", "POCHTA_PASSWORD",
                                         "POCHTA_PROXY_COMMAND", "POCHTA_UDP",  "PAGER"};
    char path[600];
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", scratch, ours[i]);
        mkdir(path, 0700);
        setenv(ours[i], path, 1);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        unsetenv(others[i]);
    setenv("TERM", "xterm", 1);
    setenv("LC_ALL", "C.UTF-8", 1); /* the person understands English */
}

static bool set_up(struct compose *c, const struct options *o)
{
    c->options = *o;
    c->chance = o->seed;
    snprintf(c->program, sizeof c->program, "%s/pochtad", o->programs);
    snprintf(c->client, sizeof c->client, "%s/pochta", o->programs);
    snprintf(c->ctl, sizeof c->ctl, "%s/pochtactl", o->programs);
    snprintf(c->store, sizeof c->store, "%s/store", o->scratch);
    snprintf(c->calls, sizeof c->calls, "%s/calls", o->scratch);
    set_environment(o->scratch);
    server_init(&c->world.server, c->program, c->store, o->scratch);
    c->world.client = c->client;
    c->world.ctl = c->ctl;
    c->world.calls = c->calls;
    c->world.preload = o->preload;
    evidence_init(&c->evidence, &c->world.server);
    buf_init(&c->story, 4096);
    return relay_init(&c->world.relay, &c->world.server) && stage_start_server(&c->world) &&
           register_user(c, "ann") && register_user(c, "bob");
}

static int run(const struct options *o)
{
    static struct compose c;
    int result = NOT_RUN;
    if (!set_up(&c, o))
        puts("# the campaign cannot begin");
    else if (measure(&c, WRITE_IN_MENU) && measure(&c, WRITE_BY_VERB))
        result = run_rounds(&c);
    if (c.violations > 0)
        result = BROKEN;
    server_kill(&c.world.server);
    printf("# compose: %u letters, %u sent, drafts sent %u times, %u events, seed %llu, "
           "%u violations\n",
           c.run, c.sent, c.resumed, c.nevents, (unsigned long long)o->seed, c.violations);
    evidence_free(&c.evidence);
    script_free(&c.script);
    buf_free(&c.story);
    return result;
}

int main(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"programs", required_argument, NULL, 'p'}, {"scratch", required_argument, NULL, 'x'},
        {"preload", required_argument, NULL, 'l'},  {"rounds", required_argument, NULL, 'r'},
        {"only", required_argument, NULL, 'o'},     {"calls", no_argument, NULL, 'c'},
        {"seed", required_argument, NULL, 'e'},     {NULL, 0, NULL, 0}};
    struct options o = {.rounds = 100, .seed = (uint64_t)os_clock_ms()};
    int c;
    while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (c) {
        case 'p':
            o.programs = optarg;
            break;
        case 'x':
            o.scratch = optarg;
            break;
        case 'l':
            o.preload = optarg;
            break;
        case 'r':
            o.rounds = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'o':
            o.only = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'c':
            o.calls = true;
            break;
        case 'e':
            o.seed = strtoull(optarg, NULL, 10);
            break;
        default:
            o.programs = NULL;
        }
    }
    if (!o.programs || !o.scratch) {
        fputs(
            "usage: compose --programs DIR --scratch DIR [--preload FILE] [--rounds N] [--seed N] "
            "[--only EVENT] [--calls]\n",
            stderr);
        return NOT_RUN;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    return run(&o);
}
