/* SPDX-License-Identifier: ISC */
/*
 * os_windows_private: functions that the sources for Windows (X_windows.c) share. Texts are UTF-8
 * in the program; the system uses UTF-16. Thread-safe.
 *
 * A descriptor is a handle or a socket of the system; Windows promises that 32 bits are enough to
 * tell them apart. 0, 1 and 2 are descriptors of the C library, since standard input, output and
 * error may be replaced.
 */
#ifndef OS_WINDOWS_PRIVATE_H
#define OS_WINDOWS_PRIVATE_H

#include <stdbool.h>
#include <winsock2.h> /* before windows.h, which includes an older header */

#include <windows.h>

HANDLE os_windows_handle(int fd);

/* The descriptor of a handle; -1 if there is no handle. */
int os_windows_fd(HANDLE handle);

/* Sets errno as GetLastError() or WSAGetLastError() says, and returns false. */
bool os_windows_failed(void);

/* The errno value of such an error. */
int os_windows_errno(DWORD error);

/*
 * Converts a text. The caller frees it. NULL: errno is ENOMEM, or EILSEQ if the text is not valid
 * UTF-8.
 */
WCHAR *os_windows_wide(const char *text);
char *os_windows_utf8(const WCHAR *text);

/* Attributes for CreateFileW and similar calls: only this user has any access. */
SECURITY_ATTRIBUTES *os_windows_private_access(void);

#endif
