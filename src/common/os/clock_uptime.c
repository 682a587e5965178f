/* SPDX-License-Identifier: ISC */
#include "os/clock.h"

int64_t os_clock_uptime(void)
{
    return os_clock_boot_ms() / 1000;
}
