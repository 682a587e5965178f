/* SPDX-License-Identifier: ISC */
#include "session/gate.h"

void gate_init(struct gate *g, unsigned places)
{
    pthread_mutex_init(&g->mutex, NULL);
    pthread_cond_init(&g->left, NULL);
    g->free = places;
}

void gate_destroy(struct gate *g)
{
    pthread_cond_destroy(&g->left);
    pthread_mutex_destroy(&g->mutex);
}

void gate_enter(struct gate *g)
{
    pthread_mutex_lock(&g->mutex);
    while (g->free == 0)
        pthread_cond_wait(&g->left, &g->mutex);
    g->free--;
    pthread_mutex_unlock(&g->mutex);
}

void gate_leave(struct gate *g)
{
    pthread_mutex_lock(&g->mutex);
    g->free++;
    pthread_cond_signal(&g->left);
    pthread_mutex_unlock(&g->mutex);
}
