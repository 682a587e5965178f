/* SPDX-License-Identifier: ISC */
/*
 * gate: lets a fixed number of threads in at a time; the others wait. Safe for threads.
 */
#ifndef SESSION_GATE_H
#define SESSION_GATE_H

#include <pthread.h>

struct gate {
    pthread_mutex_t mutex; /* leaf lock */
    pthread_cond_t left;
    unsigned free;
};

void gate_init(struct gate *g, unsigned places);
void gate_destroy(struct gate *g);
void gate_enter(struct gate *g);
void gate_leave(struct gate *g);

#endif
