/* SPDX-License-Identifier: ISC */
/*
 * stop_deadline: a server that is told to stop ends within STOP_DEADLINE_MS, even if a thread waits
 * for a disk that does not answer. Then it ends as if killed, which does the store no harm:
 * everything that was answered Yes is there.
 */
#ifndef SERVER_STOP_DEADLINE_H
#define SERVER_STOP_DEADLINE_H

#include <pthread.h>
#include <stdbool.h>

#define STOP_DEADLINE_MS 15000

struct stop_deadline {
    pthread_mutex_t mutex; /* guards done */
    pthread_cond_t changed;
    pthread_t thread;
    bool started; /* the thread */
    bool done;
};

/* From now on, the process ends with EX_TEMPFAIL at the deadline, and the log says so. */
void stop_deadline_begin(struct stop_deadline *d);

/* The server has stopped in time. */
void stop_deadline_end(struct stop_deadline *d);

#endif
