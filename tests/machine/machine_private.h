/* SPDX-License-Identifier: ISC */
/*
 * machine_private: the fibers of machine.h, for what replaces calls about threads.
 */
#ifndef MACHINE_PRIVATE_H
#define MACHINE_PRIVATE_H

#include "machine.h"

/* Stands for the fiber that runs; NULL outside of all. */
const void *machine_fiber(void);

/* The same as machine_wake for one fiber of those that wait for the object, whichever. */
void machine_wake_one(const void *object);

/* The power went. */
void machine_forget_semaphores(void);

#endif
