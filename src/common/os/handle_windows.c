/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <io.h>
#include <stdint.h>
#include <stdlib.h>
#include <wchar.h>

#include "windows_private.h"

#include <sddl.h>

HANDLE os_windows_handle(int fd)
{
    return (HANDLE)(fd >= 0 && fd <= 2 ? _get_osfhandle(fd) : (intptr_t)fd);
}

int os_windows_fd(HANDLE handle)
{
    return (int)(intptr_t)handle; /* INVALID_HANDLE_VALUE is -1 */
}

WCHAR *os_windows_wide(const char *text)
{
    int n = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, NULL, 0);
    WCHAR *wide = n > 0 ? malloc((size_t)n * sizeof *wide) : NULL;
    if (wide)
        MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, n);
    else
        errno = n > 0 ? ENOMEM : EILSEQ;
    return wide;
}

char *os_windows_utf8(const WCHAR *text)
{
    int n = WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
    char *utf8 = malloc((size_t)n);
    if (utf8)
        WideCharToMultiByte(CP_UTF8, 0, text, -1, utf8, n, NULL, NULL);
    else
        errno = ENOMEM;
    return utf8;
}

/*
 * Full access for the user that this process runs as, and for nobody else; files in such a
 * directory inherit it.
 */
static PSECURITY_DESCRIPTOR make_private(void)
{
    union {
        TOKEN_USER user;
        /* cppcheck-suppress unusedStructMember ; it makes the union large enough */
        char room[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    } token;
    WCHAR rule[SECURITY_MAX_SID_SIZE * 4], *sid;
    PSECURITY_DESCRIPTOR made = NULL;
    HANDLE process;
    DWORD size;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &process))
        return NULL;
    if (GetTokenInformation(process, TokenUser, &token, sizeof token, &size) &&
        ConvertSidToStringSidW(token.user.User.Sid, &sid)) {
        swprintf(rule, sizeof rule / sizeof *rule, L"D:P(A;OICI;FA;;;%ls)", sid);
        ConvertStringSecurityDescriptorToSecurityDescriptorW(rule, SDDL_REVISION_1, &made, NULL);
        LocalFree(sid);
    }
    CloseHandle(process);
    return made;
}

static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
static SECURITY_ATTRIBUTES private_access = {.nLength = sizeof private_access};

static BOOL CALLBACK make_once(INIT_ONCE *o, void *arg, void **ctx)
{
    (void)o;
    (void)arg;
    (void)ctx;
    private_access.lpSecurityDescriptor = make_private();
    return TRUE;
}

SECURITY_ATTRIBUTES *os_windows_private_access(void)
{
    InitOnceExecuteOnce(&once, make_once, NULL, NULL);
    if (!private_access.lpSecurityDescriptor)
        abort(); /* never make files that others may read */
    return &private_access;
}
