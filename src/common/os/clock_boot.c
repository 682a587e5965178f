/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "os/clock.h"
#include "os/file.h"

bool os_clock_boot(char boot[OS_CLOCK_BOOT_BYTES])
{
    int fd = os_file_open(OS_FILE_CWD, "/proc/sys/kernel/random/boot_id");
    int64_t n = fd >= 0 ? os_file_read_at(fd, boot, OS_CLOCK_BOOT_BYTES - 1, 0) : 0;
    os_file_close(fd);
    boot[n > 0 ? n : 0] = '\0';
    boot[strspn(boot, "0123456789abcdefABCDEF-")] = '\0';
    return boot[0];
}
