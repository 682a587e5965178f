/* SPDX-License-Identifier: ISC */
/*
 * person: sits at a terminal in which the client runs, reads what it writes and types. Waits for
 * what must come, for as long as the machine needs. For one thread.
 */
#ifndef PERSON_H
#define PERSON_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "relay.h"

#define PERSON_STUCK_MS 120000

struct person {
    struct relay *relay; /* served while the person waits */
    pid_t pid;           /* 0: it has ended */
    int status;          /* then: as of waitpid() */
    int terminal;        /* -1: closed */
    struct buf seen;     /* all that the client wrote, without the sequences for the terminal */
    size_t read;         /* how much of it has been read */
    uint64_t bytes;      /* how many it wrote, with those */
    unsigned escape;     /* within such a sequence */
    int64_t since_ms;    /* when it last wrote something, or was typed to */
    bool stuck;          /* that was too long ago */
};

/* Starts a program in a new terminal. False: it cannot, see errno. */
bool person_start(struct person *p, struct relay *relay, const char *const *words);

/* Releases everything; a program that still runs is killed. */
void person_free(struct person *p);

void person_type(struct person *p, const char *bytes, size_t n);

/*
 * Waits until something happens, but only so long; PERSON_STUCK_MS: as long as a slow machine may
 * need. False: the program has ended, or person.stuck.
 */
bool person_wait(struct person *p, int ms);

/*
 * Where in p->seen a text ends that has not been read, the first time or the last; 0: nowhere.
 */
size_t person_find(const struct person *p, const char *text, size_t n);
size_t person_find_last(const struct person *p, const char *text, size_t n);

/* Whether the terminal gives the program each key as it is typed, and shows none itself. */
bool person_is_raw(const struct person *p);

/* SIGKILL; a closed terminal, and the end of the program that follows. */
void person_kill(struct person *p);
void person_hang_up(struct person *p);

#endif
