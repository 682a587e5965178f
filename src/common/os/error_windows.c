/* SPDX-License-Identifier: ISC */
/*
 * An error that also exists on Linux gets the number that it has there, which the other rooms know,
 * and the text that it has there, which the client can translate. Any other error keeps its own
 * number, and the text that Windows has for it.
 */
#include "os/error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "windows_private.h"

#define OF_WINDOWS (1 << 24) /* is added to a number of Windows */
#define TEXTS      16        /* at most this number of different errors in one run of a program */
#define TEXT_UNITS 512

struct meaning {
    DWORD windows;
    int number; /* errno */
    const char *text;
};

/* If several rows have one errno, the first has its text. */
static const struct meaning meanings[] = {
    {ERROR_FILE_NOT_FOUND, ENOENT, "No such file or directory"},
    {ERROR_PATH_NOT_FOUND, ENOENT, NULL},
    {ERROR_BAD_NETPATH, ENOENT, NULL},
    {ERROR_BAD_NET_NAME, ENOENT, NULL},
    {ERROR_INVALID_DRIVE, ENOENT, NULL},
    {ERROR_INVALID_NAME, EINVAL, "Invalid argument"},
    {ERROR_INVALID_PARAMETER, EINVAL, NULL},
    {WSAEINVAL, EINVAL, NULL},
    {ERROR_ACCESS_DENIED, EACCES, "Permission denied"},
    {ERROR_SHARING_VIOLATION, EBUSY, "Device or resource busy"},
    {ERROR_USER_MAPPED_FILE, EBUSY, NULL},
    {WSAEACCES, EACCES, NULL},
    {ERROR_LOCK_VIOLATION, EAGAIN, "Resource temporarily unavailable"},
    {ERROR_NO_DATA, EPIPE, "Broken pipe"},
    {ERROR_BROKEN_PIPE, EPIPE, NULL},
    {ERROR_PIPE_NOT_CONNECTED, EPIPE, NULL},
    {WSAEWOULDBLOCK, EAGAIN, NULL},
    {ERROR_NOT_ENOUGH_MEMORY, ENOMEM, "Cannot allocate memory"},
    {ERROR_OUTOFMEMORY, ENOMEM, NULL},
    {WSA_NOT_ENOUGH_MEMORY, ENOMEM, NULL},
    {ERROR_FILE_EXISTS, EEXIST, "File exists"},
    {ERROR_ALREADY_EXISTS, EEXIST, NULL},
    {ERROR_DIRECTORY, ENOTDIR, "Not a directory"},
    {ERROR_DIR_NOT_EMPTY, ENOTEMPTY, "Directory not empty"},
    {ERROR_TOO_MANY_OPEN_FILES, EMFILE, "Too many open files"},
    {WSAEMFILE, EMFILE, NULL},
    {ERROR_DISK_FULL, ENOSPC, "No space left on device"},
    {ERROR_HANDLE_DISK_FULL, ENOSPC, NULL},
    {ERROR_WRITE_PROTECT, EROFS, "Read-only file system"},
    {ERROR_FILENAME_EXCED_RANGE, ENAMETOOLONG, "File name too long"},
    {ERROR_NOT_SAME_DEVICE, EXDEV, "Invalid cross-device link"},
    {ERROR_NO_UNICODE_TRANSLATION, EILSEQ, "Invalid or incomplete multibyte or wide character"},
    {ERROR_IO_DEVICE, EIO, "Input/output error"},
    {WSAEAFNOSUPPORT, EAFNOSUPPORT, "Address family not supported by protocol"},
    {WSAEADDRNOTAVAIL, EADDRNOTAVAIL, "Cannot assign requested address"},
    {WSAENETDOWN, ENETDOWN, "Network is down"},
    {WSAENETUNREACH, ENETUNREACH, "Network is unreachable"},
    {WSAENETRESET, ENETRESET, "Network dropped connection on reset"},
    {WSAECONNABORTED, ECONNABORTED, "Software caused connection abort"},
    {WSAECONNRESET, ECONNRESET, "Connection reset by peer"},
    {WSAENOBUFS, ENOBUFS, "No buffer space available"},
    {WSAETIMEDOUT, ETIMEDOUT, "Connection timed out"},
    {WSAECONNREFUSED, ECONNREFUSED, "Connection refused"},
    {WSAEHOSTUNREACH, EHOSTUNREACH, "No route to host"},
    {WSAEMSGSIZE, EMSGSIZE, "Message too long"},
    {WSAHOST_NOT_FOUND, OF_WINDOWS + WSAHOST_NOT_FOUND, "Name or service not known"},
    {WSANO_DATA, OF_WINDOWS + WSANO_DATA, "No address associated with hostname"},
    {WSATRY_AGAIN, OF_WINDOWS + WSATRY_AGAIN, "Temporary failure in name resolution"},
    {WSANO_RECOVERY, OF_WINDOWS + WSANO_RECOVERY, "Non-recoverable failure in name resolution"},
    {0, EISDIR, "Is a directory"},
    {0, EFBIG, "File too large"},
    {0, EPERM, "Operation not permitted"},
};

#define MEANINGS (sizeof meanings / sizeof meanings[0])

int os_windows_errno(DWORD error)
{
    for (size_t i = 0; i < MEANINGS; i++)
        if (meanings[i].windows == error)
            return meanings[i].number;
    return OF_WINDOWS + (int)(error & (OF_WINDOWS - 1));
}

bool os_windows_failed(void)
{
    errno = os_windows_errno(GetLastError());
    return false;
}

/* The system's text, without the full stop and the end of the line. A copy, or NULL. */
static char *ask_windows(DWORD error)
{
    WCHAR text[TEXT_UNITS];
    DWORD n = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL,
                             error, 0, text, TEXT_UNITS, NULL);
    while (n > 0 && wcschr(L"\r\n .", text[n - 1]))
        n--;
    text[n < TEXT_UNITS ? n : TEXT_UNITS - 1] = 0;
    return n > 0 ? os_windows_utf8(text) : NULL;
}

/* Each text is asked for once and kept, so that a constant can be returned. */
static const char *text_of_windows(DWORD error)
{
    static SRWLOCK lock = SRWLOCK_INIT;
    static struct {
        DWORD error;
        char *text;
    } known[TEXTS];
    size_t i = 0;
    AcquireSRWLockExclusive(&lock);
    while (i < TEXTS && known[i].text && known[i].error != error)
        i++;
    if (i < TEXTS && !known[i].text) {
        known[i].error = error;
        known[i].text = ask_windows(error);
    }
    const char *text = i < TEXTS ? known[i].text : NULL;
    ReleaseSRWLockExclusive(&lock);
    return text ? text : "unknown error";
}

const char *os_error_text(int error)
{
    for (size_t i = 0; i < MEANINGS; i++)
        if (meanings[i].number == error)
            return meanings[i].text;
    return text_of_windows((DWORD)(error & (OF_WINDOWS - 1)));
}

/* The C library reports an error that it does not know, such as a closed pipe, as EINVAL. */
int os_error_of_stdio(void)
{
    return errno == EINVAL && _doserrno ? os_windows_errno(_doserrno) : errno;
}
