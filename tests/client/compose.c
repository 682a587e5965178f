/* SPDX-License-Identifier: ISC */
/*
 * compose: writes letters key by key in the client, in a terminal: by the menu and by verbs, to one
 * and to several, new ones and replies, with an editor and without. Meanwhile, at each key and at
 * each step, the client, the server, the connection between them or the editor is ended, the disk
 * becomes full, or a second client wants the draft. Afterwards the letter must have been sent once,
 * or be a draft that can be sent once.
 *
 * Exit code 0: no letter was lost or doubled; 1: one was; 2: the campaign could not be run.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../crash/client.h"
#include "client/peek.h"
#include "client/quote.h"
#include "os/clock.h"
#include "plan.h"
#include "trial.h"

enum { HELD = 0, BROKEN = 1, NOT_RUN = 2 };

struct options {
    const char *programs, *scratch, *preload;
    unsigned rounds; /* 0: one of each kind */
    unsigned only;   /* this event; 0: all */
    bool calls;      /* only system calls */
    uint64_t seed;
};

struct compose {
    struct options options;
    struct trial trial;
    struct plan plan;
    char program[512], client[512], ctl[512], store[512], calls[512], editor[512];
};

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
static bool measure(struct compose *c, enum way way)
{
    struct trial *t = &c->trial;
    struct event nothing = {.when = NEVER};
    struct plan_extent extent = {.waits = way_rows[way].edited ? SCRIPT_WAITS : 0};
    if (!trial_run(t, way, nothing) || t->violations > 0)
        return false;
    extent.steps = t->steps;
    extent.keys = (unsigned)t->script.n;
    extent.copies = (unsigned)t->evidence.nto;
    if (access(STAGE_STRACE, X_OK) == 0) {
        t->count_calls = true;
        if (!trial_run(t, way, nothing))
            return false;
        t->count_calls = false;
        extent.calls = count_lines(c->calls);
    }
    printf("# %s: %u keys, %u steps, %u system calls\n", way_rows[way].name, extent.keys,
           extent.steps, extent.calls);
    plan_add(&c->plan, way, &extent, c->options.calls);
    return true;
}

static int run_rounds(struct compose *c)
{
    const struct options *o = &c->options;
    unsigned rounds = o->rounds > 0 ? o->rounds : c->plan.nkinds;
    for (unsigned i = 0; i < rounds && c->trial.violations == 0; i++) {
        unsigned which = o->only > 0 ? (o->only - 1) % c->plan.nevents
                                     : plan_choose(&c->plan, i, rounds, o->seed);
        if (!trial_run(&c->trial, c->plan.events[which].way, c->plan.events[which].event))
            return NOT_RUN;
        if (c->trial.violations > 0)
            printf("# again: --only %u --seed %llu\n", which + 1, (unsigned long long)o->seed);
    }
    return HELD;
}

/* --- the whole --- */

/* Makes a request as a user, or without one: what = OP_REGISTER. */
static bool ask(struct compose *c, const char *user, enum opcode what, const char *one,
                const char *two)
{
    const struct span login[] = {span_str(user), span_str("secret")};
    const struct span args[] = {span_str(one), span_str(two)};
    struct client_wire wire;
    struct link link;
    if (!client_dial(&c->trial.world.server, &wire, &link, NULL))
        return false;
    bool ok = link_start(&link) == REPLY_OK &&
              (what == OP_REGISTER || link_ask(&link, OP_LOGIN, login, 2) == REPLY_OK) &&
              link_ask(&link, what, args, 2) == REPLY_OK;
    client_hang_up(&wire, &link);
    return ok;
}

/* Gets what an answer to ann's only message begins with: a quotation and a blank line. */
static bool get_quotation(struct compose *c)
{
    const struct span login[] = {span_str("ann"), span_str("secret")};
    struct buf *text = &c->trial.quotation;
    struct client_wire wire;
    struct link link;
    struct message m;
    buf_init(text, SIZE_MAX / 2);
    if (!client_dial(&c->trial.world.server, &wire, &link, NULL))
        return false;
    bool ok = link_start(&link) == REPLY_OK && link_ask(&link, OP_LOGIN, login, 2) == REPLY_OK &&
              peek_message(&link, 1, false, &m) == REPLY_OK;
    if (ok)
        quote_reply(text, &m);
    client_hang_up(&wire, &link);
    return ok && buf_add_char(text, '\n');
}

/* The message to carol is one more than she may have later. */
static bool set_up_mailboxes(struct compose *c)
{
    static const char *const users[] = {"ann", "bob", "carol", "dan"};
    for (size_t i = 0; i < sizeof users / sizeof users[0]; i++)
        if (!ask(c, "", OP_REGISTER, users[i], "secret"))
            return false;
    return ask(c, "bob", OP_SEND, "carol", "the first") &&
           ask(c, "bob", OP_SEND, "ann", "Subject: a question\n\nHow?\n") && get_quotation(c) &&
           evidence_init(&c->trial.evidence, &c->trial.world.server);
}

/* The client finds nothing of who runs the campaign. */
static void set_environment(const char *scratch)
{
    static const char *const ours[] = {"HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME",
                                       "XDG_DATA_HOME"};
    static const char *const others[] = {
        "POCHTA_SERVER", "POCHTA_USER", "POCHTA_PASSWORD", "POCHTA_PROXY_COMMAND", "POCHTA_UDP",
        "POCHTA_EDITOR", "PAGER"};
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
    struct stage_world *w = &c->trial.world;
    c->options = *o;
    c->trial.chance = o->seed;
    snprintf(c->program, sizeof c->program, "%s/pochtad", o->programs);
    snprintf(c->client, sizeof c->client, "%s/pochta", o->programs);
    snprintf(c->ctl, sizeof c->ctl, "%s/pochtactl", o->programs);
    snprintf(c->store, sizeof c->store, "%s/store", o->scratch);
    snprintf(c->calls, sizeof c->calls, "%s/calls", o->scratch);
    snprintf(c->editor, sizeof c->editor, "%s/editor", o->scratch);
    set_environment(o->scratch);
    setenv("EDITOR_PID", c->editor, 1);
    server_init(&w->server, c->program, c->store, o->scratch);
    w->client = c->client;
    w->ctl = c->ctl;
    w->calls = c->calls;
    w->editor = c->editor;
    w->preload = o->preload;
    buf_init(&c->trial.story, 4096);
    return relay_init(&w->relay, &w->server) && stage_start_server(w) && set_up_mailboxes(c);
}

static int run(const struct options *o)
{
    static struct compose c;
    int result = NOT_RUN;
    bool ok = set_up(&c, o);
    if (!ok)
        puts("# the campaign cannot begin");
    for (unsigned way = 0; way < WAYS_TO_WRITE && ok; way++)
        ok = measure(&c, (enum way)way);
    if (ok)
        result = run_rounds(&c);
    if (c.trial.violations > 0)
        result = BROKEN;
    server_kill(&c.trial.world.server);
    printf(
        "# compose: %u letters, %u sent, drafts sent %u times, %u events of %u kinds, seed %llu, "
        "%u violations\n",
        c.trial.letters, c.trial.sent, c.trial.resumed, c.plan.nevents, c.plan.nkinds,
        (unsigned long long)o->seed, c.trial.violations);
    trial_free(&c.trial);
    return result;
}

int main(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"programs", required_argument, NULL, 'p'}, {"scratch", required_argument, NULL, 'x'},
        {"preload", required_argument, NULL, 'l'},  {"rounds", required_argument, NULL, 'r'},
        {"only", required_argument, NULL, 'o'},     {"calls", no_argument, NULL, 'c'},
        {"seed", required_argument, NULL, 'e'},     {NULL, 0, NULL, 0}};
    struct options o = {.seed = (uint64_t)os_clock_ms()};
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
