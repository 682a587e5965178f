/*
 * os_random: bytes that nobody can guess (getrandom). Safe for threads.
 */
#ifndef OS_RANDOM_H
#define OS_RANDOM_H

#include <stddef.h>

/* Fills size bytes. Cannot fail: where the system has no randomness, the process ends. */
void os_random_bytes(void *bytes, size_t size);

/* Writes digits lower-case hex digits and a NUL to out. */
void os_random_hex(char *out, size_t digits);

#endif
