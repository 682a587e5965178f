/* SPDX-License-Identifier: ISC */
/*
 * Ids count up, and the server announces them in their order. So the highest id that was told of
 * says what came while there was no connection: all messages with higher ids.
 */
#include "client/verbs_watch.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "client/ended.h"
#include "client/error.h"
#include "client/language.h"
#include "client/listing.h"
#include "client/output.h"
#include "client/rows.h"
#include "client/verbs_list.h"
#include "client/view.h"
#include "os/clock.h"
#include "os/command.h"
#include "os/random.h"

#define PAGE         1000  /* messages that came meanwhile, asked for at once */
#define STEADY_MS    10000 /* after a connection that lasted this long there is no delay */
#define DELAY_MIN_MS 500
#define DELAY_MAX_MS 30000

struct watch {
    struct reply_watcher watcher; /* first, so that take_news can cast it back */
    struct listing_taker taker;
    struct verbs_run *run;
    struct listing kept; /* messages to tell of */
    uint64_t newest;     /* the highest id among them, or told of */
    uint64_t last;       /* the highest id told of, or that was there before */
    bool is_known;       /* whether last is */
    bool catching_up; /* the server is asked for all new messages: those that it announces are among
                         them */
    bool signed_in;
    bool failed; /* standard output, or memory */
    struct buf text;
    int64_t delay_ms; /* before the next connection */
};

static void print_row(struct watch *w, const struct message *m)
{
    buf_clear(&w->text);
    verbs_list_row(&w->text, m);
    w->failed = !buf_ok(&w->text) || !output_write(buf_span(&w->text)) || !output_flush();
}

/* Appends NAME=value and a NUL. The value has no control characters, which a command might print.
 */
static void add_variable(struct buf *out, const char *name, struct span value)
{
    buf_add_str(out, name);
    view_safe(out, value, VIEW_ROW);
    buf_add_char(out, '\0');
}

/* While a command runs. That the connection is lost is noticed by the next request. */
static void keep_alive(void *ctx)
{
    const struct watch *w = ctx;
    link_ask(&w->run->call.link, OP_NOOP, NULL, 0);
}

/*
 * Runs the user's command. What others wrote is in the environment, never in the text that the
 * shell reads. A command that fails is told of, and the next message has its own.
 */
static void run_command(struct watch *w, const struct message *m)
{
    char number[2][24];
    struct os_end end;
    char *variables[8] = {NULL};
    size_t n = 0;
    snprintf(number[0], sizeof number[0], "%llu", (unsigned long long)m->id);
    snprintf(number[1], sizeof number[1], "%llu", (unsigned long long)m->len);
    buf_clear(&w->text);
    add_variable(&w->text, "POCHTA_ID=", span_str(number[0]));
    add_variable(&w->text, "POCHTA_BYTES=", span_str(number[1]));
    add_variable(&w->text, "POCHTA_DATE=", m->date);
    add_variable(&w->text, "POCHTA_FROM=", m->from);
    add_variable(&w->text, "POCHTA_SUBJECT=", rows_subject(m->body));
    add_variable(&w->text, "POCHTA_SERVER=", span_str(w->run->server));
    add_variable(&w->text, "POCHTA_USER=", span_str(w->run->user));
    w->failed = !buf_ok(&w->text);
    if (w->failed)
        return;
    for (char *p = w->text.p; p < w->text.p + w->text.n; p += strlen(p) + 1)
        variables[n++] = p;
    const struct os_command_meanwhile meanwhile = {LINK_NOOP_MS, keep_alive, w};
    if (!os_command_run(w->run->options->exec, variables, &meanwhile, &end)) {
        char words[ENDED_BYTES];
        ended_words(words, &end);
        error_say(ERROR_NONE, _("watch: message %s: %s"), number[0], words);
    }
}

static bool tell_of(struct listing_taker *t, const struct message *m)
{
    struct watch *w = (struct watch *)(void *)((char *)t - offsetof(struct watch, taker));
    if (w->run->options->exec)
        run_command(w, m);
    else
        print_row(w, m);
    w->last = m->id;
    return !w->failed;
}

/* Keeps it until its text can be asked for. */
static void keep(struct watch *w, const struct message *m)
{
    if (w->failed || m->id <= w->last || m->id <= w->newest)
        return;
    w->failed = !listing_add(&w->kept, m);
    w->newest = m->id;
}

/* After a failure, what was not told of is asked for over the next connection. */
static enum reply_result tell_of_kept(struct watch *w)
{
    enum reply_result result = listing_give(&w->kept, &w->run->call.link, &w->taker);
    w->newest = w->last;
    return result;
}

static void take_news(struct reply_watcher *watcher, const struct message *m)
{
    struct watch *w = (struct watch *)watcher;
    if (!w->catching_up)
        keep(w, m);
}

static enum reply_result ask_list(struct watch *w, uint64_t first, uint64_t most)
{
    char numbers[2][24];
    snprintf(numbers[0], sizeof numbers[0], "%llu", (unsigned long long)first);
    snprintf(numbers[1], sizeof numbers[1], "%llu", (unsigned long long)most);
    struct span args[2] = {span_str(numbers[0]), span_str(numbers[1])};
    return link_ask(&w->run->call.link, OP_SHOW_LIST, args, 2);
}

/* Finds the first message from an id on. *found is its id, or 0. */
static enum reply_result find_from(struct watch *w, uint64_t id, uint64_t *found)
{
    struct message m = {.id = 0};
    enum reply_result result = ask_list(w, id, 1);
    if (result == REPLY_OK)
        result = link_next_message(&w->run->call.link, &m);
    *found = result == REPLY_OK && m.id >= id ? m.id : 0;
    return result == REPLY_END ? REPLY_OK : result;
}

/* Finds the highest id that is there, with few questions: a mailbox may be large. */
static enum reply_result find_last(struct watch *w)
{
    uint64_t last = 0, none = 1, found = 1;
    enum reply_result result = REPLY_OK;
    while (result == REPLY_OK && found > 0 && none > last) {
        result = find_from(w, none, &found);
        if (found > 0) {
            last = found;
            none = last * 2;
        }
    }
    while (result == REPLY_OK && none - last > 1) {
        uint64_t middle = last + (none - last) / 2;
        result = find_from(w, middle, &found);
        if (found > 0)
            last = found;
        else
            none = middle;
    }
    if (result == REPLY_OK) {
        w->last = last;
        w->is_known = true;
    }
    return result;
}

/* Tells of all messages with ids above the last one. */
static enum reply_result catch_up(struct watch *w)
{
    enum reply_result result;
    w->catching_up = true;
    do {
        uint64_t before = w->last;
        struct message m;
        size_t n = 0;
        result = ask_list(w, w->last + 1, PAGE);
        while (result == REPLY_OK &&
               (result = link_next_message(&w->run->call.link, &m)) == REPLY_OK) {
            keep(w, &m);
            n++;
        }
        /* What is announced while the texts of the last ones are asked for is not among them. */
        w->catching_up = n == PAGE;
        if (result == REPLY_END)
            result = tell_of_kept(w);
        if (w->last == before)
            break;
    } while (result == REPLY_OK && w->catching_up && !w->failed);
    w->catching_up = false;
    return result;
}

/* Watches a new connection: first what came before it, then what comes. */
static enum reply_result begin_watch(struct watch *w)
{
    enum reply_result result = REPLY_OK;
    w->run->call.quiet = false;
    if (!w->is_known)
        result = find_last(w);
    if (result == REPLY_OK)
        result = link_watch(&w->run->call.link, &w->watcher);
    return result == REPLY_OK ? catch_up(w) : result;
}

/* Goes on until the connection is lost, or standard output. */
static enum reply_result attend(struct watch *w)
{
    struct link *l = &w->run->call.link;
    int64_t noop_ms = os_clock_ms() + LINK_NOOP_MS;
    enum reply_result result = REPLY_OK;
    while (result == REPLY_OK && !w->failed) {
        result = tell_of_kept(w);
        if (result == REPLY_OK && !w->failed)
            result = link_wait(l, noop_ms);
        if (result != REPLY_OK || os_clock_ms() < noop_ms)
            continue;
        result = link_ask(l, OP_NOOP, NULL, 0);
        noop_ms = os_clock_ms() + LINK_NOOP_MS;
    }
    return result;
}

static bool may_pass(struct watch *w, enum reply_result result)
{
    enum error_code code = error_of(result, call_words(&w->run->call));
    return code == ERROR_TEMPORARY || code == ERROR_UNAVAILABLE;
}

/* Many clients lose a server at the same time: a part of the delay is random. */
static void wait_before_dialling(struct watch *w)
{
    uint16_t chance;
    os_random_bytes(&chance, sizeof chance);
    os_clock_sleep(w->delay_ms / 2 + w->delay_ms / 2 * chance / UINT16_MAX);
    w->delay_ms = w->delay_ms < DELAY_MIN_MS       ? DELAY_MIN_MS
                  : w->delay_ms < DELAY_MAX_MS / 2 ? w->delay_ms * 2
                                                   : DELAY_MAX_MS;
}

/* Connects again, for as long as it takes. Not REPLY_OK: the server refuses it for good. */
static enum reply_result watch_again(struct watch *w)
{
    enum reply_result result;
    error_say(ERROR_NONE, _("watch: connecting again"));
    do {
        wait_before_dialling(w);
        w->run->call.quiet = true; /* this may go on all night */
        result = verbs_run_dial(w->run);
        w->signed_in = result == REPLY_OK;
        if (result == REPLY_OK)
            result = begin_watch(w);
    } while (result != REPLY_OK && !w->failed && may_pass(w, result));
    if (result == REPLY_OK)
        error_say(ERROR_NONE, _("watch: connected again"));
    return result;
}

enum error_code verbs_watch_watch(struct verbs_run *run)
{
    struct watch w = {.watcher = {take_news}, .taker = {tell_of}, .run = run, .signed_in = true};
    buf_init(&w.text, SIZE_MAX / 2);
    listing_init(&w.kept);
    verbs_list_begin(run);
    int64_t begun_ms = os_clock_ms();
    enum reply_result result = begin_watch(&w);
    if (result == REPLY_OK)
        result = attend(&w);
    while (!w.failed && w.is_known && may_pass(&w, result)) {
        verbs_run_failed(run, "watch", result);
        if (os_clock_ms() - begun_ms >= STEADY_MS)
            w.delay_ms = 0;
        result = watch_again(&w);
        begun_ms = os_clock_ms();
        if (result == REPLY_OK)
            result = attend(&w);
    }
    enum error_code code = output_finish();
    if (code == ERROR_NONE && w.failed)
        code = error_say(ERROR_SOFTWARE, _("out of memory"));
    else if (code == ERROR_NONE)
        code = w.signed_in ? verbs_run_failed(run, "watch", result)
                           : verbs_run_turned_away(run, result);
    buf_free(&w.text);
    listing_free(&w.kept);
    return code;
}
