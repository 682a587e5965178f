/* SPDX-License-Identifier: ISC */
/*
 * What only a server asks of the clock.
 */
#include <sys/timex.h>

#include "os/clock.h"

int64_t os_clock_boot_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool os_clock_is_kept_right(void)
{
    struct timex t = {.modes = 0};
    return ntp_adjtime(&t) != TIME_ERROR;
}
