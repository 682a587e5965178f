/* SPDX-License-Identifier: ISC */
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "os/clock.h"

#define ANSWERS_MAX 60 /* a client that asks for more goes round in circles */
#define CROSSED_MS  10000
#define TAIL_BYTES  600

bool stage_start_server(struct stage_world *w)
{
    if (w->preload)
        setenv("LD_PRELOAD", w->preload, 1);
    bool ok = w->server.pid > 0 || server_start(&w->server);
    unsetenv("LD_PRELOAD");
    w->relay.away = false;
    return ok;
}

/* --- what happens --- */

static void kick(struct stage_world *w)
{
    const char *const words[] = {w->ctl, "--store", w->server.store, "kick", "ann", NULL};
    pid_t pid = server_run_beside(&w->server, words);
    if (pid > 0)
        server_wait(pid); /* that the user is not there is no fault */
}

/* False: connections are to be cut. */
static bool happen(void *of)
{
    struct stage *s = of;
    struct stage_world *w = s->world;
    s->happened = true;
    switch (s->event.what) {
    case CLIENT_KILLED:
        person_kill(&s->person);
        return false;
    case TERMINAL_CLOSED:
        person_hang_up(&s->person);
        return false;
    case INTERRUPTED:
        person_type(&s->person, "\003", 1);
        return true;
    case USER_KICKED:
        kick(w);
        return true;
    case CONNECTION_CUT:
        return false;
    case SERVER_AWAY:
        w->relay.away = true;
        break;
    case SERVER_KILLED:
        break;
    }
    server_kill(&w->server);
    if (!w->relay.away && !stage_start_server(w))
        s->wrong = "the server does not start";
    return false;
}

static void happen_at_key(struct stage *s, enum stage_when when, unsigned key)
{
    if (s->event.when == when && s->event.at == key && !s->happened && !happen(s))
        relay_cut(&s->world->relay);
}

/* --- the person --- */

static void type(struct stage *s, const char *text)
{
    person_type(&s->person, text, strlen(text));
}

/*
 * Waits until a key is on the screen: the client has taken those before it. What follows Ctrl-D is
 * waited for elsewhere.
 */
static bool wait_for_echo(struct stage *s, const struct script_key *k, bool last)
{
    struct person *p = &s->person;
    const char *shown = k->bytes[0] == '\r' ? "\n" : k->bytes;
    size_t end;
    if (k->bytes[0] == '\004')
        return true;
    while ((end = person_find(p, shown, k->n)) == 0)
        if (!person_wait(p, PERSON_STUCK_MS))
            return false;
    p->read = last ? end : p->seen.n;
    return true;
}

/* Notes what must not be lost once key i was shown. */
static void be_certain(struct stage *s, unsigned i)
{
    const struct script_key *k = &s->script->keys[i];
    bool told = s->event.what == TERMINAL_CLOSED || s->event.what == INTERRUPTED;
    bool dot = i + 2 >= s->script->n;
    if (s->happened) /* what the client says of it may look like an echo */
        return;
    if (s->event.when == AT_KEY && s->event.at == i + 1 && told && !dot)
        s->certain = k->bytes[0] == '\r' ? k->lines : k->typed; /* the unfinished line, too */
    else if (i > 0)
        s->certain = k[-1].lines;
}

/* The client takes keys one by one once it has asked. What comes before the terminal shows. */
static bool wait_for_raw_mode(struct stage *s)
{
    while (!person_is_raw(&s->person))
        if (!person_wait(&s->person, 1))
            return false;
    return true;
}

static void write_letter(struct stage *s)
{
    const struct script *letter = s->script;
    if (!wait_for_raw_mode(s))
        return;
    for (unsigned i = 0; i < letter->n; i++) {
        const struct script_key *k = &letter->keys[i];
        person_type(&s->person, k->bytes, k->n);
        happen_at_key(s, AT_ONCE, i + 1);
        if (!wait_for_echo(s, k, i + 1 == letter->n))
            return;
        be_certain(s, i);
        happen_at_key(s, AT_KEY, i + 1);
        if (s->person.pid <= 0 || (s->happened && s->event.what == INTERRUPTED))
            return;
    }
}

enum act { TYPE, OPTION, SIGNED_IN, WRITE, SENT, NUMBER, AGAIN, CONNECT };

/* What the client asks, and how it is answered. The longer of two that end alike comes first. */
static const struct prompt {
    const char *text;
    enum act act;
    const char *keys;
} prompts[] = {
    {"Enter your option:", OPTION, NULL},
    {"sign in. Enter the <username>:", TYPE, "ann\r"},
    {"Enter the <password>:", TYPE, "secret\r"},
    {"signed in successfully. Press any key.", SIGNED_IN, " "},
    {"send a message. Enter the <username>:", TYPE, "bob\r"},
    {"single dot ends it:\n", WRITE, NULL},
    {"Message sent successfully. Press any key.", SENT, " "},
    {"Press any key.", TYPE, " "},
    {"t - try again,", AGAIN, "t\r"},
    {"Enter the number of a draft", NUMBER, NULL},
    {"s - send it,", TYPE, "s\r"},
    {"Connect again? (y/n):", CONNECT, "y\r"},
};

#define PROMPTS (sizeof prompts / sizeof prompts[0])

/*
 * The last prompt that was not answered yet, or NULL: those before it are not waiting any more. Of
 * two that end alike it is the longer one.
 */
static const struct prompt *next_prompt(struct stage *s)
{
    const struct prompt *last = NULL;
    size_t last_end = 0;
    for (size_t i = 0; i < PROMPTS; i++) {
        size_t n = strlen(prompts[i].text);
        size_t end = person_find_last(&s->person, prompts[i].text, n);
        if (end > last_end || (last && end == last_end && n > strlen(last->text))) {
            last_end = end;
            last = &prompts[i];
        }
    }
    if (last)
        s->person.read = last_end;
    return last;
}

static void choose_item(struct stage *s)
{
    if (!s->signed_in && !s->chosen) {
        type(s, "4\r");
    } else if (s->chosen) {
        type(s, "\004");
    } else {
        s->chosen = true;
        type(s, s->way == WRITE_IN_MENU ? "1\r" : "18\r");
    }
}

static void answer(struct stage *s, const struct prompt *p)
{
    char number[16];
    switch (p->act) {
    case OPTION:
        choose_item(s);
        return;
    case WRITE:
        write_letter(s);
        return;
    case NUMBER:
        snprintf(number, sizeof number, "%u\r", s->number);
        type(s, number);
        return;
    case SIGNED_IN:
        s->signed_in = true;
        break;
    case SENT:
        s->said_sent = true;
        break;
    case CONNECT:
        s->signed_in = false;
        __attribute__((fallthrough));
    case AGAIN:
        if (!stage_start_server(s->world))
            s->wrong = "the server does not start";
        break;
    case TYPE:
        break;
    }
    type(s, p->keys);
}

/* --- the whole --- */

static bool start_client(struct stage *s)
{
    const struct stage_world *w = s->world;
    char server[64], number[16], inject[sizeof STAGE_CALLS + 64];
    const char *words[20];
    size_t n = 0;
    snprintf(server, sizeof server, "--server=127.0.0.1:%u", w->relay.port);
    snprintf(number, sizeof number, "%u", s->number);
    snprintf(inject, sizeof inject, "inject=" STAGE_CALLS ":signal=KILL:when=%u", s->event.at);
    if (s->event.when == AT_CALL || s->count_calls) {
        const char *const strace[] = {STAGE_STRACE, "-fqq", "-o", w->calls, "-e"};
        for (size_t i = 0; i < sizeof strace / sizeof strace[0]; i++)
            words[n++] = strace[i];
        words[n++] = s->count_calls ? "trace=" STAGE_CALLS : inject;
    }
    words[n++] = w->client;
    if (s->way != SEND_BY_VERB)
        words[n++] = server;
    if (s->way == WRITE_BY_VERB || s->way == SEND_BY_VERB) {
        setenv("POCHTA_PASSWORD", "secret", 1);
        words[n++] = "--user=ann";
        words[n++] = s->way == WRITE_BY_VERB ? "send" : "drafts";
        words[n++] = s->way == WRITE_BY_VERB ? "bob" : "send";
        if (s->way == SEND_BY_VERB)
            words[n++] = number;
    }
    words[n] = NULL;
    bool ok = person_start(&s->person, &s->world->relay, words);
    unsetenv("POCHTA_PASSWORD");
    return ok;
}

static void show_screen(const struct person *p)
{
    struct span all = buf_span(&p->seen);
    if (all.n > TAIL_BYTES)
        all = span_skip(all, all.n - TAIL_BYTES);
    for (struct span line; span_cut(&all, '\n', &line);)
        printf("# | %.*s\n", SPAN_PRINTF(line));
    printf("# | %.*s\n", SPAN_PRINTF(all));
}

/* An answer that crossed a message about the connection may wait for its end. */
static void wait_or_press_enter(struct stage *s)
{
    struct person *p = &s->person;
    uint64_t before = p->bytes;
    int64_t until_ms = os_clock_ms() + CROSSED_MS;
    while (person_wait(p, s->happened ? CROSSED_MS : PERSON_STUCK_MS) && p->bytes == before)
        if (s->happened && os_clock_ms() >= until_ms) {
            s->answers++;
            type(s, "\r");
            return;
        }
}

bool stage_run(struct stage_world *w, struct stage *s)
{
    struct person *p = &s->person;
    s->world = w;
    w->relay.step = 0;
    w->relay.stop_at = s->event.when == AT_STEP ? s->event.at : 0;
    w->relay.at_step = happen;
    w->relay.of = s;
    if (!start_client(s)) {
        puts("# the client cannot be started in a terminal");
        return false;
    }
    while (p->pid > 0 && !p->stuck && s->answers < ANSWERS_MAX) {
        const struct prompt *prompt = next_prompt(s);
        if (prompt) {
            s->answers++;
            answer(s, prompt);
        } else {
            wait_or_press_enter(s);
        }
    }
    if (p->stuck)
        s->wrong = "the client is stuck";
    else if (s->answers == ANSWERS_MAX)
        s->wrong = "the client asks the same again and again";
    if (s->wrong)
        show_screen(p);
    bool verb = s->way == WRITE_BY_VERB || s->way == SEND_BY_VERB;
    if (verb && WIFEXITED(p->status) && WEXITSTATUS(p->status) == 0)
        s->said_sent = true;
    person_free(p);
    relay_cut(&w->relay);
    w->relay.stop_at = 0;
    return stage_start_server(w);
}

void stage_describe(struct buf *out, const struct stage *s)
{
    static const char *const ways[] = {"write in the menu", "pochta send", "Drafts in the menu",
                                       "pochta drafts send"};
    static const char *const whens[] = {"nothing", "at key", "right after key", "at step",
                                        "at system call"};
    static const char *const whats[] = {"client killed", "terminal closed", "Ctrl-C",
                                        "server killed", "user kicked",     "connection cut",
                                        "server away"};
    buf_printf(out, "%s, %s", ways[s->way],
               s->event.when == NEVER ? whens[NEVER] : whats[s->event.what]);
    if (s->event.when != NEVER)
        buf_printf(out, " %s %u", whens[s->event.when], s->event.at);
}
