/* SPDX-License-Identifier: ISC */
/*
 * os_error: the system's words for its errors. Thread-safe.
 */
#ifndef OS_ERROR_H
#define OS_ERROR_H

/* The text of an errno value: a constant, never NULL. */
const char *os_error_text(int error);

/*
 * The error of the call of stdio that has just failed: errno or, on Windows, where stdio reports
 * many errors as EINVAL, the system's own error.
 */
int os_error_of_stdio(void);

#endif
