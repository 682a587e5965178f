/* SPDX-License-Identifier: ISC */
/* doors_fixture: whole sessions of mail programs from memory (session_fixture.h). */
#ifndef DOORS_FIXTURE_H
#define DOORS_FIXTURE_H

#include "session/doors_service.h"
#include "session_fixture.h"

static const char *const doors_domains[] = {"mail.test", "other.test"};
static struct address_net doors_trusted;
static struct door_key *doors_key;
static struct service_doors doors_service = {doors_domains, 2, &doors_trusted, 0, NULL};

/* As world_begin, with doors; this one is spoken to. Nobody is trusted. */
static inline void doors_begin(struct world *w, const struct conversation *talk,
                               uint64_t message_bytes, size_t memory_bytes)
{
    world_begin(w, message_bytes, memory_bytes);
    if (door_key_open(w->service.store, doors_domains[0], &doors_key) != ST_OK)
        ok(false, "a store has a key for its doors");
    doors_service.key = doors_key;
    doors_service.ntrusted = 0;
    w->service.doors = &doors_service;
    w->talk = talk;
}

static inline void doors_end(struct world *w)
{
    door_key_free(doors_key);
    doors_key = NULL;
    world_end(w);
}

/* Adds text with CR LF in place of each LF. */
static inline void doors_add_lines(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\n')
            buf_add_char(out, '\r');
        buf_add_char(out, *text);
    }
}

/* Runs a session on what is said: what was answered, with LF in place of CR LF. Both have lines
 * that end in LF here. Valid until the next. */
static inline const char *doors_say(struct world *w, const char *said)
{
    static char answers[65536];
    struct buf lines;
    size_t n = 0;
    buf_init(&lines, SIZE_MAX / 2);
    doors_add_lines(&lines, said);
    const char *got = world_run(w, buf_span(&lines));
    for (; got && *got && n < sizeof answers - 1; got++)
        if (*got != '\r' || got[1] != '\n')
            answers[n++] = *got;
    answers[n] = '\0';
    buf_free(&lines);
    return answers;
}

#endif
