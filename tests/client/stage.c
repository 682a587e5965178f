/* SPDX-License-Identifier: ISC */
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "os/clock.h"
#include "writing.h"

#define ANSWERS_MAX 60 /* a client that asks for more goes round in circles */
#define TAIL_BYTES  600
#define PAUSE_MS    40

bool stage_start_server(struct stage_world *w)
{
    if (w->preload)
        setenv("LD_PRELOAD", w->preload, 1);
    bool ok = w->server.pid > 0 || server_start(&w->server);
    unsetenv("LD_PRELOAD");
    w->relay.away = false;
    return ok;
}

/* --- the person --- */

static void type(struct stage *s, const char *text)
{
    person_type(&s->person, text, strlen(text));
}

enum act { TYPE, OPTION, SIGNED_IN, WRITE, EDIT, SENT, NUMBER, AGAIN, CONNECT };

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
    {"to reply to a message. Enter the <message ID>:", TYPE, "1\r"},
    {"single dot ends it:\n", WRITE, NULL},
    {WRITING_EDITOR_WAITS, EDIT, NULL},
    {"Message sent successfully. Press any key.", SENT, " "},
    {"Press any key.", TYPE, " "},
    {"s - send it again,", AGAIN, "s\r"},
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

/* What follows at once on keys that came at once counts as pasted, which answers no question. */
static void pause_typing(struct stage *s)
{
    int64_t until_ms = os_clock_ms() + PAUSE_MS, now_ms;
    while ((now_ms = os_clock_ms()) < until_ms && person_wait(&s->person, (int)(until_ms - now_ms)))
        ;
}

static void choose_item(struct stage *s)
{
    if (!s->signed_in && !s->chosen) {
        type(s, "4\r");
    } else if (s->chosen) {
        type(s, "\004");
    } else {
        s->chosen = true;
        type(s, way_rows[s->way].item);
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
        writing_type(s);
        return;
    case EDIT:
        writing_answer_editor(s);
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
        if (!stage_start_server(s->world))
            s->wrong = "the server does not start";
        break;
    case AGAIN:
        if (!stage_start_server(s->world))
            s->wrong = "the server does not start";
        type(s, s->refused++ == 0 ? p->keys : "k\r"); /* a mailbox stays full */
        return;
    case TYPE:
        break;
    }
    type(s, p->keys);
}

/* --- the whole --- */

static void add_words(const char **words, size_t *n, const char *const *more)
{
    while (*more)
        words[(*n)++] = *more++;
}

/* The options and arguments of the client. */
static void add_arguments(const struct stage *s, const char **words, size_t *n, const char *server,
                          const char *number)
{
    if (s->way != SEND_BY_VERB) /* a draft knows its server */
        words[(*n)++] = server;
    if (!way_is_verb(s->way))
        return;
    words[(*n)++] = "--user=ann";
    add_words(words, n, way_rows[s->way].verb);
    if (s->way == SEND_BY_VERB)
        words[(*n)++] = number;
}

/* A message goes above a question, which is shown a second time then, and was answered already. */
static bool is_shown_again(const struct person *p, size_t since)
{
    static const char lost[] = "(The connection is lost.";
    struct span rest = span_of(p->seen.p + since, p->read - since), line = rest;
    span_cut(&rest, '\n', &line);
    return memmem(line.p, line.n, lost, sizeof lost - 1) != NULL;
}

static bool start_client(struct stage *s)
{
    const struct stage_world *w = s->world;
    char server[64], number[16], inject[sizeof STAGE_CALLS + 64];
    const char *words[20] = {NULL};
    size_t n = 0;
    snprintf(server, sizeof server, "--server=127.0.0.1:%u", w->relay.port);
    snprintf(number, sizeof number, "%u", s->number);
    snprintf(inject, sizeof inject, "inject=" STAGE_CALLS ":signal=KILL:when=%u", s->event.at);
    if (s->event.when == AT_CALL || s->count_calls) {
        /* Of the client alone: calls are counted for each process, and the editor would end, too.
         */
        const char *const strace[] = {STAGE_STRACE, "-qq", "-o", w->calls, "-e", NULL};
        add_words(words, &n, strace);
        words[n++] = s->count_calls ? "trace=" STAGE_CALLS : inject;
    }
    words[n++] = w->client;
    add_arguments(s, words, &n, server, number);
    if (way_is_verb(s->way))
        setenv("POCHTA_PASSWORD", "secret", 1);
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
    int64_t until_ms = os_clock_ms() + STAGE_CROSSED_MS;
    while (person_wait(p, s->happened ? STAGE_CROSSED_MS : PERSON_STUCK_MS) && p->bytes == before)
        if (s->happened && os_clock_ms() >= until_ms) {
            s->answers++;
            type(s, "\r");
            return;
        }
}

/* Of a disk that became full; a letter that was edited is longer than before in any case. */
static bool was_told(struct stage *s)
{
    s->person.read = s->full_since;
    return person_find(&s->person, STAGE_TOLD, strlen(STAGE_TOLD)) > 0;
}

static bool at_step(void *of)
{
    return event_happen(of);
}

static void answer_all(struct stage *s)
{
    struct person *p = &s->person;
    const struct prompt *answered = NULL;
    while (p->pid > 0 && !p->stuck && !s->wrong && s->answers < ANSWERS_MAX) {
        size_t since = p->read;
        const struct prompt *prompt = next_prompt(s);
        if (!prompt) {
            wait_or_press_enter(s);
        } else if (prompt != answered || !is_shown_again(p, since)) {
            answered = prompt;
            s->answers++;
            if (s->happened)
                pause_typing(s);
            answer(s, prompt);
        }
    }
}

bool stage_run(struct stage_world *w, struct stage *s)
{
    struct person *p = &s->person;
    s->world = w;
    w->relay.step = 0;
    w->relay.stop_at = s->event.when == AT_STEP ? s->event.at : 0;
    w->relay.at_step = at_step;
    w->relay.of = s;
    if (!start_client(s)) {
        puts("# the client cannot be started in a terminal");
        return false;
    }
    answer_all(s);
    if (p->stuck)
        s->wrong = "the client is stuck";
    else if (s->answers == ANSWERS_MAX)
        s->wrong = "the client asks the same again and again";
    else if (!s->wrong && s->event.what == DISK_FULL && s->event.when == AT_WAIT && !was_told(s))
        s->wrong = STAGE_NOT_TOLD;
    if (s->wrong)
        show_screen(p);
    if (way_is_verb(s->way) && WIFEXITED(p->status) && WEXITSTATUS(p->status) == 0)
        s->said_sent = true;
    person_free(p);
    relay_cut(&w->relay);
    w->relay.stop_at = 0;
    return stage_start_server(w);
}

void stage_describe(struct buf *out, const struct stage *s)
{
    buf_printf(out, "%s, ", way_rows[s->way].name);
    event_describe(out, s->event);
}
