/* SPDX-License-Identifier: ISC */
#include "os/edit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/file.h"

/* O_NONBLOCK: opening a FIFO must not wait. It has no effect on regular files. */
int os_edit_open(const char *path)
{
    struct os_file_info info;
    int fd =
        TEMP_FAILURE_RETRY(open(path, O_RDWR | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600));
    if (fd < 0)
        return -1;
    bool known = os_file_look_at(fd, &info);
    if (known && info.kind == OS_FILE_REGULAR)
        return fd;
    if (known)
        errno = EINVAL;
    os_file_close(fd);
    return -1;
}

bool os_edit_date(int fd, int64_t seconds)
{
    const struct timespec both[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = seconds}};
    return futimens(fd, both) == 0;
}

bool os_edit_cut(int fd, uint64_t bytes)
{
    return TEMP_FAILURE_RETRY(ftruncate(fd, (off_t)bytes)) == 0;
}
