/* SPDX-License-Identifier: ISC */
/*
 * Every path begins with \\?\ when it is given to the system. So it may be long, and Windows never
 * treats a name in a directory as a device (con), a drive or a stream (a:b).
 *
 * As on Linux, other programs may rename or remove a file while we have it open.
 */
#include "os/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file_private.h"
#include "path_private.h"
#include "windows_private.h"

/* As a class for SetFileInformationByHandle; not in the headers of every compiler. */
#define RENAME_INFO_EX ((FILE_INFO_BY_HANDLE_CLASS)22)

#define SHARED   (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
#define EPOCH_S  INT64_C(11644473600) /* 1970, in seconds since 1601 */
#define UNIT_S   10000000             /* units of 100 ns in a second */
#define CALL_MAX ((size_t)1 << 30)    /* bytes in one call */

/* --- opening --- */

/* Calls CreateFileW, and frees the path. */
static int open_path(WCHAR *path, DWORD access, DWORD how, DWORD flags)
{
    if (!path)
        return -1;
    HANDLE file = CreateFileW(path, access, SHARED, os_windows_private_access(), how, flags, NULL);
    if (file == INVALID_HANDLE_VALUE)
        os_windows_failed();
    free(path);
    return os_windows_fd(file);
}

static int check(int fd, enum os_file_kind kind)
{
    struct os_file_info info;
    if (fd < 0)
        return -1;
    if (os_file_look_at(fd, &info) && info.kind == kind)
        return fd;
    os_file_close(fd);
    errno = kind == OS_FILE_DIRECTORY ? ENOTDIR : info.kind == OS_FILE_DIRECTORY ? EISDIR : EINVAL;
    return -1;
}

/* Opens files and directories; the caller checks which it is. link: opens a link itself. */
static int open_here(int dir, const char *name, DWORD access, bool link)
{
    DWORD flags = FILE_FLAG_BACKUP_SEMANTICS | (link ? FILE_FLAG_OPEN_REPARSE_POINT : 0);
    return open_path(os_path_wide(dir, name), access, OPEN_EXISTING, flags);
}

/* Opens no link, and checks the kind. */
static int open_plain(int dir, const char *name, DWORD access, enum os_file_kind kind)
{
    struct os_file_info info;
    if (os_file_look(dir, name, &info) && info.kind == OS_FILE_LINK) {
        errno = EINVAL;
        return -1;
    }
    return check(open_here(dir, name, access, false), kind);
}

int os_file_open_dir(const char *path)
{
    return check(open_here(OS_FILE_CWD, path, GENERIC_READ, false), OS_FILE_DIRECTORY);
}

int os_file_open_subdir(int dir, const char *name)
{
    return open_plain(dir, name, GENERIC_READ, OS_FILE_DIRECTORY);
}

int os_file_open(int dir, const char *name)
{
    return open_plain(dir, name, GENERIC_READ, OS_FILE_REGULAR);
}

int os_file_open_to_write(int dir, const char *name)
{
    return open_plain(dir, name, GENERIC_READ | GENERIC_WRITE, OS_FILE_REGULAR);
}

int os_file_open_path(const char *path)
{
    return check(open_here(OS_FILE_CWD, path, GENERIC_READ, false), OS_FILE_REGULAR);
}

int os_file_open_to_edit(const char *path)
{
    int fd = open_path(os_path_wide(OS_FILE_CWD, path), GENERIC_READ | GENERIC_WRITE, OPEN_ALWAYS,
                       FILE_FLAG_BACKUP_SEMANTICS);
    return check(fd, OS_FILE_REGULAR);
}

int os_file_open_stream(const char *path)
{
    return open_here(OS_FILE_CWD, path, GENERIC_READ, false);
}

int os_file_create(int dir, const char *name)
{
    return open_path(os_path_wide(dir, name), GENERIC_READ | GENERIC_WRITE, CREATE_NEW, 0);
}

void os_file_close(int fd)
{
    if (fd >= 0)
        CloseHandle(os_windows_handle(fd));
}

bool os_file_standard_open(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (GetFileType(os_windows_handle(fd)) == FILE_TYPE_UNKNOWN)
            return false;
    return true;
}

/* --- reading and writing --- */

static OVERLAPPED at(uint64_t offset)
{
    return (OVERLAPPED){.Offset = (DWORD)offset, .OffsetHigh = (DWORD)(offset >> 32)};
}

static DWORD call_bytes(size_t size)
{
    return (DWORD)(size < CALL_MAX ? size : CALL_MAX);
}

/* where: the offset; NULL: at the file position. */
static int64_t read_some(int fd, void *bytes, size_t size, OVERLAPPED *where)
{
    DWORD n = 0;
    if (ReadFile(os_windows_handle(fd), bytes, call_bytes(size), &n, where))
        return n;
    if (GetLastError() == ERROR_HANDLE_EOF || GetLastError() == ERROR_BROKEN_PIPE)
        return 0;
    os_windows_failed();
    return -1;
}

int64_t os_file_read_some(int fd, void *bytes, size_t size, uint64_t offset)
{
    OVERLAPPED where = at(offset);
    return read_some(fd, bytes, size, &where);
}

int64_t os_file_read_next(int fd, void *bytes, size_t size)
{
    return read_some(fd, bytes, size, NULL);
}

bool os_file_write_at(int fd, const void *bytes, size_t size, uint64_t offset)
{
    const char *p = bytes;
    while (size > 0) {
        OVERLAPPED where = at(offset);
        DWORD n;
        if (!WriteFile(os_windows_handle(fd), p, call_bytes(size), &n, &where))
            return os_windows_failed();
        p += n;
        size -= n;
        offset += n;
    }
    return true;
}

bool os_file_write(int fd, const void *bytes, size_t size)
{
    const char *p = bytes;
    while (size > 0) {
        DWORD n;
        if (!WriteFile(os_windows_handle(fd), p, call_bytes(size), &n, NULL))
            return os_windows_failed();
        p += n;
        size -= n;
    }
    return true;
}

/* Refuses a pipe: FlushFileBuffers would wait until another process has read everything. */
bool os_file_sync(int fd)
{
    HANDLE file = os_windows_handle(fd);
    if (GetFileType(file) == FILE_TYPE_DISK)
        return FlushFileBuffers(file) || os_windows_failed();
    errno = EINVAL;
    return false;
}

/*
 * Names need no other sync: the sync of a new file makes its name durable, too, and
 * MOVEFILE_WRITE_THROUGH a name that is changed.
 */
bool os_file_sync_dir(int dir)
{
    return dir >= 0;
}

/* --- looking --- */

static int64_t seconds_of(LARGE_INTEGER time)
{
    return time.QuadPart / UNIT_S - EPOCH_S;
}

static enum os_file_kind kind_of(HANDLE file, DWORD attributes)
{
    FILE_ATTRIBUTE_TAG_INFO tag = {.ReparseTag = 0};
    if (attributes & FILE_ATTRIBUTE_REPARSE_POINT &&
        GetFileInformationByHandleEx(file, FileAttributeTagInfo, &tag, sizeof tag) &&
        IsReparseTagNameSurrogate(tag.ReparseTag))
        return OS_FILE_LINK;
    if (attributes & FILE_ATTRIBUTE_DIRECTORY)
        return OS_FILE_DIRECTORY;
    return GetFileType(file) == FILE_TYPE_DISK ? OS_FILE_REGULAR : OS_FILE_OTHER;
}

bool os_file_look_at(int fd, struct os_file_info *info)
{
    HANDLE file = os_windows_handle(fd);
    BY_HANDLE_FILE_INFORMATION more;
    FILE_STANDARD_INFO size;
    FILE_BASIC_INFO basic;
    *info = (struct os_file_info){.kind = OS_FILE_OTHER};
    if (!GetFileInformationByHandleEx(file, FileBasicInfo, &basic, sizeof basic) ||
        !GetFileInformationByHandleEx(file, FileStandardInfo, &size, sizeof size))
        return GetFileType(file) != FILE_TYPE_DISK || os_windows_failed();
    if (!GetFileInformationByHandle(file, &more)) /* some file systems have no file numbers */
        more.nFileIndexHigh = more.nFileIndexLow = 0;
    *info = (struct os_file_info){
        .changed = seconds_of(basic.ChangeTime),
        .modified = seconds_of(basic.LastWriteTime),
        .bytes = (uint64_t)size.EndOfFile.QuadPart,
        .disk_bytes = (uint64_t)size.AllocationSize.QuadPart,
        .inode = ((uint64_t)more.nFileIndexHigh << 32) + more.nFileIndexLow,
        .kind = kind_of(file, basic.FileAttributes),
    };
    return true;
}

bool os_file_look(int dir, const char *name, struct os_file_info *info)
{
    int fd = open_here(dir, name, FILE_READ_ATTRIBUTES, true);
    bool ok = fd >= 0 && os_file_look_at(fd, info);
    os_file_close(fd);
    return ok;
}

bool os_file_exists(int dir, const char *name)
{
    struct os_file_info info;
    return os_file_look(dir, name, &info);
}

int64_t os_file_size(int fd)
{
    LARGE_INTEGER size;
    if (GetFileSizeEx(os_windows_handle(fd), &size))
        return size.QuadPart;
    os_windows_failed();
    return -1;
}

bool os_file_each(int dir, bool (*each)(void *ctx, const char *name), void *ctx)
{
    WIN32_FIND_DATAW entry;
    WCHAR *pattern = os_path_pattern(dir);
    if (!pattern)
        return false;
    HANDLE search = FindFirstFileW(pattern, &entry);
    DWORD error = search == INVALID_HANDLE_VALUE ? GetLastError() : 0;
    free(pattern);
    bool on = true;
    while (error == 0 && on) {
        bool dot = wcscmp(entry.cFileName, L".") == 0 || wcscmp(entry.cFileName, L"..") == 0;
        char *name = dot ? NULL : os_path_name_of(entry.cFileName);
        on = dot || (name && each(ctx, name));
        if (!dot && !name)
            error = ERROR_NOT_ENOUGH_MEMORY;
        free(name);
        if (on && !FindNextFileW(search, &entry))
            error = GetLastError();
    }
    if (search != INVALID_HANDLE_VALUE)
        FindClose(search);
    SetLastError(error);
    return error == 0 || error == ERROR_NO_MORE_FILES || error == ERROR_FILE_NOT_FOUND ||
           os_windows_failed();
}

bool os_file_resolve(const char *path, char target[OS_FILE_PATH_BYTES])
{
    int fd = open_here(OS_FILE_CWD, path, FILE_READ_ATTRIBUTES, false);
    bool ok = fd >= 0 && os_path_of(fd, target, OS_FILE_PATH_BYTES);
    os_file_close(fd);
    return ok;
}

/* --- names --- */

bool os_file_make_dir(int dir, const char *name)
{
    WCHAR *path = os_path_wide(dir, name);
    bool ok = path && (CreateDirectoryW(path, os_windows_private_access()) || os_windows_failed());
    free(path);
    return ok;
}

bool os_file_remove_dir(int dir, const char *name)
{
    WCHAR *path = os_path_wide(dir, name);
    bool ok = path && (RemoveDirectoryW(path) || os_windows_failed());
    free(path);
    return ok;
}

bool os_file_remove(int dir, const char *name)
{
    struct os_file_info info;
    WCHAR *path = os_path_wide(dir, name);
    bool ok = path && (DeleteFileW(path) || os_windows_failed());
    if (!ok && path && errno == EACCES && os_file_look(dir, name, &info) &&
        info.kind == OS_FILE_DIRECTORY)
        errno = EISDIR;
    free(path);
    return ok;
}

bool os_file_rename_new(int from_dir, const char *from, int to_dir, const char *to)
{
    WCHAR *old = os_path_wide(from_dir, from), *new = os_path_wide(to_dir, to);
    bool ok = old && new && (MoveFileExW(old, new, MOVEFILE_WRITE_THROUGH) || os_windows_failed());
    free(old);
    free(new);
    return ok;
}

/* Replaces a file even while it is open. Windows 10 can do that, on NTFS. */
static bool replace_open(const WCHAR *old, const WCHAR *new)
{
    size_t n = wcslen(new) * sizeof *new, size = sizeof(FILE_RENAME_INFO) + n;
    FILE_RENAME_INFO *info = calloc(1, size);
    HANDLE file = CreateFileW(old, DELETE | GENERIC_WRITE, SHARED, NULL, OPEN_EXISTING, 0, NULL);
    bool ok = false;
    if (info && file != INVALID_HANDLE_VALUE) {
        info->Flags = FILE_RENAME_FLAG_REPLACE_IF_EXISTS | FILE_RENAME_FLAG_POSIX_SEMANTICS;
        info->FileNameLength = (DWORD)n;
        memcpy(info->FileName, new, n);
        ok = SetFileInformationByHandle(file, RENAME_INFO_EX, info, (DWORD)size) &&
             FlushFileBuffers(file);
    }
    if (file != INVALID_HANDLE_VALUE)
        CloseHandle(file);
    free(info);
    return ok;
}

/* Replaces in two steps if nothing else is possible: between them, the old file is NAME.old. */
static bool replace_aside(const WCHAR *old, const WCHAR *new)
{
    size_t n = wcslen(new);
    WCHAR *aside = malloc((n + sizeof ".old") * sizeof *aside);
    if (!aside || GetFileAttributesW(new) & FILE_ATTRIBUTE_DIRECTORY) {
        free(aside);
        return false;
    }
    memcpy(aside, new, n * sizeof *aside);
    /* NOLINTNEXTLINE(clang-analyzer-alpha.unix.cstring.OutOfBounds): there is room for it. */
    memcpy(aside + n, L".old", sizeof L".old");
    DeleteFileW(aside);
    bool ok = MoveFileExW(new, aside, MOVEFILE_WRITE_THROUGH);
    if (ok && !MoveFileExW(old, new, MOVEFILE_WRITE_THROUGH)) {
        DWORD error = GetLastError();
        MoveFileExW(aside, new, MOVEFILE_WRITE_THROUGH);
        SetLastError(error);
        ok = false;
    }
    if (ok)
        DeleteFileW(aside);
    free(aside);
    return ok;
}

bool os_file_rename_over(int from_dir, const char *from, int to_dir, const char *to)
{
    WCHAR *old = os_path_wide(from_dir, from), *new = os_path_wide(to_dir, to);
    bool ok =
        old && new &&
        (replace_open(old, new) ||
         MoveFileExW(old, new, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH) ||
         (GetLastError() == ERROR_ACCESS_DENIED && replace_aside(old, new)) || os_windows_failed());
    free(old);
    free(new);
    return ok;
}
