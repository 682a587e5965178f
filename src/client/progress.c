/* SPDX-License-Identifier: ISC */
#include "client/progress.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "client/language.h"
#include "os/clock.h"
#include "os/tty.h"

#define EVERY_MS 100
#define ROOM     50 /* columns for the numbers and the edges */
#define MOST     60 /* columns of the bar */

static bool shown;
static int64_t shown_ms;

void progress_show(uint64_t done, uint64_t total)
{
    int64_t now_ms = os_clock_ms();
    if (!os_tty_has_sequences(2) || total == 0 ||
        (shown && done < total && now_ms - shown_ms < EVERY_MS))
        return;
    unsigned columns = os_tty_columns(2), width = columns > ROOM ? columns - ROOM : 0;
    width = width > MOST ? MOST : width;
    unsigned full = (unsigned)((double)width * (double)done / (double)total);
    char bar[MOST + 1];
    /* cppcheck-suppress knownConditionTrueFalse ; a terminal has more than ROOM columns */
    for (unsigned i = 0; i < width; i++)
        bar[i] = i < full ? '#' : ' ';
    bar[width] = '\0';
    fprintf(stderr, _("\r[%s] %" PRIu64 " of %" PRIu64), bar, done, total);
    fflush(stderr);
    shown = true;
    shown_ms = now_ms;
}

void progress_hide(void)
{
    if (shown)
        fputs("\r\033[K", stderr);
    fflush(stderr);
    shown = false;
}
