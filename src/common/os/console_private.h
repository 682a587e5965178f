/* SPDX-License-Identifier: ISC */
/*
 * os_console_private: the parts of os_tty on Windows. A console takes and gives UTF-16; the program
 * sees UTF-8, and the bytes that a terminal elsewhere would send and obey. For one thread.
 */
#ifndef OS_CONSOLE_PRIVATE_H
#define OS_CONSOLE_PRIVATE_H

#include "base/span.h"
#include "windows_private.h"

/*
 * Once, before anything is written: standard output and error become UTF-8 where they are consoles,
 * and are held back until they are flushed, since a console cannot put together a character that
 * comes in pieces. If the console obeys sequences such as ESC[1m, that is turned on. At the end of
 * the process the console is as before.
 */
void os_console_begin(void);

/* Whether this is a console that obeys sequences, after os_console_begin. */
bool os_console_obeys(HANDLE screen);

/* Writes UTF-8 text to a console. A failure is not noticed. */
void os_console_write(HANDLE screen, struct span text);

/* The same for text with the sequences that os_tty_draw allows, on every console. */
void os_console_draw(HANDLE screen, struct span text);

#define OS_CONSOLE_ROOM    8192 /* bytes */
#define OS_CONSOLE_RECORDS 64   /* records whose bytes find room, if no key is repeated */

/* What was typed, as bytes. */
struct os_console_typed {
    char bytes[OS_CONSOLE_ROOM];
    size_t n;
    WCHAR high; /* the first half of a character whose second half comes next, or 0 */
};

/* Adds a UTF-16 unit. Half a character that is alone is dropped, as is what finds no room. */
void os_console_type(struct os_console_typed *t, WCHAR unit);

/*
 * Adds what a terminal sends for a key: UTF-8, ESC before it if Alt is held, a sequence for an
 * arrow and the like; as often as it is repeated. Ctrl-Z, which ends the input here, becomes
 * Ctrl-D.
 */
void os_console_press(struct os_console_typed *t, const KEY_EVENT_RECORD *key);

/*
 * Turns modes of the console at descriptor 0 off and on, for raw mode or not, until
 * os_console_modes_end, or until the process ends.
 */
void os_console_modes(DWORD off, DWORD on, bool raw);
void os_console_modes_end(void);

#endif
