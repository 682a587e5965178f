/* SPDX-License-Identifier: ISC */
/*
 * os_windows_private: what the twins for Windows (X_windows.c) share. Texts are UTF-8 in the
 * program and UTF-16 at the system. Thread-safe.
 *
 * A descriptor is a handle or a socket of the system: Windows promises that 32 bits tell them
 * apart. 0, 1 and 2 are those of the C library, since standard input, output and error may be
 * replaced.
 */
#ifndef OS_WINDOWS_PRIVATE_H
#define OS_WINDOWS_PRIVATE_H

#include <stdbool.h>
#include <winsock2.h> /* before windows.h, which has an older one */

#include <windows.h>

HANDLE os_windows_handle(int fd);

/* -1 if there is no handle. */
int os_windows_fd(HANDLE handle);

/* Sets errno as GetLastError() or WSAGetLastError() says, and returns false. */
bool os_windows_failed(void);

/* The errno value of such an error. */
int os_windows_errno(DWORD error);

/* Copies, for free. NULL: out of memory, and errno is set; or the text is no valid UTF-8: EILSEQ.
 */
WCHAR *os_windows_wide(const char *text);
char *os_windows_utf8(const WCHAR *text);

/* Attributes for CreateFileW and the like: only this user has any access. */
SECURITY_ATTRIBUTES *os_windows_private_access(void);

#endif
