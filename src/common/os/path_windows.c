/* SPDX-License-Identifier: ISC */
#include "path_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "os/file.h"

#define ASIDE    0xf000 /* see path_private.h */
#define PREFIX   L"\\\\?\\"
#define SHARE    L"\\\\?\\UNC\\"
#define PREFIX_N 4
#define SHARE_N  8
#define ROOM     32768 /* units of the longest path */

static bool is_separator(char c)
{
    return c == '/' || c == '\\';
}

static bool has_drive(const char *path)
{
    return ((*path | 0x20) >= 'a' && (*path | 0x20) <= 'z') && path[1] == ':';
}

/* Also of the form \\server\share\name. */
bool os_path_is_absolute(const char *path)
{
    return (has_drive(path) && is_separator(path[2])) ||
           (is_separator(path[0]) && is_separator(path[1]));
}

const char *os_path_rule(void)
{
    return "a path that begins with a drive, such as C:\\, or with ~/";
}

const char *os_path_name(const char *path)
{
    const char *name = has_drive(path) ? path + 2 : path;
    for (const char *p = name; *p; p++)
        if (is_separator(*p))
            name = p + 1;
    return name;
}

/* --- for the other twins --- */

/* Whether Windows refuses a character in a name. next: the one after it. */
static bool is_refused(WCHAR c, WCHAR next)
{
    return c < L' ' || wcschr(L"<>:\"|?*\\/", c) || (next == 0 && (c == L'.' || c == L' '));
}

static WCHAR *name_in(int dir, const char *name)
{
    WCHAR *wide = os_windows_wide(name), *path = NULL;
    if (!wide)
        return NULL;
    HANDLE handle = os_windows_handle(dir);
    DWORD n = GetFinalPathNameByHandleW(handle, NULL, 0, 0), got = 0;
    if (n > 0)
        path = malloc((n + 1 + wcslen(wide) + 1) * sizeof *path);
    if (path)
        got = GetFinalPathNameByHandleW(handle, path, n, 0);
    if (got == 0 || got >= n) {
        os_windows_failed();
        free(path);
        path = NULL;
    } else {
        path[got++] = L'\\';
        for (const WCHAR *c = wide; *c; c++)
            path[got++] = is_refused(c[0], c[1]) ? (WCHAR)(*c + ASIDE) : *c;
        path[got] = 0;
    }
    free(wide);
    return path;
}

/* Makes a path that the user has given absolute, and adds the prefix. */
static WCHAR *whole(const char *text)
{
    WCHAR *wide = os_windows_wide(text);
    WCHAR *path = wide ? malloc(ROOM * sizeof *path) : NULL;
    DWORD n = path ? GetFullPathNameW(wide, ROOM - SHARE_N, path, NULL) : 0;
    if (wide && (n == 0 || n >= ROOM - SHARE_N)) {
        errno = !path ? ENOMEM : *text ? ENAMETOOLONG : ENOENT;
        free(path);
        path = NULL;
    }
    free(wide);
    if (!path || wcsncmp(path, L"\\\\?\\", 4) == 0 || wcsncmp(path, L"\\\\.\\", 4) == 0)
        return path; /* it has a prefix, or is a device */
    bool share = wcsncmp(path, L"\\\\", 2) == 0;
    size_t skip = share ? 2 : 0, add = share ? SHARE_N : PREFIX_N;
    memmove(path + add, path + skip, (n + 1 - skip) * sizeof *path);
    memcpy(path, share ? SHARE : PREFIX, add * sizeof *path);
    return path;
}

WCHAR *os_path_wide(int dir, const char *name)
{
    return dir == OS_FILE_CWD ? whole(name) : name_in(dir, name);
}

WCHAR *os_path_pattern(int dir)
{
    WCHAR *path = name_in(dir, "*");
    if (path)
        path[wcslen(path) - 1] = L'*';
    return path;
}

char *os_path_name_of(const WCHAR *name)
{
    WCHAR copy[MAX_PATH];
    size_t n = 0;
    for (; n < MAX_PATH - 1 && name[n]; n++)
        copy[n] = name[n] > ASIDE && name[n] < ASIDE + 0x80 ? (WCHAR)(name[n] - ASIDE) : name[n];
    copy[n] = 0;
    return os_windows_utf8(copy);
}

bool os_path_of(int fd, char *path, size_t size)
{
    WCHAR *wide = malloc(ROOM * sizeof *wide);
    DWORD n = wide ? GetFinalPathNameByHandleW(os_windows_handle(fd), wide, ROOM, 0) : 0;
    errno = wide ? ENAMETOOLONG : ENOMEM;
    if (n == 0 || n >= ROOM) {
        free(wide);
        return false;
    }
    bool share = wcsncmp(wide, SHARE, SHARE_N) == 0;
    WCHAR *shown = wide + (share                                  ? SHARE_N - 2
                           : wcsncmp(wide, PREFIX, PREFIX_N) == 0 ? PREFIX_N
                                                                  : 0);
    if (share)
        shown[0] = L'\\';
    bool ok = WideCharToMultiByte(CP_UTF8, 0, shown, -1, path, (int)size, NULL, NULL) > 0;
    for (char *c = path; ok && *c; c++)
        *c = *c == '\\' ? '/' : *c;
    free(wide);
    return ok;
}
