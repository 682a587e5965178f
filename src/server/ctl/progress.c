/* SPDX-License-Identifier: ISC */
#include "ctl/progress.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "os/clock.h"
#include "os/tty.h"

#define EVERY_MS 100

static bool shown;
static int64_t next_ms;

bool ctl_progress_shows(void)
{
    return os_tty_has_sequences(2);
}

void ctl_progress_show(const char *format, ...)
{
    int64_t now_ms = os_clock_ms();
    va_list args;
    if (now_ms < next_ms || !ctl_progress_shows())
        return;
    fputs("\r\033[K", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fflush(stderr);
    shown = true;
    next_ms = now_ms + EVERY_MS;
}

void ctl_progress_hide(void)
{
    if (shown)
        fputs("\r\033[K", stderr);
    shown = false;
}
