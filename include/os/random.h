/* SPDX-License-Identifier: ISC */
/*
 * os_random: bytes that nobody can guess (getrandom, BCryptGenRandom). Thread-safe.
 */
#ifndef OS_RANDOM_H
#define OS_RANDOM_H

#include <stddef.h>

/* Fills size bytes. Cannot fail: if the system has no randomness, the process aborts. */
void os_random_bytes(void *bytes, size_t size);

/* Writes this many random lower-case hex digits and a NUL to out. */
void os_random_hex(char *out, size_t digits);

#endif
