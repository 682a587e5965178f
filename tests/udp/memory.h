/* SPDX-License-Identifier: ISC */
/*
 * memory: measures how fast two ends are with only memory between them. Prints the result and
 * returns 0.
 */
#ifndef MEMORY_H
#define MEMORY_H

int memory_bench(void);

#endif
