/* SPDX-License-Identifier: ISC */
#include "os/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int os_lock_open(int dir, const char *name)
{
    return TEMP_FAILURE_RETRY(openat(dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW));
}

bool os_lock_set(int fd, long byte, enum os_lock lock)
{
    static const short types[] = {
        [OS_LOCK_NONE] = F_UNLCK, [OS_LOCK_SHARED] = F_RDLCK, [OS_LOCK_EXCLUSIVE] = F_WRLCK};
    struct flock fl = {.l_type = types[lock], .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
    while (fcntl(fd, F_OFD_SETLK, &fl) != 0) {
        if (errno == EACCES)
            errno = EAGAIN;
        if (errno != EINTR)
            return false;
    }
    return true;
}

bool os_lock_is_held(int fd, long byte)
{
    struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
    return fcntl(fd, F_OFD_GETLK, &fl) == 0 && fl.l_type != F_UNLCK;
}

bool os_lock_is_named(int fd, int dir, const char *name)
{
    struct stat mine, named;
    bool known = fstat(fd, &mine) == 0 && fstatat(dir, name, &named, AT_SYMLINK_NOFOLLOW) == 0;
    if (known && mine.st_dev == named.st_dev && mine.st_ino == named.st_ino)
        return true;
    if (known || errno == ENOENT)
        errno = 0;
    return false;
}

bool os_lock_take_over(int fd, int number)
{
    bool ok = dup3(fd, number, O_CLOEXEC) >= 0;
    int error = errno;
    close(fd);
    errno = error;
    return ok;
}
