/*
 * memory: how fast two ends are with nothing but memory between them. Prints it; returns 0.
 */
#ifndef MEMORY_H
#define MEMORY_H

int memory_bench(void);

#endif
