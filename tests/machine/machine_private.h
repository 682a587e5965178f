/* SPDX-License-Identifier: ISC */
/*
 * machine_private: the fibers of machine.h, for the functions that replace calls for threads.
 */
#ifndef MACHINE_PRIVATE_H
#define MACHINE_PRIVATE_H

#include "machine.h"

/* A pointer that stands for the fiber that runs; NULL if no fiber runs. */
const void *machine_fiber(void);

/* As machine_wake, but wakes only one fiber that waits for the object, chosen at random. */
void machine_wake_one(const void *object);

/* Removes all semaphores, after a power cut. */
void machine_forget_semaphores(void);

#endif
