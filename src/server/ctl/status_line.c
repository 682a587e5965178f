/* SPDX-License-Identifier: ISC */
#include "ctl/status_line.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "os/clock.h"
#include "os/tty.h"

#define EVERY_MS 100

static bool shown;
static int64_t shown_ms;

bool status_line_is_due(void)
{
    int64_t now_ms = os_clock_ms();
    bool due = os_tty_has_sequences(2) && now_ms - shown_ms >= EVERY_MS;
    if (due)
        shown_ms = now_ms;
    return due;
}

void status_line_show(const char *format, ...)
{
    va_list args;
    fputs("\r\033[K", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fflush(stderr);
    shown = true;
}

void status_line_hide(void)
{
    if (shown)
        fputs("\r\033[K", stderr);
    fflush(stderr);
    shown = false;
}
