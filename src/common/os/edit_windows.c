/* SPDX-License-Identifier: ISC */
#include "os/edit.h"

#include "file_private.h"
#include "windows_private.h"

#define UNIT_S  10000000             /* units of 100 ns in a second */
#define EPOCH_S INT64_C(11644473600) /* 1970, in seconds since 1601 */

int os_edit_open(const char *path)
{
    return os_file_open_to_edit(path);
}

bool os_edit_date(int fd, int64_t seconds)
{
    int64_t units = (seconds + EPOCH_S) * UNIT_S;
    FILETIME modified = {(DWORD)units, (DWORD)(units >> 32)};
    return SetFileTime(os_windows_handle(fd), NULL, NULL, &modified) || os_windows_failed();
}

bool os_edit_cut(int fd, uint64_t bytes)
{
    FILE_END_OF_FILE_INFO end = {.EndOfFile.QuadPart = (LONGLONG)bytes};
    return SetFileInformationByHandle(os_windows_handle(fd), FileEndOfFileInfo, &end, sizeof end) ||
           os_windows_failed();
}
