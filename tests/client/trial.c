/* SPDX-License-Identifier: ISC */
#include "trial.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../crash/body.h"

#define STAGES 3 /* to send a draft */

static void violation(struct trial *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void violation(struct trial *t, const char *format, ...)
{
    char text[300];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    t->violations++;
    printf("# violation: letter %u: %s; %.*s\n", t->letters, text,
           SPAN_PRINTF(buf_span(&t->story)));
    printf("# what there is: %.*s\n", SPAN_PRINTF(buf_span(&t->evidence.text)));
}

/* Uses the client once. */
static bool run_stage(struct trial *t, enum way way, struct event event)
{
    t->stage = (struct stage){.way = way,
                              .event = event,
                              .script = &t->script,
                              .number = t->evidence.number,
                              .count_calls = t->count_calls,
                              .certain = t->stage.certain,
                              .saved = t->stage.saved};
    if (t->story.n > 0)
        buf_add_str(&t->story, "; then ");
    stage_describe(&t->story, &t->stage);
    return stage_run(&t->world, &t->stage) && evidence_look(&t->evidence);
}

/* What the editor has saved becomes the draft's text when it is opened again. */
static size_t least_bytes(const struct trial *t)
{
    const struct stage *s = &t->stage;
    return t->evidence.drafts == 0 && s->saved > s->certain ? s->saved : s->certain;
}

static void judge(struct trial *t)
{
    const struct evidence *e = &t->evidence;
    const struct stage *s = &t->stage;
    size_t least = least_bytes(t);
    if (s->wrong)
        violation(t, "%s", s->wrong);
    if (e->most > 1)
        violation(t, "it was sent %u times", e->most);
    if (e->strange > 0)
        violation(t, "there are other messages");
    if (e->drafts > 1 || e->damaged > 0)
        violation(t, "%u drafts, %u damaged", e->drafts, e->damaged);
    if (s->said_sent && !evidence_sent_once(e))
        violation(t, "the client says it was sent: sent %u times, %u drafts", e->copies, e->drafts);
    if (e->lost > 0 && least > 0)
        violation(t, "it is lost for %u, %zu bytes of it had been typed", e->lost, least);
    if ((e->copies > 0 || e->drafts > 0) && !script_is_part(&t->script, buf_span(&e->text), least))
        violation(t, "it is not what was typed, or less than %zu bytes of it", least);
}

/* What happens while a draft is sent: mostly something, at last nothing. */
static struct event next_event(struct trial *t, unsigned stage)
{
    static const enum event_what whats[] = {CLIENT_KILLED,  SERVER_KILLED, SERVER_RESTARTED,
                                            CONNECTION_CUT, USER_KICKED,   DRAFT_WANTED};
    struct event event = {.when = NEVER};
    if (stage + 1 < STAGES && body_chance(&t->chance) % 2) {
        event.when = AT_STEP;
        event.at = 1 + (unsigned)(body_chance(&t->chance) % 24);
        event.what = whats[body_chance(&t->chance) % (sizeof whats / sizeof whats[0])];
    }
    return event;
}

/* Makes the letter, and tells the editor what to write. */
static void make_letter(struct trial *t, enum way way, struct event event)
{
    const struct way_row *row = &way_rows[way];
    char first[SCRIPT_LINE_BYTES], second[SCRIPT_LINE_BYTES];
    struct script_sort sort = {.number = t->letters,
                               .typed = row->typed,
                               .dot = row->item != NULL,
                               .edited = row->edited,
                               .waits = event.what == EDITOR_KILLED ? event.at : 0};
    if (row->reply)
        sort.before = buf_span(&t->quotation);
    if (row->reply && !row->typed) /* an editor writes below it at once */
        sort.before.n--;
    script_free(&t->script);
    script_make(&t->script, &sort);
    script_edited_line(t->letters, first, second);
    setenv("EDITOR_FIRST", first, 1);
    setenv("EDITOR_SECOND", second, 1);
    evidence_of(&t->evidence, &t->script, row->many);
    buf_clear(&t->story);
    t->stage.certain = t->stage.saved = 0;
}

/* Whether the mailbox of one of many has no room. */
static void set_full(struct trial *t, bool full)
{
    const char *const words[] = {t->world.ctl, "--store", t->world.server.store, "user", "quota",
                                 "carol",      "-",       full ? "1" : "-",      NULL};
    pid_t pid = server_run_beside(&t->world.server, words);
    if (pid <= 0 || !server_wait(pid))
        violation(t, "pochtactl cannot set a quota");
}

static bool write_letter(struct trial *t, enum way way, struct event event)
{
    bool many = way_rows[way].many, goes_on = event.what == DISK_FULL || event.what == DRAFT_WANTED;
    if (many)
        set_full(t, true);
    bool ok = run_stage(t, way, event);
    t->steps = t->world.relay.step;
    if (many)
        set_full(t, false);
    if (!ok)
        return false;
    judge(t);
    /* An editor that is killed while it saves: the user has been told, and has seen what is left.
     */
    bool half_saved =
        event.what == EDITOR_KILLED && event.at == SCRIPT_WAITS - 1 && !way_rows[way].typed;
    if (t->stage.said_sent && !half_saved &&
        !script_is_whole(&t->script, buf_span(&t->evidence.text)))
        violation(t, "a part of it was sent");
    if ((event.when == NEVER || goes_on) && t->stage.said_sent == many)
        violation(t, many ? "it was sent to a full mailbox" : "it was not sent");
    return true;
}

bool trial_run(struct trial *t, enum way way, struct event event)
{
    const struct evidence *e = &t->evidence;
    t->letters++;
    make_letter(t, way, event);
    if (!write_letter(t, way, event))
        return false;
    bool kept =
        e->drafts > 0 && (e->text.n > 1 || t->stage.saved > 0); /* an empty line is nothing */
    for (unsigned i = 0; i < STAGES && e->drafts > 0 && t->violations == 0; i++) {
        enum way again = (t->letters + i) % 2 ? SEND_BY_VERB : SEND_IN_MENU;
        t->resumed++;
        if (!run_stage(t, again, next_event(t, i)))
            return false;
        judge(t);
    }
    t->sent += e->copies;
    if (kept && !evidence_sent_once(e))
        violation(t, "the draft was sent: sent %u times, %u drafts", e->copies, e->drafts);
    return true;
}

void trial_free(struct trial *t)
{
    evidence_free(&t->evidence);
    script_free(&t->script);
    buf_free(&t->quotation);
    buf_free(&t->story);
}
