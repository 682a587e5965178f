/* SPDX-License-Identifier: ISC */
/*
 * os_error: the system's words for its errors. Thread-safe.
 */
#ifndef OS_ERROR_H
#define OS_ERROR_H

/* The text of an errno value: a constant, never NULL. */
const char *os_error_text(int error);

/* errno after a call of stdio has failed: a system may know it better than stdio has set it. */
int os_error_of_stdio(void);

#endif
