/* SPDX-License-Identifier: ISC */
#include "cut.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

/* Both file systems' own headers say so; linux/fs.h does not yet. */
#define FS_IOC_SHUTDOWN   _IOR('X', 125, uint32_t)
#define SHUTDOWN_NO_FLUSH 2

static bool failed(const char *what, const struct cut *c)
{
    printf("# %s %s: %s\n", what, c->mount, strerror(errno));
    return false;
}

bool cut_power(const struct cut *c)
{
    uint32_t how = SHUTDOWN_NO_FLUSH;
    int fd = open(c->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && ioctl(fd, FS_IOC_SHUTDOWN, &how) == 0;

    if (!ok)
        failed("cannot shut down", c);
    if (fd >= 0)
        close(fd);
    return ok;
}

bool cut_recover(const struct cut *c)
{
    if (umount2(c->mount, 0) != 0)
        return failed("cannot unmount", c);
    if (mount(c->device, c->mount, c->type, MS_NOATIME, NULL) != 0)
        return failed("cannot mount", c);
    return true;
}
