/* SPDX-License-Identifier: ISC */
#include "writing.h"

#include <string.h>

#include "os/clock.h"

/* Waits until the client has written a text, after what was read of it, and reads that. */
static bool wait_for(struct stage *s, const char *text, int ms)
{
    struct person *p = &s->person;
    int64_t until_ms = os_clock_ms() + ms;
    size_t end;
    while ((end = person_find(p, text, strlen(text))) == 0)
        if (!person_wait(p, ms) || os_clock_ms() >= until_ms)
            return false;
    p->read = end;
    return true;
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
    if (k->bytes[0] == '\004') /* has no echo, so the line before it may still be under way */
        return;
    if (s->happened) /* what the client says of it may look like an echo */
        return;
    if (s->event.when == AT_KEY && s->event.at == i + 1 && told && !dot)
        s->certain = k->bytes[0] == '\r' ? k->lines : k->typed; /* the unfinished line, too */
    else if (i > 0)
        s->certain = k[-1].lines;
}

/*
 * Once the disk is full, the first line that cannot be kept brings a message; of the line that was
 * under way then nobody knows.
 */
static bool wait_for_message(struct stage *s, unsigned i)
{
    const struct script_key *keys = s->script->keys;
    bool due = s->event.what == DISK_FULL && s->event.when == AT_KEY && s->happened;
    if (!due || s->full_since == 0 || keys[i].lines == keys[s->event.at - 1].lines)
        return true;
    s->person.read = s->full_since;
    s->full_since = 0;
    if (wait_for(s, STAGE_TOLD, STAGE_CROSSED_MS))
        return true;
    s->wrong = STAGE_NOT_TOLD;
    return false;
}

/* The client takes keys one by one once it has asked. What comes before the terminal shows. */
static bool wait_for_raw_mode(struct stage *s)
{
    while (!person_is_raw(&s->person))
        if (!person_wait(&s->person, 1))
            return false;
    return true;
}

static bool editor_is_gone(const struct stage *s)
{
    return s->happened && s->event.what == EDITOR_KILLED;
}

void writing_answer_editor(struct stage *s)
{
    if (!s->happened && s->waits < SCRIPT_WAITS)
        s->saved = s->script->saved[s->waits];
    s->waits++;
    event_at(s, AT_WAIT, s->waits);
    if (s->person.pid > 0 && !editor_is_gone(s))
        person_type(&s->person, "\r", 1);
}

/* Uses the editor, which has just been started, and goes on with the letter. */
static bool use_editor(struct stage *s)
{
    while (s->waits < SCRIPT_WAITS && !editor_is_gone(s)) {
        if (!wait_for(s, WRITING_EDITOR_WAITS, PERSON_STUCK_MS))
            return false;
        writing_answer_editor(s);
    }
    /* To its end: what is left of it could be taken for an echo. */
    return wait_for(s, "A line with a single dot ends it.)\n", PERSON_STUCK_MS) &&
           wait_for_raw_mode(s);
}

void writing_type(struct stage *s)
{
    const struct script *letter = s->script;
    if (!wait_for_raw_mode(s))
        return;
    for (unsigned i = 0; i < letter->n; i++) {
        const struct script_key *k = &letter->keys[i];
        person_type(&s->person, k->bytes, k->n);
        event_at(s, AT_ONCE, i + 1);
        if (i == letter->starter ? !use_editor(s) : !wait_for_echo(s, k, i + 1 == letter->n))
            return;
        be_certain(s, i);
        if (!wait_for_message(s, i))
            return;
        event_at(s, AT_KEY, i + 1);
        if (s->person.pid <= 0 || (s->happened && s->event.what == INTERRUPTED))
            return;
    }
}
